"""Cancel a run: at once if it is held, queued or waiting; a running one stops as soon as its runner hears of it."""

from dataclasses import dataclass

from tock.app.enqueue import enqueue
from tock.app.execution.cancel_request import cancel_request
from tock.app.execution.run_commit import run_commit
from tock.app.log import log_run_event
from tock.app.services import Services
from tock.core.errors import CommitConflict, NotFound, RunSettled, StoreUnavailable
from tock.core.run.run import Run
from tock.core.run.status import RunStatus

#: How often a cancellation tries again when the run was changed meanwhile.
MAX_TRIES = 10


@dataclass(frozen=True, slots=True)
class Cancellation:
    """The run after the request, and its status before."""

    run: Run
    previous_status: RunStatus


async def cancel(services: Services, *, project: str, run: str, reason: str, by: str) -> Cancellation:
    """Cancel the run or, if it is running, note the request for its runner; a second call changes nothing.

    Raises NotFound, RunSettled (the run ended in another status), StoreUnavailable.
    """
    for _ in range(MAX_TRIES):
        found = await services.store.run(project, run)
        if found is None:
            raise NotFound("run", run)
        status = found.value.status
        if status is RunStatus.CANCELLED or (status is RunStatus.RUNNING and found.value.cancel_requested):
            return Cancellation(run=found.value, previous_status=status)
        if status.terminal:
            raise RunSettled(run, status=status, verb="cancel")
        after, more = cancel_request(services, found.value, by=by, reason=reason)
        commit = await run_commit(services, found, after)
        try:
            await services.store.commit([*commit.writes, *more])
        except CommitConflict:
            # A runner claimed or settled the run meanwhile, or this write was applied but not acknowledged: read again.
            continue
        event = "run_cancelled" if after.status is RunStatus.CANCELLED else "cancel_requested"
        log_run_event(event, after, by=by, reason=reason)
        await enqueue(services, commit.queued)
        return Cancellation(run=after, previous_status=status)
    raise StoreUnavailable(f"Run {run} keeps changing: try again.")
