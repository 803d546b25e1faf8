"""`tock runs cancel` and `retry`, with `--where`: who is asked, what `--plan` does, and what Ctrl-C stops."""

import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from client.scripted import Answer, Scripted, scripted
from client.shown import a_page, shown_run
from terminal import Type
from tock.cli.exit_status import ExitStatus
from tock.cli.main import main
from tock.cli.runs.bulk import AT_ONCE
from waiting import result_of

Tock = Callable[..., tuple[str, str]]
CANCELLED = Answer(body=shown_run(status="cancelled", previous_status="queued"))
RETRIED = Answer(202, body=shown_run(id="again", status="queued"))
BOTH = pytest.mark.parametrize(("verb", "answer"), [("cancel", CANCELLED), ("retry", RETRIED)])


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as server:
        yield server


@pytest.fixture
def tock(server: Scripted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tock:
    """Call `tock` in this thread; return what it printed, and its error output. `code` is the status to expect."""

    def call(*words: str, code: int = 0) -> tuple[str, str]:
        monkeypatch.setattr(sys, "argv", ["tock", "--server", server.url, "--project", "p", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        output, errors = capsys.readouterr()
        assert ended.value.code == code, output + errors
        return output, errors

    return call


def _sent(server: Scripted) -> list[str]:
    """Return the runs that something was asked of."""
    return sorted(each.path.split("/")[-1] for each in server.requests if each.method == "POST")


def _runs(count: int, **fields: Any) -> Answer:
    return Answer(body=a_page("runs", *(shown_run(id=f"r{number}", **fields) for number in range(count))))


@BOTH
def test_the_number_of_the_runs_is_asked_for(
    server: Scripted,
    tock: Tock,
    typed: Type,
    verb: str,
    answer: Answer,
) -> None:
    server.answer(_runs(3), answer)
    typed("3\n")

    said, asked = tock("runs", verb, "--where", "agent=a")

    assert asked == f"{verb.capitalize()} 3 runs? Type their number, 3: "
    assert said.splitlines()[-1] == f"3 of 3 runs {'cancelled' if verb == 'cancel' else 'repeated'}."
    assert _sent(server) == [f"r{number}:{verb}" for number in range(3)]


@BOTH
def test_another_number_does_nothing(
    server: Scripted,
    tock: Tock,
    typed: Type,
    verb: str,
    answer: Answer,
) -> None:
    server.answer(_runs(3), answer)
    typed("2\n")

    _, said = tock("runs", verb, "--where", "agent=a", code=1)

    assert "Error: '2' is not 3: nothing was done." in said
    assert _sent(server) == []


@BOTH
def test_nobody_is_asked_with_json(
    server: Scripted,
    tock: Tock,
    typed: Type,
    verb: str,
    answer: Answer,
) -> None:
    server.answer(_runs(3), answer)
    typed("3\n")

    printed, said = tock("runs", verb, "--where", "agent=a", "--json", code=2)
    sent = _sent(server)
    server.answer(_runs(3), answer)
    planned, _ = tock("runs", verb, "--where", "agent=a", "--json", "--plan")

    assert (printed, "Say it beforehand: --yes." in said, "Only look: --plan." in said) == ("", True, True)
    assert json.loads(planned)["runs"] == ["r0", "r1", "r2"]
    assert sent == _sent(server) == []


@BOTH
def test_a_plan_of_one_run_is_refused_and_does_nothing(server: Scripted, tock: Tock, verb: str, answer: Answer) -> None:
    server.answer(answer)

    _, said = tock("runs", verb, "one", "--plan", code=2)

    assert "Error: --plan: is for --where, and run one is given." in said
    assert "See it: tock runs show one" in said
    assert server.requests == []


@BOTH
def test_ctrl_c_begins_with_no_further_run_and_says_how_many_were_done(
    server: Scripted, tock: Tock, verb: str, answer: Answer
) -> None:
    is_handled = threading.Event()
    server.answer(_runs(40), Answer(answer.status, answer.body, after=is_handled))
    usual = signal.getsignal(signal.SIGINT)

    def press() -> None:
        result_of(lambda: len(_sent(server)) == AT_ONCE)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        # The second Ctrl-C would be as usual: then the first one has been heard of.
        result_of(lambda: signal.getsignal(signal.SIGINT) is usual)
        is_handled.set()

    pressing = threading.Thread(target=press)
    pressing.start()
    said, _ = tock("runs", verb, "--where", "agent=a", "--yes", code=ExitStatus.INTERRUPTED)
    pressing.join()

    left, done = 40 - AT_ONCE, "cancelled" if verb == "cancel" else "repeated"
    assert said.splitlines()[-1] == f"Stopped. {left} are as they were: {AT_ONCE} of 40 runs {done}."
    assert len(_sent(server)) == AT_ONCE


def test_json_says_what_was_done_before_ctrl_c(server: Scripted, tock: Tock) -> None:
    server.answer(_runs(2), CANCELLED)

    printed: Mapping[str, Any] = json.loads(tock("runs", "cancel", "--where", "agent=a", "--yes", "--json")[0])

    assert (printed["stopped"], len(printed["results"])) == (False, 2)
