"""What agents write down of their own work, outside of Firestore: a file a process, one JSON line a start or an end.

A line is one append, so that it is whole or absent, and the kernel keeps it when the process is killed.
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

from tock.bootstrap.system import SystemClock
from tock.ports.executor import RunContext

#: The variable that names the directory of the diaries.
DIRECTORY = "TOCK_CHAOS_DIARIES"


@dataclass(frozen=True, slots=True)
class Stint:
    """One stretch of work on one attempt; times in seconds of the machine's monotonic clock."""

    project: str
    run: str
    attempt: int
    #: The process group of the function that the agent worked for.
    instance: int
    began: float
    ended: float | None
    #: `done`, `failed` or `stopped`; None without an end.
    outcome: str | None
    lines: tuple[str, ...]


@contextmanager
def stint(run: RunContext, *, instance: int) -> Iterator[None]:
    """Note the start now, and at the end of the block how it ended."""
    started = {
        "event": "start",
        "project": run.project,
        "run": run.run,
        "attempt": run.attempt,
        "trigger": run.trigger,
        "agent": run.agent,
        "scheduled_for": run.scheduled_for.isoformat(),
    }
    key = _note(started, instance=instance)
    outcome = "stopped"
    try:
        yield
        outcome = "done"
    except Exception:
        outcome = "failed"
        raise
    finally:
        _note({"event": "end", "stint": key, "outcome": outcome}, instance=instance)


def read_diaries(directory: Path) -> list[Stint]:
    """Return all stints that the files hold, by their start."""
    starts: list[tuple[dict[str, Any], str]] = []
    ends: dict[str, tuple[dict[str, Any], str]] = {}
    for file in sorted(directory.glob("*.jsonl")):
        for text in file.read_text().splitlines():
            line = json.loads(text)
            if line["event"] == "start":
                starts.append((line, text))
            else:
                ends[line["stint"]] = (line, text)
    return sorted((_stint(*start, end=ends.get(start[0]["id"])) for start in starts), key=lambda each: each.began)


def _stint(start: dict[str, Any], text: str, *, end: tuple[dict[str, Any], str] | None) -> Stint:
    return Stint(
        project=start["project"],
        run=start["run"],
        attempt=start["attempt"],
        instance=start["instance"],
        began=start["monotonic"],
        ended=None if end is None else end[0]["monotonic"],
        outcome=None if end is None else end[0]["outcome"],
        lines=(text,) if end is None else (text, end[1]),
    )


def _note(event: dict[str, Any], *, instance: int) -> str:
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
