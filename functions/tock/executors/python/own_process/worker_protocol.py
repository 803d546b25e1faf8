"""The JSON lines that the python executor and its worker process exchange.

To the worker: one start frame, then for each question `{"answer": number, "value": …}`, or in the place of the value
`"error": sentence`, `"refused": [field, remedy]` or `"moved": [session, run]`; at the end `{"ended": true}`.
From the worker: `{"event": [kind, data, replaced]}`, `{"log": [text, level]}`, `{"warning": text}`,
`{"usage": {…}}`, `{"question": number, "name": …, "value": …}`, `{"withdraw": number}` for a question whose answer
nobody waits for, `{"traceback": text}` of what ended the attempt, and finally `{"outcome": {…}}`.
"""

import json
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tock.core.run.gate import MAX_RESULT_BYTES, MAX_SESSION_BYTES
from tock.core.run.outcome import AgentOutcome, Continue, Failed, OnDeadline, Succeeded, Usage, WaitFor, Waiting
from tock.ports.executor import AnyRunContext, Callback, GivenAnswer
from tock.ports.host import Message, Previous, PreviousFailure

C = TypeVar("C", bound=AnyRunContext)
#: The most bytes of a line: a session's state or, six times over for JSON escapes, a result; and the line's frame.
MAX_LINE = max(MAX_SESSION_BYTES, 6 * MAX_RESULT_BYTES) + 64 * 1024

_TIMES = {"scheduled_for", "deadline"}
#: The name of each outcome in a frame.
_OUTCOMES = {"succeeded": Succeeded, "failed": Failed, "waiting": Waiting, "continue": Continue}
#: The durations of outcomes, in seconds in a frame.
_DURATIONS = ("retry_after", "deadline", "after")


def line(frame: dict[str, Any]) -> bytes:
    """Return a frame as one line of JSON; raises TypeError or ValueError when it is not JSON."""
    return json.dumps(frame, allow_nan=False).encode() + b"\n"


def context_to_frame(context: AnyRunContext) -> dict[str, Any]:
    """Return the context's values as JSON, without its host."""
    values = {field.name: getattr(context, field.name) for field in fields(context) if field.name != "host"}
    times = {name: values[name].isoformat() for name in _TIMES}
    answer = context.answer
    given = None if answer is None else {**asdict(answer), "at": answer.at.isoformat()}
    callback = None if context.callback is None else asdict(context.callback)
    return {**values, **times, "input": dict(context.input), "answer": given, "callback": callback}


def context_from_frame(frame: dict[str, Any], *, kind: type[C], host: Any) -> C:
    """Return the context that `context_to_frame` wrote, as one of this kind, with the host of this process."""
    times = {name: datetime.fromisoformat(frame[name]) for name in _TIMES}
    given = frame["answer"]
    answer = None if given is None else GivenAnswer(**{**given, "at": datetime.fromisoformat(given["at"])})
    callback = None if frame["callback"] is None else Callback(**frame["callback"])
    return kind(**{**frame, **times, "answer": answer, "callback": callback}, host=host)


def message_to_frame(message: Message) -> dict[str, Any]:
    """Return a message as JSON."""
    return {**asdict(message), "at": message.at.isoformat()}


def message_from_frame(frame: dict[str, Any]) -> Message:
    """Return the message that `message_to_frame` wrote."""
    return Message(**{**frame, "at": datetime.fromisoformat(frame["at"])})


def previous_from_frame(frame: dict[str, Any]) -> Previous:
    """Return what `dataclasses.asdict` made of it."""
    failure = None if frame["failure"] is None else PreviousFailure(**frame["failure"])
    return Previous(result=frame["result"], failure=failure)


def outcome_to_frame(outcome: AgentOutcome) -> dict[str, Any]:
    """Return an outcome as JSON, with its durations in seconds."""
    [name] = [name for name, kind in _OUTCOMES.items() if isinstance(outcome, kind)]
    values = asdict(outcome)
    seconds = {each: values[each].total_seconds() for each in _DURATIONS if values.get(each) is not None}
    return {"status": name, **values, **seconds}


def outcome_from_frame(frame: dict[str, Any]) -> AgentOutcome:
    """Return the outcome that `outcome_to_frame` wrote.

    Raises KeyError, TypeError, ValueError or OverflowError if it did not write the frame.
    """
    kind = _OUTCOMES[frame["status"]]
    values = {name: value for name, value in frame.items() if name != "status"}
    durations = {name: timedelta(seconds=values[name]) for name in _DURATIONS if values.get(name) is not None}
    values |= {**durations, "usage": Usage(**values["usage"])}
    if kind is Succeeded:
        values["warnings"] = tuple(values["warnings"])
    if kind is Waiting:
        values |= {"wait_for": WaitFor(values["wait_for"]), "on_deadline": OnDeadline(values["on_deadline"])}
    outcome: AgentOutcome = kind(**values)
    return outcome
