"""The sweep: repair or end every run whose `check_at` has passed."""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import anyio

from tock.app.enqueue import enqueue
from tock.app.execution.admission.apply_overlap import decide_overlap
from tock.app.execution.admission.miss_late import miss_late
from tock.app.execution.admission.take_slots import fill_line, promote_in_line
from tock.app.execution.run_commit import run_commit
from tock.app.find_run import find_run
from tock.app.log import log_event, log_run_event
from tock.app.services import Services
from tock.app.tick.lines import WATCHERS, lines_among
from tock.core.errors import CommitConflict, StoreUnavailable, TockError
from tock.core.run import transition
from tock.core.run.admission.overlap import Start
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.unreadable import Unreadable
from tock.ports.store import Change, FailUnreadable, Versioned

#: How many runs one query reads.
PAGE = 200
#: How many runs are repaired at once.
REPAIRS_AT_ONCE = 16
#: How often one sweep tries to repair one run.
MAX_TRIES = 3


async def sweep(services: Services, *, deadline: datetime) -> Counter[str]:
    """Repair the overdue runs, and return the tick's counters for it; read no further page after the deadline.

    A queued run gets another delivery, a running one whose lease expired is rescued, the wait of a waiting one ends at
    its deadline, and a held one is promoted if no earlier run blocks it any more. For each limit that overdue runs wait
    for, those who came first are promoted if slots are free. One that may no longer start is settled as missed, one
    that cannot be read is ended.
    Every repair moves `check_at`, so the next page has other runs; the sweep ends when a page repairs none.
    """
    tally: Counter[str] = Counter()
    while True:
        overdue = await services.store.overdue_runs(until=services.clock.now(), limit=PAGE)
        before = tally["rescued"]
        await repair_overdue(services, overdue, tally=tally)
        if len(overdue) < PAGE or tally["rescued"] == before or services.clock.now() >= deadline:
            return tally


async def repair_overdue(
    services: Services, overdue: Sequence[Versioned[Run] | Unreadable], *, tally: Counter[str]
) -> None:
    """Repair these runs, whose `check_at` has passed, and count in the tally what was done."""
    repairs = anyio.CapacityLimiter(REPAIRS_AT_ONCE)
    lines, others = lines_among(overdue)
    async with anyio.create_task_group() as tasks:
        for line in lines:
            tasks.start_soon(_look_after_line, services, line, repairs, tally)
        for run in others:
            tasks.start_soon(_try_repair, services, run, repairs, tally)


async def _look_after_line(
    services: Services, line: Sequence[Versioned[Run]], repairs: anyio.CapacityLimiter, tally: Counter[str]
) -> None:
    """Promote whoever is first in line, if slots are free, and say when to look again at those that are overdue.

    If the store does not answer, they stay overdue, so the next sweep looks again.
    """
    async with repairs:
        if not await _fill_line(services, line[0].value, tally=tally):
            return
    async with anyio.create_task_group() as tasks:
        for place, run in enumerate(line):
            tasks.start_soon(_try_repair, services, run, repairs, tally, place < WATCHERS)


async def _try_repair(
    services: Services,
    run: Versioned[Run] | Unreadable,
    repairs: anyio.CapacityLimiter,
    tally: Counter[str],
    watches_line: bool = False,  # noqa: FBT001, FBT002 - a task group passes no keywords
) -> None:
    """Repair one run; if the store does not answer, the others go on."""
    async with repairs:
        if isinstance(run, Unreadable):
            return await _fail_unreadable(services, run, tally=tally)
        try:
            await _repair_unless_moved(services, run, watches_line=watches_line, tally=tally)
        except TockError as exc:
            tally["failed"] += 1
            log_run_event("repair_failed", run.value, level=logging.WARNING, problem=str(exc))
        return None


async def _fill_line(services: Services, run: Run, *, tally: Counter[str]) -> bool:
    """Promote whoever is first in the run's line, if slots are free; return False if the store did not answer."""
    try:
        promoted = await fill_line(services, project=run.project, scope=run.in_line or "")
    except TockError as exc:
        tally["failed"] += 1
        log_run_event("repair_failed", run, level=logging.WARNING, problem=str(exc))
        return False
    tally["rescued"] += promoted
    return True


