"""Store the events that an agent elsewhere sends while its run waits."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tock.app.log import log_run_event
from tock.app.services import Services
from tock.core.errors import CommitConflict, FailedPrecondition, NotFound, RunBusy, RunSettled, StoreUnavailable
from tock.core.run.events.event import EVENTS_PER_ATTEMPT, MAX_SENT, SENT_FROM, Chunk, Event
from tock.core.run.events.history import history
from tock.core.run.gate import MAX_KIND, event_of, kind_of_agent
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.store import Change, Create

#: How often the events are tried again when the run was changed meanwhile.
MAX_TRIES = 10


class SentEvent(BaseModel):
    """One event of an agent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = Field(default="event", min_length=1, max_length=MAX_KIND, description="A short word: `progress`.")
    data: Any = Field(default=None, description="Any JSON value; what is over 16 KiB is cut.")


async def send_events(
    services: Services, *, project: str, run: str, events: Sequence[SentEvent], mask: Callable[[Any], Any]
) -> Run:
    """Store the events behind all that the run has, masked, and return the run.

    The runner of an attempt numbers that attempt's events from its first number on. These get numbers behind those that
    say how the newest attempt ended, which the run counts, and only until something follows: an answer, or the next
    attempt. So no two events have one number, and each has a larger one than those that were there before it.

    Raises NotFound, RunSettled, RunBusy (an attempt is at work or about to start, or none has started),
    FailedPrecondition (the run has had its most events), StoreUnavailable.
    """
    now = services.clock.now()
    tried: Chunk | None = None
    for _ in range(MAX_TRIES):
        found = await services.store.run(project, run)
        if found is None:
            raise NotFound("run", run)
        before = found.value
        if tried is not None and await _is_stored(services, tried):
            return before
        first = _first_number(before, count=len(events))
        tried = _chunk(before, events, first=first, now=now, expire_at=now + services.timing.retention, mask=mask)
        after = before.model_copy(update={"events_sent": before.events_sent + len(events)})
        try:
            await services.store.commit([Change(before=found, after=after), Create(value=tried)])
        except CommitConflict:
            # Another request, an answer or the sweep came first, or this write was not acknowledged.
            continue
        log_run_event("events_sent", after, count=len(events))
        return after
    raise StoreUnavailable(f"Run {run} keeps changing: try again.")


def _first_number(run: Run, *, count: int) -> int:
    """Return the number of the first of so many events; raises if the run takes none now."""
    if run.status.terminal:
        raise RunSettled(run.id, status=run.status, verb="sending events")
    if run.status is RunStatus.RUNNING or not run.attempts:
        raise RunBusy(run.id, status=run.status)
    if run.events_sent + count > MAX_SENT:
        remedy = f"the run has had {run.events_sent} events from elsewhere, of at most {MAX_SENT}: send fewer"
        raise FailedPrecondition(field="events", value=count, remedy=remedy)
    first = run.attempts[-1].number * EVENTS_PER_ATTEMPT + SENT_FROM + run.events_sent
    if history(run)[-1].seq > first:
        # An answer, or that the run is held, was told already: whoever follows the run would not see what comes before.
        raise RunBusy(run.id, status=run.status)
    return first


def _chunk(
    run: Run, events: Sequence[SentEvent], *, first: int, now: datetime, expire_at: datetime, mask: Callable[[Any], Any]
) -> Chunk:
    numbered = tuple(
        _event(event, seq=first + n, attempt=run.attempts[-1].number, now=now, mask=mask)
        for n, event in enumerate(events)
    )
    return Chunk(
        project=run.project,
        run=run.id,
        first_seq=first,
        last_seq=first + len(events) - 1,
        events=numbered,
        expire_at=expire_at,
    )


def _event(sent: SentEvent, *, seq: int, attempt: int, now: datetime, mask: Callable[[Any], Any]) -> Event:
    kind, data, replaced = event_of(sent.kind, sent.data)
    return Event(seq=seq, at=now, attempt=attempt, kind=mask(kind_of_agent(kind)), data=mask(data), truncated=replaced)


async def _is_stored(services: Services, chunk: Chunk) -> bool:
    """Whether an unacknowledged Commit stored these very events."""
    page = await services.store.events(chunk.project, chunk.run, since=chunk.first_seq - 1, limit=len(chunk.events))
    return page.events == chunk.events
