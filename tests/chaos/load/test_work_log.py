"""The work log: the start and outcome of each span, and no end for an agent that was killed."""

import signal
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest

from chaos.load.work_line import DIRECTORY
from chaos.load.work_log import logged_work, read_work_logs
from core.builders import NOON
from executors.recorder import Recorder
from tock.ports.executor import RunContext


def a_context(run: str = "run-1", *, attempt: int = 1) -> RunContext:
    return RunContext(
        project="library",
        run=run,
        trigger="digest",
        agent="reader",
        message=None,
        input={},
        model=None,
        ref=None,
        source="schedule",
        attempt=attempt,
        scheduled_for=NOON,
        deadline=NOON + timedelta(minutes=5),
        host=Recorder(),
    )


def test_spans_are_read_back_with_their_outcomes_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DIRECTORY, str(tmp_path))

    with logged_work(a_context("run-1"), instance=7), logged_work(a_context("run-2", attempt=2), instance=7):
        pass
    with pytest.raises(ConnectionError), logged_work(a_context("run-3"), instance=8):
        raise ConnectionError
    with pytest.raises(SystemExit), logged_work(a_context("run-4"), instance=8):
        raise SystemExit

    found = read_work_logs(tmp_path)
    assert [(each.run, each.attempt, each.instance, each.outcome) for each in found] == [
        ("run-1", 1, 7, "done"),
        ("run-2", 2, 7, "done"),
        ("run-3", 1, 8, "failed"),
        ("run-4", 1, 8, "stopped"),
    ]
    first, second = found[:2]
    assert first.ended is not None
    assert second.ended is not None
    assert first.began < second.began < second.ended < first.ended


def test_a_killed_process_leaves_a_start_without_an_end(tmp_path: Path) -> None:
    program = """
        import os, signal
        from chaos.load.work_log import logged_work
        from chaos.load.test_work_log import a_context
        with logged_work(a_context(), instance=os.getpgrp()):
            os.kill(os.getpid(), signal.SIGKILL)
    """

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={"PYTHONPATH": ":".join(sys.path), DIRECTORY: str(tmp_path)},
        check=False,
    )

    assert done.returncode == -signal.SIGKILL
    [found] = read_work_logs(tmp_path)
    assert (found.run, found.attempt, found.ended, found.outcome) == ("run-1", 1, None, None)
