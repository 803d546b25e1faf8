"""What the events of a run say, in plain words."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from tock.web.resources.authors import author_text

Data = Mapping[str, Any]
#: Ends of an attempt behind which the next event says all that there is to say.
_TOLD_BY_NEXT = frozenset({"succeeded", "waiting", "continued", "cancelled"})


class Times(Protocol):
    """How whoever reads the words reads times."""

    def clock(self, at: datetime) -> str:
        """Return the time of the day."""
        ...

    def until(self, at: datetime) -> str:
        """Return the time, and how long it is until then if it has not come."""
        ...


def words_of(kind: str, data: Any, *, attempt: int | None, times: Times) -> str | None:
    """Return what an event says; None if only its data do, as those of agents' own kinds."""
    known = _WORDS.get(kind)
    return known(attempt, data, times) if known is not None and isinstance(data, dict) else None


def ended_words(data: Data, *, attempt: int | None) -> str:
    """Return how an attempt ended, or nothing if the event that follows says that."""
    if data.get("status") in _TOLD_BY_NEXT and not data.get("error"):
        return ""
    return f"attempt {attempt} {_status(data.get('status'))}{_because(data)}"


def _settled(data: Data) -> str:
    by = f" by {_author(data['cancelled_by'])}" if data.get("cancelled_by") else ""
    return f"run {_status(data.get('status'))}{by}{_because(data)}{_untaken(data.get('untaken_messages'))}"


def _untaken(messages: Any) -> str:
    if not messages:
        return ""
    return f" ({messages} {'message' if messages == 1 else 'messages'} came too late for its agent)"


def _because(data: Data) -> str:
    error = data.get("error")
    why = f"{error.get('type')}: {error.get('message')}" if isinstance(error, dict) else data.get("reason")
    return f": {why}" if why else ""


def _status(status: Any) -> str:
    return {"timed_out": "timed out", "lost": "was lost"}.get(status, str(status))


def _held(data: Data) -> str:
    if data.get("in_line"):
        return f"in line for a slot of {data['in_line']}"
    return f"held behind run {data.get('behind')}"


def _let_go(data: Data) -> str:
    why = f"a slot of {data['in_line']} is free" if data.get("in_line") else f"run {data.get('behind')} has ended"
    return f"{why}: goes on"


def _waiting(data: Data, *, times: Times) -> str:
    question = f": {data['question']}" if data.get("question") else ""
    return f"waits for {data.get('wait_for')} until {_until(data.get('deadline'), times=times)}{question}"


def _answered(data: Data) -> str:
    verdict = {True: "approved", False: "rejected"}.get(data.get("approved"), "answered")  # type: ignore[arg-type]
    note = f": {data['note']}" if data.get("note") else ""
    return f"{verdict} by {_author(data.get('by'))}{note}"


def _created(data: Data, *, times: Times) -> str:
    at = _clock(data.get("scheduled_for"), times=times)
    by = data.get("by")
    return f"planned for {at}" if by == "schedule" else f"asked for by {_author(by)} at {at}"


def _author(by: Any) -> str:
    return author_text(str(by))


def _clock(at: Any, *, times: Times) -> str:
    return times.clock(datetime.fromisoformat(at)) if isinstance(at, str) else ""


def _until(at: Any, *, times: Times) -> str:
    return times.until(datetime.fromisoformat(at)) if isinstance(at, str) else ""


#: What the events of each kind say, of its attempt and its data, with times as they are read.
_WORDS: Mapping[str, Callable[[int | None, Data, Times], str | None]] = {
    "run.created": lambda _, data, times: _created(data, times=times),
    "run.started": lambda attempt, *_: f"attempt {attempt} started",
    "run.attempt_ended": lambda attempt, data, _: (
        ended_words(data, attempt=attempt) or f"attempt {attempt} {data.get('status')}"
    ),
    "run.retry_scheduled": lambda _, data, times: (
        f"attempt {data.get('attempt')} of {data.get('of')} at {_until(data.get('at'), times=times)}"
    ),
    "run.continued": lambda _, data, times: f"goes on at {_until(data.get('at'), times=times)}",
    "run.held": lambda _, data, __: _held(data),
    "run.promoted": lambda _, data, __: _let_go(data),
    "run.waiting": lambda _, data, times: _waiting(data, times=times),
    "run.answered": lambda _, data, __: _answered(data),
    "run.cancel_requested": lambda _, data, __: f"{_author(data.get('by'))} asks to stop the run: {data.get('reason')}",
    "run.signal": lambda _, data, __: f"{_author(data.get('by'))} to the agent: {data.get('message')}",
    "run.settled": lambda _, data, __: _settled(data),
    "run.warning": lambda _, data, __: data["text"] if isinstance(data.get("text"), str) else None,
    "run.events_dropped": lambda _, data, __: f"{data.get('count')} events before this one were dropped: too many came",
    "run.loop_blocked": lambda _, data, __: (
        f"the agent has kept its process from all other work for {data.get('seconds')} s, at {data.get('where')}"
    ),
    "run.loop_waiting": lambda _, data, __: (
        f"another agent has kept the process that both share from all work for {data.get('seconds')} s"
    ),
    "run.work_abandoned": lambda _, data, __: f"work goes on although the attempt has ended: {data.get('alive')}",
    "log": lambda _, data, __: data["text"] if isinstance(data.get("text"), str) else None,
    "unreadable": lambda _, data, __: f"event {data.get('id')} cannot be read: {data.get('problem')}",
}
