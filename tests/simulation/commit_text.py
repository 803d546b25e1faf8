"""A Commit as one line of a trace."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tock.ports.store import Write


def commit_text(writes: Sequence[Write]) -> str:
    """Return the Commit as one line."""
    return "commit " + ", ".join(map(_write_text, writes))


def _write_text(write: Write) -> str:
    match write:
        case _ if hasattr(write, "after"):
            return f"{_subject(write.after)} {_differences(write.before.value, write.after)}"
        case _ if hasattr(write, "value"):
            return f"{type(write).__name__.lower()} {_subject(write.value)}"
        case _:
            return type(write).__name__


def _subject(document: Any) -> str:
    kind = type(document).__name__.lower()
    match kind:
        case "run":
            return f"run {document.id[:8]} ({document.trigger} {document.scheduled_for:%H:%M:%S} {document.status})"
        case "revision":
            return f"revision {document.trigger} {document.number}"
        case "chunk":
            return f"chunk {document.run[:8]} {document.first_seq}"
        case _:
            return f"{kind} {getattr(document, 'id', '')[:12]}"


def _differences(before: Any, after: Any) -> str:
    shown = []
    for name in type(after).model_fields:
        old, new = getattr(before, name), getattr(after, name)
        if old is not new and old != new and name not in {"attempts", "claimed", "input"}:
            shown.append(f"{name}={_value(new)}")
    return "{" + ", ".join(shown) + "}"


def _value(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%H:%M:%S.%f}"[:-3]
    if isinstance(value, str):
        return value[:20]
    if hasattr(value, "expires_at"):
        return f"{value.owner[:6]} until {value.expires_at:%H:%M:%S}"
    return str(value)[:60]
