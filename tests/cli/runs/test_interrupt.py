"""The first Ctrl-C ends the work after what has begun, the second one at once."""

import signal
import threading

import pytest

from tock.cli.runs.interrupt import stopped_by_interrupt


def test_the_first_one_is_heard_of_and_the_second_one_interrupts() -> None:
    before = signal.getsignal(signal.SIGINT)

    with stopped_by_interrupt() as stopping:
        assert not stopping.is_set()
        signal.raise_signal(signal.SIGINT)
        assert stopping.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    assert signal.getsignal(signal.SIGINT) is before


def test_afterwards_ctrl_c_is_as_before() -> None:
    before = signal.getsignal(signal.SIGINT)

    with stopped_by_interrupt():
        assert signal.getsignal(signal.SIGINT) is not before

    assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_changes_nothing() -> None:
    before, seen = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with stopped_by_interrupt() as stopping:
            seen.append((signal.getsignal(signal.SIGINT), stopping.is_set()))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert seen == [(before, False)]
