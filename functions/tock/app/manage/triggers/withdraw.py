"""Withdraw a version of a trigger: decide its fire times up to now, and cancel its claimed runs that are to come."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tock.app.execution.run_commit import run_commit
from tock.app.find_run import find_run
from tock.app.services import Services
from tock.core.run import transition
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.trigger.claim import Claim, claim
from tock.core.trigger.plan import plan, plan_all_missed
from tock.core.trigger.trigger import Trigger
from tock.ports.store import Write

#: Why an edit cancels runs.
EDITED = "the trigger was edited"
#: The statuses of a run that no delivery has started, skipped or refused.
_BEFORE_START = frozenset({RunStatus.QUEUED, RunStatus.HELD, RunStatus.CANCELLED})


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The claimed runs that an edit cancels, the writes for that, and the runs to enqueue after it."""

    runs: tuple[Run, ...]
    writes: tuple[Write, ...]
    queued: tuple[Run, ...]
    #: The newest fire time after now whose run was started, skipped or refused early: no other run may have it.
    used: datetime | None


def claim_past(services: Services, before: Trigger, *, now: datetime, paused_by: str | None) -> Claim:
    """Return the claim of all fire times up to now: by the catch-up policy or, at a pause, all as missed."""
    trigger, runs = before, list[Run]()
    decided = plan(before, now=now, look_ahead=timedelta())
    if paused_by is not None:
        decided = plan_all_missed(before, now=now)
    ended_by = paused_by
    while True:
        token = services.random.token()
        made = claim(trigger, decided, now=now, claimed_by=f"edit-{token}", timing=services.timing, ended_by=ended_by)
        trigger = made.trigger
        runs += made.runs
        if trigger.next_run_at is None or trigger.next_run_at > now:
            return Claim(trigger=trigger, runs=tuple(runs))
        # More fire times were late than one plan runs. No later tick reads this version, so the others are missed.
        ended_by = ended_by or EDITED
        decided = plan_all_missed(trigger, now=now)


async def cancel_claimed(services: Services, trigger: Trigger, *, now: datetime, by: str, reason: str) -> Cancelled:
    """Return the cancellation of the claimed runs whose fire time has not come and that no delivery has started."""
    runs: list[Run] = []
    writes: list[Write] = []
    queued: list[Run] = []
    used: datetime | None = None
    for claimed in trigger.claimed:
        if claimed.fire_time <= now:
            continue
        found = await find_run(services, project=trigger.project, run=claimed.run)
        if found is None:
            continue
        if found.value.status not in _BEFORE_START or found.value.attempts:
            # A race: the delivery came before the fire time, because clocks differ, or during this slow edit. Whether
            # the run was started, skipped or refused then, the new version must not use its fire time again.
            used = claimed.fire_time
            continue
        if found.value.status is RunStatus.CANCELLED:
            continue
        after = transition.cancel(found.value, by=by, reason=reason, now=now, timing=services.timing)
        commit = await run_commit(services, found, after)
        runs.append(after)
        writes += commit.writes
        queued += commit.queued
    return Cancelled(runs=tuple(runs), writes=tuple(writes), queued=tuple(queued), used=used)
