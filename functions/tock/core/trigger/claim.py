"""A claim: a plan as the documents that one Commit writes, which are the changed trigger and its new runs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tock.core.ids.derived import occurrence_id, shard_of
from tock.core.run.run import MissedRange, Run
from tock.core.run.status import RunSource, RunStatus
from tock.core.schedule.schedule import time_zone_of
from tock.core.time.stamp import Stamp
from tock.core.timing import Timing
from tock.core.trigger.filled_input import filled_input
from tock.core.trigger.missed_reason import missed_reason
from tock.core.trigger.plan import Plan
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import ClaimedRun, Pause, PauseReason, Trigger

#: The author that records of scheduled runs name.
SCHEDULER = "schedule"


@dataclass(frozen=True, slots=True)
class Claim:
    """What one Commit writes for one trigger: the changed trigger, and the runs to create."""

    trigger: Trigger
    runs: tuple[Run, ...]

    @property
    def queued(self) -> tuple[Run, ...]:
        """The runs to enqueue after the Commit."""
        return tuple(run for run in self.runs if run.status is RunStatus.QUEUED)


def claim(
    trigger: Trigger, plan: Plan, *, now: datetime, claimed_by: str, timing: Timing, ended_by: str | None = None
) -> Claim:
    """Return the trigger with the plan's `next_run_at`, and records of all fire times that the plan decides.

    A trigger without a next fire time is disabled as exhausted. The trigger lists the runs whose fire time has not
    come, so that an edit can still cancel them. `ended_by` is a sentence that says why late fire times are missed if
    the catch-up policy did not decide that, such as "the trigger was disabled".
    """
    runs: list[Run] = []
    previous = trigger.last_run
    for fire_time in plan.fires:
        runs.append(_occurrence(trigger, fire_time, previous=previous, now=now, claimed_by=claimed_by, timing=timing))
        previous = runs[-1].id
    pending = [claimed for claimed in trigger.claimed if claimed.fire_time > now]
    pending += [ClaimedRun(run=run.id, fire_time=run.scheduled_for) for run in runs if run.scheduled_for > now]
    changes: dict[str, object] = {
        "next_run_at": plan.next_run_at,
        "claimed": tuple(pending),
        "last_run": previous,
        "decided_at": trigger.time_to_decide(now),
    }
    if plan.next_run_at is None and trigger.enabled:
        # It will never be due again, so it must not look enabled.
        changes["enabled"] = False
        changes["paused"] = Pause(reason=PauseReason.EXHAUSTED, note="no fire time is left", at=now, by=SCHEDULER)
    if plan.missed is not None:
        run_instead = plan.fires[0] if plan.fires and plan.fires[0] <= now else None
        reason = missed_reason(trigger, plan.missed, run_instead=run_instead, now=now, ended_by=ended_by)
        record = _missed(trigger, plan.missed, now=now, claimed_by=claimed_by, timing=timing)
        runs.append(record.model_copy(update={"reason": reason}))
    return Claim(trigger=trigger.model_copy(update=changes), runs=tuple(runs))


def disable(trigger: Trigger, *, problem: str, now: datetime) -> tuple[Trigger, Revision]:
    """Return the trigger disabled because it cannot be claimed, and its revision, in force from `next_run_at` on."""
    since = now if trigger.next_run_at is None else trigger.next_run_at - timedelta(microseconds=1)
    disabled = trigger.model_copy(
        update={
            "enabled": False,
            "next_run_at": None,
            "paused": Pause(reason=PauseReason.INVALID, note=problem, at=now, by=SCHEDULER),
            "revision": trigger.revision + 1,
            "generation": trigger.generation + 1,
            "updated": Stamp(at=now, by=SCHEDULER),
        }
    )
    return disabled, Revision.of(disabled, valid_from=since)


def _occurrence(
    trigger: Trigger,
    fire_time: datetime,
    *,
    previous: str | None,
    now: datetime,
    claimed_by: str,
    timing: Timing,
) -> Run:
    identifier = occurrence_id(
        project=trigger.project, trigger=trigger.id, fire_time=fire_time, generation=trigger.generation
    )
    given = filled_input(trigger.input, scheduled_for=fire_time, time_zone=time_zone_of(trigger.schedule))
    return Run(
        project=trigger.project,
        id=identifier,
        agent=trigger.agent,
        trigger=trigger.id,
        source=RunSource.SCHEDULE,
        scheduled_for=fire_time,
        due_at=fire_time,
        status=RunStatus.QUEUED,
        input=given.snapshot,
        warnings=given.warnings,
        retry=trigger.retry,
        timeout=trigger.timeout,
        overlap=trigger.overlap,
        queue_depth=trigger.queue_depth,
        max_parallel=trigger.max_parallel,
        catch_up=trigger.catch_up,
        start_deadline=trigger.start_deadline,
        evidence=trigger.evidence,
        progress_every=trigger.progress_every,
        late=fire_time < now,
        generation=trigger.generation,
        claimed_by=claimed_by,
        created=Stamp(at=now, by=SCHEDULER),
        session=trigger.conversation,
        previous=previous,
        root=identifier,
        check_at=max(fire_time, now) + timing.grace,
        shard=shard_of(identifier, shards=timing.shards),
    )


def _missed(trigger: Trigger, missed: MissedRange, *, now: datetime, claimed_by: str, timing: Timing) -> Run:
    record = _occurrence(trigger, missed.first, previous=None, now=now, claimed_by=claimed_by, timing=timing)
    return record.model_copy(
        update={
            "status": RunStatus.MISSED,
            "missed": missed,
            "session": None,
            "finished": now,
            "check_at": None,
            "expire_at": now + timing.retention,
        }
    )
