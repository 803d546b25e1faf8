"""The history of a run: its events that nobody writes, because the run's document tells them.

What an agent reports is stored in chunks. That a run was created, that its attempts started and ended, and what follows
them, stands in the run. So these events cost no write, and each has a number of its own among the stored ones: the
events of attempt n are numbered from n · EVENTS_PER_ATTEMPT. The first of them says that it started, those from
ENDED_FROM on say how it ended and what that led to. Then come the events that an agent elsewhere sent meanwhile, and
the last ones (`RESERVED`) say what came then. Number 0 stands for the time before the first attempt.

The history of a run is the beginning of every later history of that run: a transition adds events behind the others,
and changes none.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from tock.core.json.value import replace_by_json
from tock.core.run.events.event import ENDED_FROM, EVENTS_PER_ATTEMPT, RESERVED, Event
from tock.core.run.events.event_kind import EventKind
from tock.core.run.gate import MAX_EVENT_BYTES
from tock.core.run.run import Attempt, Run
from tock.core.run.status import AttemptStatus, RunStatus
from tock.core.time.instant import instant_text

#: The numbers of these events within an attempt.
_ENDED, _NEXT = ENDED_FROM, ENDED_FROM + 1
_ANSWERED, _FIRST_HOLD = EVENTS_PER_ATTEMPT - RESERVED, EVENTS_PER_ATTEMPT - RESERVED + 1
_SETTLED = EVENTS_PER_ATTEMPT - 1
#: Attempts after which the run is at work again although the agent has not failed.
_NOT_COUNTED = frozenset({AttemptStatus.LOST, AttemptStatus.CONTINUED, AttemptStatus.WAITING})


def history(run: Run) -> tuple[Event, ...]:
    """Return the events that the run's document tells, in ascending order."""
    return (*_before_attempts(run), *(event for attempt in run.attempts for event in _of_attempt(run, attempt)))


def next_number(run: Run) -> int:
    """Return the number below which all stored events belong to attempts that the run, as it was read, knows."""
    return (len(run.attempts) + 1) * EVENTS_PER_ATTEMPT


def _before_attempts(run: Run) -> Iterator[Event]:
    data = {
        "source": run.source,
        "scheduled_for": run.scheduled_for,
        "trigger": run.trigger,
        "agent": run.agent,
        "by": run.created.by,
        "retry_of": run.retry_of,
        "resumed_from": run.resumed_from,
    }
    yield _event(1, EventKind.CREATED, data, at=run.created.at, attempt=0)
    yield from _after(run, 0)


def _of_attempt(run: Run, attempt: Attempt) -> Iterator[Event]:
    number, ended = attempt.number, attempt.ended
    begun = {"agent_revision": attempt.agent_revision}
    yield _event(_number(number, 0), EventKind.STARTED, begun, at=attempt.started, attempt=number)
    if ended is None:
        return
    data = {"status": attempt.status, "error": attempt.error, "usage": attempt.usage}
    yield _event(_number(number, _ENDED), EventKind.ATTEMPT_ENDED, data, at=ended, attempt=number)
    yield from _next(run, attempt, ended=ended)
    yield from _after(run, number)


def _next(run: Run, attempt: Attempt, *, ended: datetime) -> Iterator[Event]:
    """Yield what an ended attempt led to: another one, or a wait and its answer."""
    number, wait = attempt.number, attempt.wait
    place = _number(number, _NEXT)
    if attempt.status is AttemptStatus.WAITING and wait is not None:
        asked = wait.model_dump(mode="json", exclude={"answer"})
        yield _event(place, EventKind.WAITING, asked, at=ended, attempt=number)
        if wait.answer is not None:
            given = wait.answer.model_dump(mode="json", exclude={"at"})
            answered = _number(number, _ANSWERED)
            yield _event(answered, EventKind.ANSWERED, given, at=wait.answer.at, attempt=number)
    elif attempt.next_at is not None:
        kind = EventKind.CONTINUED if attempt.status is AttemptStatus.CONTINUED else EventKind.RETRY_SCHEDULED
        following = {"attempt": number + 1, "of": _attempts_in_all(run, after=number), "at": attempt.next_at}
        yield _event(place, kind, following, at=ended, attempt=number)


def _after(run: Run, number: int) -> Iterator[Event]:
    """Yield that the run was held and let go after this attempt, and that it was settled."""
    for place, hold in enumerate(run.holds):
        if hold.after == number:
            held = _number(number, _FIRST_HOLD + 2 * place)
            cause = {"behind": hold.behind, "in_line": hold.in_line}
            yield _event(held, EventKind.HELD, cause, at=hold.at, attempt=number)
            if hold.until is not None:
                yield _event(held + 1, EventKind.PROMOTED, cause, at=hold.until, attempt=number)
    if run.finished is not None and number == len(run.attempts):
        yield _settled(run, number, at=run.finished)


def _settled(run: Run, number: int, *, at: datetime) -> Event:
    """Return the event of the settlement, with the result as far as an event has room for it."""
    asked = run.cancel_requested
    result, cut = replace_by_json(run.result, max_bytes=MAX_EVENT_BYTES)
    data = {
        "status": run.status,
        "reason": run.reason,
        "result": result,
        "error": run.error,
        # A request that came too late cancelled nothing.
        "cancelled_by": asked.by if asked is not None and run.status is RunStatus.CANCELLED else None,
        "untaken_messages": run.untaken_messages or None,
        "missed": run.missed,
    }
    event = _event(_number(number, _SETTLED), EventKind.SETTLED, data, at=at, attempt=number)
    return event.model_copy(update={"truncated": cut})


def _attempts_in_all(run: Run, *, after: int) -> int:
    """Return how many attempts the run may have: the retry policy's, and those that it does not count."""
    return 1 + run.retry.max_retries + sum(each.status in _NOT_COUNTED for each in run.attempts[:after])


def _number(attempt: int, place: int) -> int:
    return attempt * EVENTS_PER_ATTEMPT + place


def _json(value: Any) -> Any:
    match value:
        case BaseModel():
            return value.model_dump(mode="json")
        case datetime():
            return instant_text(value)
        case StrEnum():
            return value.value
    return value


def _event(seq: int, kind: str, data: Mapping[str, Any], *, at: datetime, attempt: int) -> Event:
    """Return the event, with those of the data that are not None as JSON values."""
    shown = {name: _json(value) for name, value in data.items() if value is not None}
    return Event(seq=seq, at=at, attempt=attempt, kind=kind, data=shown)
