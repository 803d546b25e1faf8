"""One tick: claim what falls due, hand it to the queue, repair what got lost, and leave its counters."""

import logging
from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime

import anyio

from tock.app.log import log_event
from tock.app.services import Services
from tock.app.tick.claim import claim_group
from tock.app.tick.continuation import continue_tick
from tock.app.tick.due import Due, due_pages
from tock.app.tick.sweep import sweep
from tock.core.errors import CommitConflict, StoreUnavailable
from tock.core.scheduler_state import SchedulerState, TickCounters
from tock.ports.store import DisableUnreadable, Unreadable, Versioned

#: Triggers read at once: the round thousand that is due at a round hour is one query.
PAGE = 1200
#: Triggers that share a Commit.
GROUP = 20
#: Groups under way at once; with the page it bounds a tick's memory.
GROUPS_AT_ONCE = 8
#: CreateTask calls under way at once.
ENQUEUES_AT_ONCE = 64


async def tick(services: Services, *, shards: Sequence[int] | None = None, name: str = "minute") -> TickCounters:
    """Return what this tick did; `name` is for the log.

    The minute's tick:

    1. Claim the triggers that are due within the look-ahead, and enqueue their runs, for seven tenths of the budget.
    2. If that did not do, hand each shard over to a further tick, which begins at once, beside this one.
    3. Sweep the runs that somebody must look at, for what is left of the budget.
    4. Leave the counters where health and alarms read them.

    A further tick is given its shards, claims for its whole budget, and hands over what is left of its own. It neither
    sweeps nor counts for health: `lag` and `unfinished` of the minute's tick say that there is a backlog.

    The budget ends between two groups, 10 s before Cloud Run ends the request (60 s): what is under way then is soon
    done, or ends as when a process dies. Every tick claims one group at least: none only hands on.

    Correctness never depends on how many ticks there are: they may overlap, double or fail to come. A store that does
    not answer ends the tick with StoreUnavailable; what it committed until then holds.
    """
    if shards is not None:
        return await _continued_tick(services, shards=shards, name=name)
    started = services.clock.now()
    tally: Counter[str] = Counter()
    try:
        claimed = await _claim_due(services, shards=None, deadline=started + services.timing.claim_budget, tally=tally)
        if claimed.unfinished:
            tally += await continue_tick(services, shards=range(services.timing.shards))
        tally += await sweep(services, deadline=started + services.timing.tick_budget)
        counters = _counters(services, tally, claimed=claimed, started=started)
        if counters.refused and not counters.enqueued:
            # Nothing got through to the queue: the runs are safe, but nobody would start them.
            await _record_failure(services, started=started, counters=counters)
        else:
            await services.store.record_tick(SchedulerState(last_tick=started, last_success=started, counters=counters))
    except StoreUnavailable as exc:
        log_event("tick_failed", level=logging.ERROR, tick=name, problem=str(exc))
        await _record_failure(services, started=started)
        raise
    log_event("tick_finished", tick=name, **counters.model_dump())
    return counters


async def _continued_tick(services: Services, *, shards: Sequence[int], name: str) -> TickCounters:
    started = services.clock.now()
    tally: Counter[str] = Counter()
    try:
        claimed = await _claim_due(services, shards=shards, deadline=started + services.timing.tick_budget, tally=tally)
    except StoreUnavailable as exc:
        log_event("tick_failed", level=logging.ERROR, tick=name, shards=list(shards), problem=str(exc))
        raise
    if claimed.unfinished:
        tally += await continue_tick(services, shards=shards)
    counters = _counters(services, tally, claimed=claimed, started=started)
    log_event("tick_finished", tick=name, shards=list(shards), **counters.model_dump())
    return counters


@dataclass(frozen=True, slots=True)
class _Claimed:
    """The lag of the oldest trigger found due, in seconds, and whether triggers were left."""

    lag: float
    unfinished: bool


async def _claim_due(
    services: Services, *, shards: Sequence[int] | None, deadline: datetime, tally: Counter[str]
) -> _Claimed:
    """Claim page by page, group by group, until nothing is due or, after the first group, the deadline has passed."""
    now = services.clock.now()
    lag = 0.0
    begun = unfinished = False
    groups = anyio.CapacityLimiter(GROUPS_AT_ONCE)
    enqueues = anyio.CapacityLimiter(ENQUEUES_AT_ONCE)
    claimed_by = f"tick-{services.random.token()}"

    async def claim(members: Sequence[Due], borrower: object) -> None:
        try:
            readable = [trigger for trigger in members if isinstance(trigger, Versioned)]
            if readable:
                tally.update(await claim_group(services, readable, claimed_by=claimed_by, limiter=enqueues))
            for trigger in members:
                if isinstance(trigger, Unreadable):
                    await _disable(services, trigger, tally=tally)
        finally:
            groups.release_on_behalf_of(borrower)

    due = due_pages(services, until=now + services.timing.look_ahead, shards=shards, size=PAGE)
    async with aclosing(due) as pages:
        async for page in pages:
            if unfinished := begun and services.clock.now() >= deadline:
                break
            lag = max([lag, *(_lag(trigger, now=now) for trigger in page[:1])])
            async with anyio.create_task_group() as tasks:
                for first in range(0, len(page), GROUP):
                    # The reader waits here, so that no more than a few groups are under way.
                    borrower = object()
                    await groups.acquire_on_behalf_of(borrower)
                    if unfinished := begun and services.clock.now() >= deadline:
                        break
                    begun = True
                    members = page[first : first + GROUP]
                    tally["due"] += len(members)
                    tasks.start_soon(claim, members, borrower)
            if unfinished:
                break
    return _Claimed(lag=lag, unfinished=unfinished)


def _counters(services: Services, tally: Counter[str], *, claimed: _Claimed, started: datetime) -> TickCounters:
    took = services.clock.now() - started
    return TickCounters(**tally, lag=claimed.lag, unfinished=claimed.unfinished, duration=took.total_seconds())


def _lag(trigger: Due, *, now: datetime) -> float:
    if isinstance(trigger, Unreadable) or trigger.value.next_run_at is None:
        return 0.0
    return (now - trigger.value.next_run_at).total_seconds()


async def _disable(services: Services, trigger: Unreadable, *, tally: Counter[str]) -> None:
    try:
        await services.store.commit([DisableUnreadable(trigger=trigger, at=services.clock.now())])
    except CommitConflict:
        tally["skipped"] += 1
    except StoreUnavailable as exc:
        tally["failed"] += 1
        log_event("claim_failed", level=logging.WARNING, project=trigger.project, trigger=trigger.id, problem=str(exc))
    else:
        tally["disabled"] += 1
        ids = {"project": trigger.project, "trigger": trigger.id}
        log_event("trigger_disabled", level=logging.ERROR, problem=trigger.problem, **ids)


async def _record_failure(services: Services, *, started: datetime, counters: TickCounters | None = None) -> None:
    with suppress(StoreUnavailable):
        before = await services.store.scheduler() or SchedulerState(last_tick=started)
        changes = {"last_tick": started, "consecutive_failures": before.consecutive_failures + 1}
        state = before.model_copy(update=changes | ({"counters": counters} if counters else {}))
        await services.store.record_tick(state)
