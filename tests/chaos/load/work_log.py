"""The log in which agents record their work, outside Firestore: one file per process, one JSON line per start or end.

A line is written by one append, so that it is whole or absent, and it survives when the process is killed.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaos.load.work_line import append_line
from tock.ports.executor import AnyRunContext


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
def logged_work(run: AnyRunContext, *, instance: int) -> Iterator[None]:
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
    key = append_line(started, instance=instance)
    outcome = "stopped"
    try:
        yield
        outcome = "done"
    except Exception:
        outcome = "failed"
        raise
    finally:
        append_line({"event": "end", "span": key, "outcome": outcome}, instance=instance)


@dataclass(frozen=True, slots=True)
class Note:
    """What an agent noted beside its work: a message that it `heard`, the conversation that it `loaded` or `saved`."""

    kind: str
    project: str
    run: str
    attempt: int
    value: Any


def note(run: AnyRunContext, kind: str, value: Any, *, instance: int) -> None:
    """Log a note."""
    told = {"event": "note", "kind": kind, "project": run.project, "run": run.run, "attempt": run.attempt}
    append_line(told | {"value": value}, instance=instance)


def read_notes(directory: Path) -> list[Note]:
    """Return all notes of the log files, each agent's in their order."""
    lines = (json.loads(text) for file in sorted(directory.glob("*.jsonl")) for text in file.read_text().splitlines())
    return [
        Note(line["kind"], line["project"], line["run"], line["attempt"], line["value"])
        for line in lines
        if line["event"] == "note"
    ]


def read_work_logs(directory: Path) -> list[WorkSpan]:
    """Return all spans of the log files, in the order of their starts."""
    starts: list[tuple[dict[str, Any], str]] = []
    ends: dict[str, tuple[dict[str, Any], str]] = {}
    for file in sorted(directory.glob("*.jsonl")):
        for text in file.read_text().splitlines():
            line = json.loads(text)
            if line["event"] == "start":
                starts.append((line, text))
            elif line["event"] == "end":
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
