"""What the events of a run say, in plain words."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tock.cli.input.when import Here
from tock.cli.output.moments import relative

if TYPE_CHECKING:
    from tock.client.server_sent import UnreadableEvents
    from tock.core.run.events.event import Event

Data = Mapping[str, Any]
#: From this on, the day stands before the time of what is to come.
_LONG = timedelta(hours=12)
#: Ends of an attempt behind which the next event says all that there is to say.
_TOLD_BY_NEXT = frozenset({"succeeded", "waiting", "continued", "cancelled"})


def told(events: "Iterable[Event | UnreadableEvents]", *, here: Callable[[], Here]) -> Iterator[str]:
    """Yield a text for each event, with its time before it; the end of an attempt and what follows are one text.

    `here` is asked anew for each event.
    """
    ended = ""
    for event in events:
        if event.kind == "run.attempt_ended":
            # The event that says what follows comes with it.
            ended = _ended(event)
            continue
        where = here()
        time, words = clock(event, here=where), words_of(event, here=where)
        if ended:
            joined = event.kind == "run.retry_scheduled"
            yield f"{time}  {ended}; {words}" if joined else f"{time}  {ended}"
            ended = ""
            if joined:
                continue
        yield f"{time}  {words}"


def words_of(event: "Event | UnreadableEvents", *, here: Here) -> str:
    """Return what the event says."""
    known = _WORDS.get(event.kind)
    if known is not None and isinstance(event.data, dict):
        return known(event, event.data, here)
    return f"{event.kind}  {json.dumps(event.data, ensure_ascii=False)}"


def clock(event: "Event | UnreadableEvents", *, here: Here) -> str:
    """Return at which time of the day it happened."""
    return "        " if event.at is None else event.at.astimezone(here.zone).strftime("%H:%M:%S")


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


def _waiting(data: Data, *, here: Here) -> str:
    question = f": {data['question']}" if data.get("question") else ""
    return f"waits for {data.get('wait_for')} until {_until(data.get('deadline'), here=here)}{question}"


def _answered(data: Data) -> str:
    verdict = {True: "approved", False: "rejected"}.get(data.get("approved"), "answered")  # type: ignore[arg-type]
    note = f": {data['note']}" if data.get("note") else ""
    return f"{verdict} by {data.get('by')}{note}"


def _until(at: Any, *, here: Here) -> str:
    """Return a time, and how long it is until then if it has not come."""
    if not isinstance(at, str):
        return ""
    then = datetime.fromisoformat(at)
    if then <= here.now:
        return _clock(at, here=here)
    day = then.astimezone(here.zone).strftime("%Y-%m-%d ") if then - here.now >= _LONG else ""
    return f"{day}{_clock(at, here=here)} ({relative(then, now=here.now)})"


def _clock(at: Any, *, here: Here) -> str:
    return datetime.fromisoformat(at).astimezone(here.zone).strftime("%H:%M:%S") if isinstance(at, str) else ""


#: What the events of each kind say, of the event, its data, and when and where it is read.
_WORDS: "Mapping[str, Callable[[Event | UnreadableEvents, Data, Here], str]]" = {
    "run.created": lambda _, data, here: (
        f"created by {data.get('by')}, scheduled for {_clock(data.get('scheduled_for'), here=here)}"
    ),
    "run.started": lambda event, *_: f"attempt {event.attempt} started",
    "run.attempt_ended": lambda event, data, _: _ended(event) or f"attempt {event.attempt} {data.get('status')}",
    "run.retry_scheduled": lambda _, data, here: (
        f"attempt {data.get('attempt')} of {data.get('of')} at {_until(data.get('at'), here=here)}"
    ),
    "run.continued": lambda _, data, here: f"goes on at {_until(data.get('at'), here=here)}",
    "run.held": lambda _, data, __: _held(data),
    "run.promoted": lambda _, data, __: _let_go(data),
    "run.waiting": lambda _, data, here: _waiting(data, here=here),
    "run.answered": lambda _, data, __: _answered(data),
    "run.cancel_requested": lambda _, data, __: f"{data.get('by')} asks to stop the run: {data.get('reason')}",
    "run.signal": lambda _, data, __: f"{data.get('by')} to the agent: {data.get('message')}",
    "run.settled": lambda _, data, __: _settled(data),
    "log": lambda _, data, __: str(data.get("text")),
    "unreadable": lambda _, data, __: f"event {data.get('id')} cannot be read: {data.get('problem')}",
}
