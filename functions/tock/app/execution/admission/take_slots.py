"""Take a slot of each limit that a run belongs to, or let it wait in line for one."""

import logging
from collections.abc import Sequence
from datetime import datetime

from tock.app.agent_of import agent_of
from tock.app.enqueue import enqueue
from tock.app.find_run import find_run
from tock.app.log import log_run_event
from tock.app.services import Services
from tock.core.agent.agent import Agent
from tock.core.errors import CommitConflict, DocumentUnreadable, NotFound
from tock.core.run import transition
from tock.core.run.admission.slot import Slot, limits_of
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.store import Change, Delete, Versioned

#: How many runs in line are read first when one is to be promoted: others may have promoted the first ones.
TRIED = 5
#: How many runs one look at a line promotes at most; more wait only where a limit was taken away.
FILLED = 200


async def free_slots(services: Services, run: Run, agent: Agent) -> Sequence[Slot] | str:
    """Return a free slot of each limit that the run belongs to, or the scope of a limit that has none for it.

    A run that came earlier and waits in line goes first. Without a limit nothing is read.
    """
    found = []
    for scope, limit in limits_of(run, agent).items():
        slot = await _free_slot(services, run, scope=scope, limit=limit)
        if slot is None:
            return scope
        found.append(slot)
    return found


async def _free_slot(services: Services, run: Run, *, scope: str, limit: int) -> Slot | None:
    """Return a free slot of the scope for the run; None if all are taken, or meant for those ahead in line."""
    free = await _free_numbers(services, project=run.project, scope=scope, limit=limit)
    if not free:
        return None
    line = await services.store.runs_in_line(run.project, scope, limit=len(free))
    ahead = [each for each in line if each.value.id != run.id and _comes_before(each.value, run)]
    if len(ahead) >= len(free):
        return None
    # Any of them: several runs that start at once seldom want the same one then.
    return Slot.of(run, scope=scope, number=free[int(services.random.jitter() * len(free))])


async def _free_numbers(services: Services, *, project: str, scope: str, limit: int) -> Sequence[int]:
    """Return the places of the scope that are free."""
    taken = {slot.value.number: slot for slot in await services.store.slots(project, scope)}
    if len(taken) >= limit and (released := await _release_abandoned(services, list(taken.values()))) is not None:
        del taken[released]
    # After the limit was lowered, more may be taken than it allows. Only the first of the free ones count, so that
    # two deliveries that choose at once cannot both fill what is left.
    return [number for number in range(limit) if number not in taken][: max(limit - len(taken), 0)]


async def wait_in_line(services: Services, run: Versioned[Run], agent: Agent, *, scope: str) -> None:
    """Hold the run until a slot of the scope is free. Raises CommitConflict, StoreUnavailable."""
    after = transition.hold_in_line(run.value, scope=scope, now=services.clock.now(), timing=services.timing)
    await services.store.commit([Change(before=run, after=after)])
    log_run_event("run_in_line", after, scope=scope)
    # A race: whoever gave a slot back before this Commit found nobody in line.
    limit = limits_of(after, agent)[scope]
    if await _free_numbers(services, project=after.project, scope=scope, limit=limit):
        await fill_line(services, project=after.project, scope=scope)
    if run.value.in_line not in {None, scope}:
        # It was let go for a slot of another limit, which the next one in that line can have.
        await promote_in_line(services, project=after.project, scopes=[run.value.in_line or ""])


async def promote_in_line(services: Services, *, project: str, scopes: Sequence[str]) -> None:
    """Queue the run that waits longest for a slot of each scope, which was given back.

    If this fails, the next sweep does it (`fill_line`).
    """
    for scope in scopes:
        limit = TRIED
        while not await _promote_first(services, project=project, scope=scope, limit=limit):
            # All of the first ones are promoted and have not started yet: look further behind.
            limit *= 4


async def _promote_first(services: Services, *, project: str, scope: str, limit: int) -> bool:
    """Queue the first of these runs in line that is held; return whether there is nobody left to try."""
    line = await services.store.runs_in_line(project, scope, limit=limit)
    held = [waiting for waiting in line if waiting.value.status is RunStatus.HELD]
    for waiting in held:
        if await _promote(services, waiting, scope=scope):
            return True
    # Whoever changed these runs meanwhile may not have promoted them: a later run is held behind one, for example.
    return not held and len(line) < limit


async def _promote(services: Services, waiting: Versioned[Run], *, scope: str) -> bool:
    """Queue a run that waits in line; return False if somebody changed it meanwhile."""
    after = transition.promote(waiting.value, now=services.clock.now(), timing=services.timing)
    try:
        await services.store.commit([Change(before=waiting, after=after)])
    except CommitConflict:
        return False
    log_run_event("run_promoted", after, scope=scope)
    await enqueue(services, [after])
    return True


async def fill_line(services: Services, *, project: str, scope: str) -> int:
    """Queue those who wait longest for a slot of the scope, one for each that is free, and return how many.

    This finds a slot that its holder gave back without promoting anybody, and one of a limit that was raised.
    """
    promoted, limit = 0, TRIED
    while True:
        line = await services.store.runs_in_line(project, scope, limit=limit)
        held = [waiting for waiting in line if waiting.value.status is RunStatus.HELD]
        for waiting in held:
            if promoted == FILLED or not await _may_start(services, waiting.value, scope=scope):
                return promoted
            promoted += await _promote(services, waiting, scope=scope)
        if not held and len(line) < limit:
            return promoted
        limit *= 4


async def _may_start(services: Services, run: Run, *, scope: str) -> bool:
    """Whether a slot of the scope is free for a run in line. Without the limit, or the agent, its delivery decides."""
    try:
        limit = limits_of(run, await agent_of(services, run)).get(scope)
    except (NotFound, DocumentUnreadable):
        return True
    return limit is None or await _free_slot(services, run, scope=scope, limit=limit) is not None


def place_in_line(run: Run) -> tuple[datetime, str]:
    """Return what the runs in line are ordered by."""
    return run.scheduled_for, run.id


def _comes_before(other: Run, run: Run) -> bool:
    return place_in_line(other) < place_in_line(run)


async def _release_abandoned(services: Services, taken: Sequence[Versioned[Slot]]) -> int | None:
    """Give back one slot, drawn at random, if its run does not work; return its place, or None if the run does.

    The record of such a run was deleted, or could not be read.
    """
    slot = taken[int(services.random.jitter() * len(taken))]
    holder = await find_run(services, project=slot.value.project, run=slot.value.run)
    if holder is not None and slot.value.name in holder.value.slots:
        return None
    try:
        await services.store.commit([Delete(slot.value, version=slot.version)])
    except CommitConflict:
        return None
    if holder is not None:
        log_run_event("slot_released", holder.value, level=logging.WARNING, slot=slot.value.name)
    return slot.value.number
