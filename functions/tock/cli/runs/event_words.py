"""What the events of a run say, in plain words."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tock.client.server_sent import UnreadableEvents
    from tock.core.run.event import Event

Data = Mapping[str, Any]
#: From this on, the day stands before the time of what is to come.
_LONG = timedelta(hours=12)
#: Ends of an attempt behind which the next event says all that there is to say.
_TOLD_BY_NEXT = frozenset({"succeeded", "waiting", "continued", "cancelled"})


def told(events: "Iterable[Event | UnreadableEvents]", *, now: Callable[[], datetime]) -> Iterator[str]:
    """Yield a text for each event, with its time before it; the end of an attempt and what follows are one text."""
    ended = ""
    for event in events:
        if event.kind == "run.attempt_ended":
            # The event that says what follows comes with it.
            ended = _ended(event)
            continue
        words = words_of(event, now=now())
        if ended:
            joined = event.kind == "run.retry_scheduled"
            yield f"{clock(event)}  {ended}; {words}" if joined else f"{clock(event)}  {ended}"
            ended = ""
            if joined:
                continue
        yield f"{clock(event)}  {words}"


def words_of(event: "Event | UnreadableEvents", *, now: datetime) -> str:
    """Return what the event says."""
    known = _WORDS.get(event.kind)
    if known is not None and isinstance(event.data, dict):
        return known(event, event.data, now)
    return f"{event.kind}  {json.dumps(event.data, ensure_ascii=False)}"


def clock(event: "Event | UnreadableEvents") -> str:
    """Return when it happened, by this machine's clock."""
    return "        " if event.at is None else event.at.astimezone().strftime("%H:%M:%S")


def _ended(event: "Event | UnreadableEvents") -> str:
    """Return how the attempt ended, or nothing if what follows says that."""
    data = event.data
    if data.get("status") in _TOLD_BY_NEXT and not data.get("error"):
        return ""
    return f"attempt {event.attempt} {_status(data.get('status'))}{_because(data)}"


def _settled(data: Data) -> str:
    by = f" by {data['cancelled_by']}" if data.get("cancelled_by") else ""
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


def _waiting(data: Data, *, now: datetime) -> str:
    question = f": {data['question']}" if data.get("question") else ""
    return f"waits for {data.get('wait_for')} until {_until(data.get('deadline'), now=now)}{question}"


def _answered(data: Data) -> str:
    verdict = {True: "approved", False: "rejected"}.get(data.get("approved"), "answered")  # type: ignore[arg-type]
    note = f": {data['note']}" if data.get("note") else ""
    return f"{verdict} by {data.get('by')}{note}"


def _until(at: Any, *, now: datetime) -> str:
    """Return a time, and how long it is until then if it has not come."""
    left = datetime.fromisoformat(at) - now if isinstance(at, str) else timedelta()
    if left <= timedelta():
        return _clock(at)
    day = datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d ") if left >= _LONG else ""
    return f"{day}{_clock(at)} (in {_how_long(left)})"


def _how_long(left: timedelta) -> str:
    seconds = left.total_seconds()
    if left < timedelta(minutes=2):
        return f"{round(seconds)} s"
    return f"{round(seconds / 60)} min" if left < timedelta(hours=2) else f"{round(seconds / 3600)} h"


def _clock(at: Any) -> str:
    return datetime.fromisoformat(at).astimezone().strftime("%H:%M:%S") if isinstance(at, str) else ""


#: What the events of each kind say, of the event, its data and the time.
_WORDS: "Mapping[str, Callable[[Event | UnreadableEvents, Data, datetime], str]]" = {
    "run.created": lambda _, data, __: (
        f"created by {data.get('by')}, scheduled for {_clock(data.get('scheduled_for'))}"
    ),
    "run.started": lambda event, *_: f"attempt {event.attempt} started",
    "run.attempt_ended": lambda event, data, _: _ended(event) or f"attempt {event.attempt} {data.get('status')}",
    "run.retry_scheduled": lambda _, data, now: (
        f"attempt {data.get('attempt')} of {data.get('of')} at {_until(data.get('at'), now=now)}"
    ),
    "run.continued": lambda _, data, now: f"goes on at {_until(data.get('at'), now=now)}",
    "run.held": lambda _, data, __: _held(data),
    "run.promoted": lambda _, data, __: _let_go(data),
    "run.waiting": lambda _, data, now: _waiting(data, now=now),
    "run.answered": lambda _, data, __: _answered(data),
    "run.cancel_requested": lambda _, data, __: f"{data.get('by')} asks to stop the run: {data.get('reason')}",
    "run.signal": lambda _, data, __: f"{data.get('by')} to the agent: {data.get('message')}",
    "run.settled": lambda _, data, __: _settled(data),
    "log": lambda _, data, __: str(data.get("text")),
    "unreadable": lambda _, data, __: f"event {data.get('id')} cannot be read: {data.get('problem')}",
}
