"""What one Commit writes when a run moves on: the run, its lock, and the promotion of the run that follows."""

from dataclasses import dataclass

from tock.app.services import Services
from tock.core.run import transition
from tock.core.run.lock import Lock
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.store import Change, Delete, Versioned, Write


@dataclass(frozen=True, slots=True)
class RunCommit:
    """The writes of one Commit, and the runs to enqueue once it succeeded."""

    writes: tuple[Write, ...]
    queued: tuple[Run, ...]


async def run_commit(services: Services, before: Versioned[Run], after: Run) -> RunCommit:
    """Return the Commit that takes a run from `before` to `after`.

    1. The run itself, if it is still as it was read.
    2. When it is terminal: its lock is released. Only the holder deletes a lock, so nothing is asked of it.
    3. When it is terminal and stood before others: the first run behind it that still waits is promoted. A held run
       that ends passes nothing on, since the run before it is still active and will find its follower.
    """
    writes: list[Write] = [Change(before=before, after=after)]
    queued: list[Run] = []
    if after.status is RunStatus.QUEUED:
        queued.append(after)
    if after.status.terminal:
        if after.lock is not None and after.subject is not None:
            lock = Lock(project=after.project, id=after.lock, subject=after.subject, run=after.id)
            writes.append(Delete(value=lock))
        if before.value.status is not RunStatus.HELD:
            waiting = await _first_waiting(services, after)
            if waiting is not None:
                promoted = transition.promote(waiting.value, now=services.clock.now(), timing=services.timing)
                writes.append(Change(before=waiting, after=promoted))
                queued.append(promoted)
    return RunCommit(writes=tuple(writes), queued=tuple(queued))


async def _first_waiting(services: Services, settled: Run) -> Versioned[Run] | None:
    follower = settled.followed_by
    while follower is not None:
        run = await services.store.run(settled.project, follower)
        if run is None:
            return None
        if run.value.status is RunStatus.HELD:
            return run
        if not run.value.status.terminal:
            return None
        follower = run.value.followed_by
    return None
