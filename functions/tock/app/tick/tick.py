"""One tick: claim due triggers, enqueue their runs, sweep the overdue runs, and record its counters."""

import logging
from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime

import anyio

from tock.app.log import log_event
from tock.app.services import Services
from tock.app.tick.claim_triggers import claim_group
from tock.app.tick.continuation import continue_tick
from tock.app.tick.due_triggers import Due, due_pages
from tock.app.tick.sweep import sweep
from tock.core.errors import CommitConflict, StoreUnavailable
from tock.core.health.scheduler_state import SchedulerState, TickCounters
from tock.core.unreadable import Unreadable
from tock.ports.store import DisableUnreadable, Versioned

#: How many triggers one query reads; a thousand that are due at a full hour fit in one.
PAGE = 1200
#: How many triggers share a Commit.
GROUP = 20
#: How many groups are claimed at once; with PAGE it limits a tick's memory.
GROUPS_AT_ONCE = 8


async def tick(services: Services, *, shards: Sequence[int] | None = None, name: str = "minute") -> TickCounters:
    """Perform the minute's tick or, with `shards`, a continuation; return its counters. `name` is for the log.

    The minute's tick:

    1. Count the triggers that come due within ten minutes. If they are a crowd, enqueue a continuation for each shard,
       to begin at once beside this tick.
    2. Claim the triggers that are due within the look-ahead, and enqueue their runs, for seven tenths of the budget. A
       crowd usually has none, because continuations claimed them minutes before; but a queue may accept continuations
       and deliver none. If due triggers are left and were not handed over before, enqueue a continuation for each
       shard.
    3. Sweep the overdue runs for the rest of the budget.
    4. Record the counters where health checks and alarms read them.

    A continuation claims the triggers of its shards that come due within ten minutes, for the whole budget, and
    enqueues the next continuation if some are left. It neither sweeps nor records counters: `lag` and `unfinished` of
    the minute's tick report a backlog. What is claimed that early gives the queue and Firestore some minutes to spread
    the load; an edit still cancels it.

    A tick checks its budget (50 s) between two groups; Cloud Run aborts the request after 60 s. The claims in progress
    usually finish in between; if not, they end as if the process had died. Every tick claims at least one group, so
    continuations always make progress.

    Correctness does not depend on the number of ticks: they may overlap, run twice or fail to come. If the store does
    not answer, the tick raises StoreUnavailable; its Commits until then hold.
    """
    if shards is not None:
        return await _continued_tick(services, shards=shards, name=name)
    started = services.clock.now()
    tally: Counter[str] = Counter()
    try:
        coming = await _count_coming(services)
        every_shard = range(services.timing.shards)
        if is_crowd := coming > services.timing.crowd:
            await _continue(services, shards=every_shard, tally=tally)
        claimed = _Claimed(lag=0.0, unfinished=False)
        if coming:
            claimed = await _claim_due(services, deadline=started + services.timing.claim_budget, tally=tally)
        if claimed.unfinished and not is_crowd:
            await _continue(services, shards=every_shard, tally=tally)
        tally += await sweep(services, deadline=started + services.timing.tick_budget)
        counters = _counters(services, tally, claimed=claimed, started=started)
        if counters.refused and not counters.enqueued:
            # The queue accepted no task: the runs are safe in the store, but none starts until it does.
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
        deadline = started + services.timing.tick_budget
        claimed = await _claim_due(services, shards=shards, deadline=deadline, tally=tally)
    except StoreUnavailable as exc:
        log_event("tick_failed", level=logging.ERROR, tick=name, shards=list(shards), problem=str(exc))
        raise
    if claimed.unfinished:
        await _continue(services, shards=shards, tally=tally)
    counters = _counters(services, tally, claimed=claimed, started=started)
    log_event("tick_finished", tick=name, shards=list(shards), **counters.model_dump())
    return counters


@dataclass(frozen=True, slots=True)
class _Claimed:
    """How long the oldest due trigger had been overdue, in seconds, and whether due triggers were left."""

    lag: float
    unfinished: bool


async def _count_coming(services: Services) -> int:
    """Return how many unclaimed triggers come due within the look-ahead of a crowd, counting to one more than a crowd.

    It never looks less far ahead than the tick claims, so at 0 the tick has nothing to claim and reads no trigger.
    """
    timing = services.timing
    until = services.clock.now() + max(timing.crowd_look_ahead, timing.look_ahead)
    return await services.store.due_count(until=until, most=timing.crowd + 1)


async def _continue(services: Services, *, shards: Sequence[int], tally: Counter[str]) -> None:
    refused = await continue_tick(services, shards=shards)
    tally["failed"] += len(refused)
    tally["refused"] += len(refused)


async def _claim_due(
    services: Services, *, deadline: datetime, tally: Counter[str], shards: Sequence[int] | None = None
) -> _Claimed:
    """Claim groups of due triggers until none is left or, after the first group, the deadline has passed.

    With `shards`, claim those of these shards, and as far ahead as a crowd is claimed.
    """
    now = services.clock.now()
    timing = services.timing
    look_ahead = timing.look_ahead if shards is None else max(timing.crowd_look_ahead, timing.look_ahead)
    lag = 0.0
    begun = unfinished = False
    groups = anyio.CapacityLimiter(GROUPS_AT_ONCE)
    claimed_by = f"tick-{services.random.token()}"

    async def claim(members: Sequence[Due], borrower: object) -> None:
        try:
            readable = [trigger for trigger in members if isinstance(trigger, Versioned)]
            if readable:
                made = await claim_group(services, readable, look_ahead=look_ahead, claimed_by=claimed_by)
                tally.update(made)
            for trigger in members:
                if isinstance(trigger, Unreadable):
                    await _disable(services, trigger, tally=tally)
        finally:
            groups.release_on_behalf_of(borrower)

    due = due_pages(services, until=now + look_ahead, shards=shards, size=PAGE)
    async with aclosing(due) as pages:
        async for page in pages:
            if unfinished := begun and services.clock.now() >= deadline:
                break
            lag = max([lag, *(_lag(trigger, now=now) for trigger in page[:1])])
            async with anyio.create_task_group() as tasks:
                for first in range(0, len(page), GROUP):
                    # Wait until fewer than GROUPS_AT_ONCE groups are being claimed.
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
