"""One tick: claim what falls due, hand it to the queue, repair what got lost, and leave its counters."""

import logging
from collections import Counter
from contextlib import suppress
from datetime import datetime

import anyio

from tock.app.claim import claim_group
from tock.app.journal import record
from tock.app.parts import Parts
from tock.app.sweep import sweep
from tock.core.errors import CommitConflict, StoreUnavailable
from tock.core.scheduler import SchedulerState, TickCounters
from tock.core.trigger import Trigger
from tock.ports.store import DisableUnreadable, Unreadable, Versioned

#: Triggers read at once.
PAGE = 300
#: Triggers that share a Commit.
GROUP = 20
#: Groups under way at once; with the page it bounds a tick's memory.
GROUPS_AT_ONCE = 8
#: CreateTask calls under way at once.
ENQUEUES_AT_ONCE = 64


async def tick(parts: Parts) -> TickCounters:
    """Return what this tick did.

    1. Claim the triggers that are due within the look-ahead, and enqueue their runs.
    2. Sweep the runs that somebody must look at.
    3. Leave the counters where health and alarms read them.

    Correctness never depends on how many ticks there are: they may overlap, double or fail to come. A store that does
    not answer ends the tick with StoreUnavailable; what it committed until then holds.
    """
    started = parts.clock.now()
    tally: Counter[str] = Counter()
    try:
        lag, unfinished = await _claim_due(parts, started=started, tally=tally)
        tally += await sweep(parts, deadline=started + parts.timing.tick_budget)
        took = parts.clock.now() - started
        counters = TickCounters(**tally, lag=lag, unfinished=unfinished, duration=took.total_seconds())
        if counters.failed and not counters.enqueued:
            # Nothing got through to the queue: the runs are safe, but nobody would start them.
            await _record_failure(parts, started=started, counters=counters)
        else:
            await parts.store.record_tick(SchedulerState(last_tick=started, last_success=started, counters=counters))
    except StoreUnavailable as exc:
        record("tick_failed", level=logging.ERROR, problem=str(exc))
        await _record_failure(parts, started=started)
        raise
    record("tick_finished", **counters.model_dump())
    return counters


async def _claim_due(parts: Parts, *, started: datetime, tally: Counter[str]) -> tuple[float, bool]:
    """Claim page by page; return the lag of the oldest due trigger in seconds, and whether triggers were left."""
    groups = anyio.CapacityLimiter(GROUPS_AT_ONCE)
    enqueues = anyio.CapacityLimiter(ENQUEUES_AT_ONCE)
    claimed_by = f"tick-{parts.chance.token()}"
    until = started + parts.timing.look_ahead

    async def claim(members: list[Versioned[Trigger]], borrower: object) -> None:
        try:
            tally.update(await claim_group(parts, members, claimed_by=claimed_by, limiter=enqueues))
        finally:
            groups.release_on_behalf_of(borrower)

    page = await parts.store.due_triggers(until=until, limit=PAGE)
    lag = _lag(page.triggers[0], now=started) if page.triggers else 0.0
    while True:
        tally["due"] += len(page.triggers)
        readable = [trigger for trigger in page.triggers if isinstance(trigger, Versioned)]
        async with anyio.create_task_group() as tasks:
            for first in range(0, len(readable), GROUP):
                # The reader waits here, so that no more than a few groups are under way.
                borrower = object()
                await groups.acquire_on_behalf_of(borrower)
                tasks.start_soon(claim, readable[first : first + GROUP], borrower)
        for trigger in page.triggers:
            if isinstance(trigger, Unreadable):
                await _disable(parts, trigger, tally=tally)
        if page.cursor is None:
            return lag, False
        if parts.clock.now() - started >= parts.timing.tick_budget:
            return lag, True
        page = await parts.store.due_triggers(until=until, limit=PAGE, cursor=page.cursor)


def _lag(oldest: Versioned[Trigger] | Unreadable, *, now: datetime) -> float:
    if isinstance(oldest, Unreadable) or oldest.value.next_run_at is None:
        return 0.0
    return max(0.0, (now - oldest.value.next_run_at).total_seconds())


async def _disable(parts: Parts, trigger: Unreadable, *, tally: Counter[str]) -> None:
    try:
        await parts.store.commit([DisableUnreadable(trigger=trigger, at=parts.clock.now())])
    except CommitConflict:
        tally["skipped"] += 1
        return
    tally["disabled"] += 1
    ids = {"project": trigger.project, "trigger": trigger.id}
    record("trigger_disabled", level=logging.ERROR, problem=trigger.problem, **ids)


async def _record_failure(parts: Parts, *, started: datetime, counters: TickCounters | None = None) -> None:
    with suppress(StoreUnavailable):
        before = await parts.store.scheduler() or SchedulerState(last_tick=started)
        changes = {"last_tick": started, "consecutive_failures": before.consecutive_failures + 1}
        state = before.model_copy(update=changes | ({"counters": counters} if counters else {}))
        await parts.store.record_tick(state)