async def _repair_unless_moved(
    services: Services, run: Versioned[Run], *, watches_line: bool, tally: Counter[str]
) -> None:
    """Repair a run unless another writer changes it so that it is no longer overdue.

    A conflict may also come from the run held behind it, which this sweep may be repairing at the same time. Then this
    run is still overdue, and the repair is tried again at once instead of a minute later.
    """
    current: Versioned[Run] | None = run
    for _ in range(MAX_TRIES):
        if current is None or current.value.check_at is None or current.value.check_at > services.clock.now():
            break
        try:
            return await _repair(services, current, watches_line=watches_line, tally=tally)
        except CommitConflict:
            current = await find_run(services, project=run.value.project, run=run.value.id)
    tally["skipped"] += 1
    return None


async def _fail_unreadable(services: Services, run: Unreadable, *, tally: Counter[str]) -> None:
    """End a run that cannot be read, so that it does not come before the others at every sweep."""
    now = services.clock.now()
    ids = {"project": run.project, "run": run.id}
    try:
        await services.store.commit([FailUnreadable(run=run, at=now, expire_at=now + services.timing.retention)])
    except CommitConflict:
        tally["skipped"] += 1
    except StoreUnavailable as exc:
        tally["failed"] += 1
        log_event("repair_failed", level=logging.WARNING, problem=str(exc), **ids)
    else:
        tally["rescued"] += 1
        log_event("unreadable_run_ended", level=logging.ERROR, problem=run.problem, status=RunStatus.FAILED, **ids)


async def _repair(services: Services, run: Versioned[Run], *, watches_line: bool, tally: Counter[str]) -> None:
    if await miss_late(services, run) is not None:
        tally["rescued"] += 1
        tally["missed"] += 1
        return None
    now, timing = services.clock.now(), services.timing
    match run.value.status:
        case RunStatus.QUEUED:
            after = transition.redispatch(run.value, now=now, timing=timing)
            event = "run_redispatched"
        case RunStatus.RUNNING:
            after = transition.rescue(run.value, now=now, jitter=services.random.jitter(), timing=timing)
            event = "run_rescued"
        case RunStatus.WAITING:
            after = transition.end_wait(run.value, now=now, timing=timing)
            event = "wait_ended"
        case RunStatus.HELD:
            return await _look_after_held(services, run, watches_line=watches_line, tally=tally)
        case _:
            return None
    commit = await run_commit(services, run, after)
    await services.store.commit(commit.writes)
    log_run_event(event, after, level=logging.WARNING)
    tally["rescued"] += 1
    accepted = await enqueue(services, commit.queued)
    tally["enqueued"] += accepted
    tally["failed"] += len(commit.queued) - accepted
    tally["refused"] += len(commit.queued) - accepted
    await promote_in_line(services, project=after.project, scopes=commit.freed)
    return None


async def _look_after_held(services: Services, run: Versioned[Run], *, watches_line: bool, tally: Counter[str]) -> None:
    """Promote a held run if no earlier run blocks it any more; otherwise say when to look at it again."""
    now = services.clock.now()
    if run.value.in_line is None and await _may_go_on(services, run.value):
        after = transition.promote(run.value, now=now, timing=services.timing)
        log_run_event("run_promoted", after, level=logging.WARNING)
    else:
        after = transition.keep_held(run.value, now=now, timing=services.timing, watches_line=watches_line)
    await services.store.commit([Change(before=run, after=after)])
    tally["rescued"] += 1
    if after.status is RunStatus.QUEUED:
        accepted = await enqueue(services, [after])
        tally["enqueued"] += accepted
        tally["failed"] += 1 - accepted
        tally["refused"] += 1 - accepted


async def _may_go_on(services: Services, run: Run) -> bool:
    """Whether no earlier run blocks a held one any more."""
    decision, _ = await decide_overlap(services, run)
    return isinstance(decision, Start)
