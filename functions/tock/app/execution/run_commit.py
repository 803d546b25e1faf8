"""The Commit that changes a run's status: the run, the release of its lock, and the promotion of the run behind it."""

from dataclasses import dataclass

from tock.app.find_run import find_run
from tock.app.services import Services
from tock.core.run import transition
from tock.core.run.admission.lock import Lock
from tock.core.run.admission.slot import Slot
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.store import Change, Delete, Versioned, Write


@dataclass(frozen=True, slots=True)
class RunCommit:
    """The writes of one Commit, the runs to enqueue after it, and the limits of which it gives back a slot."""

    writes: tuple[Write, ...]
    queued: tuple[Run, ...]
    freed: tuple[str, ...] = ()


async def run_commit(services: Services, before: Versioned[Run], after: Run) -> RunCommit:
    """Return the Commit that changes a run from `before` to `after`.

    1. Write the run, with the precondition that it is as it was read.
    2. If it is terminal, delete its lock. Only the run that holds a lock deletes it, so there is no precondition.
    3. If its attempt has ended, delete the slots that it held; again there is no precondition.
    4. If it is terminal and was not held behind another run, promote the first run behind it that is still held. A run
       that was held behind another promotes none: the run before it is still active, and promotes the run behind it
       when it ends.
    """
    writes: list[Write] = [Change(before=before, after=after)]
    queued: list[Run] = []
    if after.status is RunStatus.QUEUED:
        queued.append(after)
    if before.value.status is RunStatus.RUNNING and after.status is not RunStatus.RUNNING:
        writes += [Delete(value=Slot.named(after, name)) for name in before.value.slots]
    if after.status.terminal:
        if after.lock is not None and after.subject is not None:
            lock = Lock(project=after.project, id=after.lock, subject=after.subject, run=after.id)
            writes.append(Delete(value=lock))
        if before.value.status is not RunStatus.HELD or before.value.in_line is not None:
            waiting = await _first_waiting(services, after)
            if waiting is not None:
                promoted = transition.promote(waiting.value, now=services.clock.now(), timing=services.timing)
                writes.append(Change(before=waiting, after=promoted))
                queued.append(promoted)
    freed = tuple(write.value.scope for write in writes if isinstance(write, Delete) and isinstance(write.value, Slot))
    return RunCommit(writes=tuple(writes), queued=tuple(queued), freed=freed)


async def _first_waiting(services: Services, settled: Run) -> Versioned[Run] | None:
    follower = settled.followed_by
    while follower is not None:
        run = await find_run(services, project=settled.project, run=follower)
        if run is None:
            return None
        if run.value.status is RunStatus.HELD:
            return run
        if not run.value.status.terminal:
            return None
        follower = run.value.followed_by
    return None
