"""The JSON lines that the python executor and its worker process exchange.

To the worker: one start frame, then `{"cancelled": bool}` for each question.
From the worker: `{"event": [kind, data, replaced]}`, `{"question": "cancelled"}`, and finally `{"outcome": {...}}`.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

from tock.core.run.gate import MAX_RESULT_BYTES
from tock.core.run.outcome import Failed, Succeeded, Usage
from tock.ports.executor import RunContext

#: The most bytes of a line: the largest result or event, six times over for JSON escapes, and its frame.
MAX_LINE = 6 * MAX_RESULT_BYTES + 64 * 1024

_CALLABLES = {"report", "cancellation", "notice"}
_TIMES = {"scheduled_for", "deadline"}


def line(frame: dict[str, Any]) -> bytes:
    """Return a frame as one line of JSON; raises TypeError or ValueError when it is not JSON."""
    return json.dumps(frame, allow_nan=False).encode() + b"\n"


def context_to_frame(context: RunContext) -> dict[str, Any]:
    """Return the context's values as JSON, without its callables."""
    values = {field.name: getattr(context, field.name) for field in fields(context) if field.name not in _CALLABLES}
    times = {name: values[name].isoformat() for name in _TIMES}
    return {**values, **times, "input": dict(context.input)}


def context_from_frame(
    frame: dict[str, Any], *, report: Callable[[str, Any, bool], None], cancellation: Callable[[], bool]
) -> RunContext:
    """Return the context that `context_to_frame` wrote, with the callables of this process."""
    times = {name: datetime.fromisoformat(frame[name]) for name in _TIMES}
    return RunContext(**{**frame, **times}, report=report, cancellation=cancellation)


def outcome_to_frame(outcome: Succeeded | Failed) -> dict[str, Any]:
    """Return an outcome as JSON, with `retry_after` in seconds."""
    match outcome:
        case Succeeded():
            return {"status": "succeeded", **asdict(outcome)}
        case Failed():
            wait = outcome.retry_after
            seconds = wait.total_seconds() if wait is not None else None
            return {"status": "failed", **asdict(outcome), "retry_after": seconds}


def outcome_from_frame(frame: dict[str, Any]) -> Succeeded | Failed:
    """Return the outcome that `outcome_to_frame` wrote. Raises KeyError or TypeError if it did not write the frame."""
    if frame["status"] == "succeeded":
        return Succeeded(frame["result"], usage=Usage(**frame["usage"]), warnings=tuple(frame["warnings"]))
    seconds = frame["retry_after"]
    return Failed(
        type=frame["type"],
        message=frame["message"],
        retryable=frame["retryable"],
        retry_after=timedelta(seconds=seconds) if seconds is not None else None,
    )
