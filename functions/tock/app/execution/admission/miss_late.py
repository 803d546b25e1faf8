"""Settle a run as missed when its policies no longer let it start, whoever finds it: its runner or the sweep."""

from tock.app.enqueue import enqueue
from tock.app.execution.run_commit import run_commit
from tock.app.log import log_run_event
from tock.app.services import Services
from tock.core.errors import DocumentUnreadable
from tock.core.policies import CatchUpMode
from tock.core.run import transition
from tock.core.run.run import Run
from tock.core.trigger.late_start import is_bound_by_catch_up, is_past_start_deadline, why_missed
from tock.core.trigger.trigger import Trigger
from tock.ports.store import Versioned


async def miss_late(services: Services, run: Versioned[Run]) -> Run | None:
    """Settle the run as missed and return it, or return None if it may start.

    Only a late run with the catch-up policy `latest` costs a read, of its trigger. Raises CommitConflict when the run,
    or one held behind it, was changed meanwhile.
    """
    now = services.clock.now()
    if not (is_past_start_deadline(run.value, now=now) or is_bound_by_catch_up(run.value, now=now)):
        return None
    reason = why_missed(run.value, await _trigger_of(services, run.value), now=now)
    if reason is None:
        return None
    after = transition.miss(run.value, reason=reason, now=now, timing=services.timing)
    commit = await run_commit(services, run, after)
    await services.store.commit(commit.writes)
    log_run_event("run_missed", after, reason=reason)
    await enqueue(services, commit.queued)
    return after


async def _trigger_of(services: Services, run: Run) -> Trigger | None:
    if run.trigger is None or run.catch_up.mode is not CatchUpMode.LATEST:
        return None
    try:
        found = await services.store.trigger(run.project, run.trigger)
    except DocumentUnreadable:
        return None
    return None if found is None else found.value
