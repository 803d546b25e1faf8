"""The log in which agents record their work, outside Firestore: one file per process, one JSON line per start or end.

A line is written by one append, so that it is whole or absent, and it survives when the process is killed.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tock.bootstrap.system_clock import SystemClock
from tock.ports.executor import RunContext

#: The environment variable with the directory of the logs.
DIRECTORY = "CHAOS_WORK_LOGS"


@dataclass(frozen=True, slots=True)
class WorkSpan:
    """A span of work on one attempt; times are seconds of the machine's monotonic clock."""

    project: str
    run: str
    attempt: int
    #: The process group of the function that the agent worked for.
    instance: int
    began: float
    ended: float | None
    #: `done`, `failed` or `stopped`; None if there is no end.
    outcome: str | None
    lines: tuple[str, ...]


@contextmanager
def logged_work(run: RunContext, *, instance: int) -> Iterator[None]:
    """Log the start now, and the outcome when the block ends."""
    started = {
        "event": "start",
        "project": run.project,
        "run": run.run,
        "attempt": run.attempt,
        "trigger": run.trigger,
        "agent": run.agent,
        "scheduled_for": run.scheduled_for.isoformat(),
    }
    key = _log(started, instance=instance)
    outcome = "stopped"
    try:
        yield
        outcome = "done"
    except Exception:
        outcome = "failed"
        raise
    finally:
        _log({"event": "end", "span": key, "outcome": outcome}, instance=instance)


def read_work_logs(directory: Path) -> list[WorkSpan]:
    """Return all spans of the log files, in the order of their starts."""
    starts: list[tuple[dict[str, Any], str]] = []
    ends: dict[str, tuple[dict[str, Any], str]] = {}
    for file in sorted(directory.glob("*.jsonl")):
        for text in file.read_text().splitlines():
            line = json.loads(text)
            if line["event"] == "start":
                starts.append((line, text))
            else:
                ends[line["span"]] = (line, text)
    return sorted((_span(*start, end=ends.get(start[0]["id"])) for start in starts), key=lambda each: each.began)


def _span(start: dict[str, Any], text: str, *, end: tuple[dict[str, Any], str] | None) -> WorkSpan:
    return WorkSpan(
        project=start["project"],
        run=start["run"],
        attempt=start["attempt"],
        instance=start["instance"],
        began=start["monotonic"],
        ended=None if end is None else end[0]["monotonic"],
        outcome=None if end is None else end[0]["outcome"],
        lines=(text,) if end is None else (text, end[1]),
    )


def _log(event: dict[str, Any], *, instance: int) -> str:
    now = time.monotonic()
    key = f"{os.getpid()}-{now!r}"
    wall: datetime = SystemClock().now()
    line = event | {"id": key, "pid": os.getpid(), "instance": instance, "monotonic": now, "wall": wall.isoformat()}
    file = os.open(Path(os.environ[DIRECTORY]) / f"{os.getpid()}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(file, json.dumps(line).encode() + b"\n")
    finally:
        os.close(file)
    return key
