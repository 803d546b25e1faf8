"""Edit, enable, disable or delete a trigger, together with its claimed runs whose fire time has not come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tock.app.enqueue import enqueue
from tock.app.execution.run_commit import run_commit
from tock.app.log import log_event
from tock.app.manage.create_trigger import rescheduled, validate_trigger_spec
from tock.app.services import Services
from tock.core.errors import CommitConflict, NotFound, RevisionMismatch, StoreUnavailable
from tock.core.run import transition
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.stamp import Stamp
from tock.core.trigger.claim import Claim, claim
from tock.core.trigger.plan import plan, plan_all_missed
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import PauseReason, Trigger, TriggerSpec
from tock.ports.store import Change, Create, Delete, Versioned, Write

#: How often an edit looks again when a tick or another edit was faster.
MAX_TRIES = 10
#: How much earlier than an edit a later one may say that it was.
CLOCKS_DIFFER = timedelta(minutes=1)
#: An edit of these alone changes nothing that will run.
LABELS = frozenset({"name", "description"})
#: What a run may be that has not been about to start.
_BEFORE_START = frozenset({RunStatus.QUEUED, RunStatus.HELD, RunStatus.CANCELLED})


async def edit_trigger(
    services: Services,
    *,
    project: str,
    trigger: str,
    changes: Mapping[str, Any],
    by: str,
    revision: int | None = None,
) -> Trigger:
    """Return the trigger with the changed fields of its specification; `revision`, if given, must be the current one.

    1. A change of labels alone touches nothing else.
    2. Any other: fire times that nobody ticked yet are decided by the version until now (a pause lets them go);
       claimed runs whose fire time has not come are cancelled; `next_run_at` is computed from now, and what is due
       within the look-ahead is claimed for the new version. All of it is one Commit.

    Raises NotFound, InvalidArgument, RevisionMismatch, pydantic's ValidationError, StoreUnavailable.
    """
    for _ in range(MAX_TRIES):
        found = await _current(services, project, trigger, revision=revision)
        now = found.value.time_to_decide(services.clock.now())
        before = _with_last_runs_to_come(found.value, now=now)
        spec = _merged(before, changes)
        if all(getattr(before, field) == getattr(spec, field) for field in TriggerSpec.model_fields):
            return found.value
        edit = await _edited(services, found, spec, before=before, now=now, by=by)
        try:
            await services.store.commit(edit.writes)
        except CommitConflict:
            # A tick, a runner or another edit was faster; or this very edit was not acknowledged, and is found done,
            # however many others came since.
            if await _is_done(services, edit):
                return await _done(services, edit, by=by)
            continue
        return await _done(services, edit, by=by)
    raise StoreUnavailable(f"The trigger {trigger!r} keeps changing: try again.")


async def delete_trigger(
    services: Services, *, project: str, trigger: str, by: str, revision: int | None = None
) -> None:
    """Delete a trigger and cancel its claimed runs whose fire time has not come; its history stays.

    Runs that have started go on. Raises NotFound, RevisionMismatch, StoreUnavailable.
    """
    found = await _current(services, project, trigger, revision=revision)
    created = found.value.created
    for tried in range(MAX_TRIES):
        if tried:
            current = await services.store.trigger(project, trigger)
            if current is None or current.value.created != created:
                # The conflict came from this very deletion, whose acknowledgement was lost, or from another's; a
                # trigger that bears the name by now is somebody else's.
                return
            found = await _current(services, project, trigger, revision=revision)
        now = found.value.time_to_decide(services.clock.now())
        past = _past(services, found.value, now=now, missed_because="the trigger was deleted")
        cancelled = await _cancel_claimed(services, found.value, now=now, by=by, reason="the trigger was deleted")
        end = Create(value=Revision.end_of(found.value, at=cancelled.used or now, by=by))
        writes = [*cancelled.writes, *(Create(value=run) for run in past.runs)]
        try:
            await services.store.commit([Delete(value=found.value, version=found.version), end, *writes])
        except CommitConflict:
            continue
        log_event("trigger_deleted", project=project, trigger=trigger, by=by, cancelled=len(cancelled.runs))
        await enqueue(services, cancelled.queued)
        return
    raise StoreUnavailable(f"The trigger {trigger!r} keeps changing: try again.")


@dataclass(frozen=True, slots=True)
class _Edit:
    trigger: Trigger
    revision: Revision
    writes: tuple[Write, ...]
    queued: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class _Cancelled:
    """Claimed runs that an edit takes back."""

    runs: tuple[Run, ...]
    writes: tuple[Write, ...]
    queued: tuple[Run, ...]
    #: The newest fire time to come whose run began a moment early: it is used up.
    used: datetime | None


async def _current(services: Services, project: str, trigger: str, *, revision: int | None) -> Versioned[Trigger]:
    found = await services.store.trigger(project, trigger)
    if found is None:
        raise NotFound("trigger", trigger)
    if revision is not None and found.value.revision != revision:
        raise RevisionMismatch("trigger", trigger, expected=str(revision), actual=str(found.value.revision))
    return found


def _with_last_runs_to_come(trigger: Trigger, *, now: datetime) -> Trigger:
    """Return the trigger as its author sees it.

    Once its last fire times are claimed it is disabled as exhausted; until they have come, it can still be edited and
    paused as the enabled trigger that it was.
    """
    exhausted = trigger.paused is not None and trigger.paused.reason is PauseReason.EXHAUSTED
    if exhausted and any(claimed.fire_time > now for claimed in trigger.claimed):
        return trigger.model_copy(update={"enabled": True, "paused": None})
    return trigger


def _merged(trigger: Trigger, changes: Mapping[str, Any]) -> TriggerSpec:
    spec = {field: getattr(trigger, field) for field in TriggerSpec.model_fields} | dict(changes)
    exhausted = trigger.paused is not None and trigger.paused.reason is not PauseReason.DISABLED
    if exhausted and "schedule" in changes and "enabled" not in changes:
        spec["enabled"] = True
    return TriggerSpec.model_validate(spec)


async def _edited(
    services: Services, found: Versioned[Trigger], spec: TriggerSpec, *, before: Trigger, now: datetime, by: str
) -> _Edit:
    changed = {field for field in TriggerSpec.model_fields if getattr(before, field) != getattr(spec, field)}
    update: dict[str, Any] = {field: getattr(spec, field) for field in changed}
    update |= {"revision": before.revision + 1, "updated": Stamp(at=now, by=by)}
    if changed <= LABELS:
        after = found.value.model_copy(update=update)
        revision = Revision.of(before.model_copy(update=update), valid_from=now)
        return _Edit(after, revision, writes=(Change(before=found, after=after), Create(value=revision)), queued=())
    if spec.enabled:
        await validate_trigger_spec(services, spec, project=before.project)
    past = _past(services, before, now=now, missed_because=None if spec.enabled else "the trigger was disabled")
    reason = "the trigger was edited" if spec.enabled else "the trigger was disabled"
    cancelled = await _cancel_claimed(services, before, now=now, by=by, reason=reason)
    last_run, last_fire_time = past.trigger.last_run, past.trigger.last_fire_time
    if cancelled.runs:
        last_run, last_fire_time = await _before(services, cancelled.runs[0])
    valid_from = cancelled.used or now
    update |= {
        "decided_at": valid_from,
        "generation": before.generation + 1,
        "last_run": last_run,
        "last_fire_time": last_fire_time,
    }
    after = rescheduled(before.model_copy(update=update), now=now, by=by, after=valid_from)
    decided = plan(after, now=now, look_ahead=services.timing.look_ahead)
    future = claim(after, decided, now=now, claimed_by=f"edit-{services.random.token()}", timing=services.timing)
    revision = Revision.of(after, valid_from=valid_from)
    created = (Create(value=revision), *(Create(value=run) for run in (*past.runs, *future.runs)))
    writes = (Change(before=found, after=future.trigger), *cancelled.writes, *created)
    return _Edit(future.trigger, revision, writes=writes, queued=(*past.queued, *future.queued, *cancelled.queued))


def _past(services: Services, before: Trigger, *, now: datetime, missed_because: str | None) -> Claim:
    """Decide the fire times up to now that nobody ticked: by the catch-up policy, or all let go for a reason."""
    trigger, runs = before, list[Run]()
    decided = plan(before, now=now, look_ahead=timedelta())
    if missed_because is not None:
        decided = plan_all_missed(before, now=now)
    because = missed_because
    while True:
        token = services.random.token()
        made = claim(
            trigger, decided, now=now, claimed_by=f"edit-{token}", timing=services.timing, missed_because=because
        )
        trigger = made.trigger
        runs += made.runs
        if trigger.next_run_at is None or trigger.next_run_at > now:
            return Claim(trigger=trigger, runs=tuple(runs))
        # More was late than one plan decides; no later tick will see this version, so the rest is let go here.
        because = because or "the trigger was edited"
        decided = plan_all_missed(trigger, now=now)


async def _before(services: Services, run: Run) -> tuple[str | None, datetime | None]:
    """Return the run of the occurrence before, and its fire time."""
    if run.previous is None:
        return None, None
    found = await services.store.run(run.project, run.previous)
    return run.previous, None if found is None else found.value.scheduled_for


async def _cancel_claimed(services: Services, trigger: Trigger, *, now: datetime, by: str, reason: str) -> _Cancelled:
    """Take back the claimed runs whose fire time has not come and that nobody has started."""
    runs: list[Run] = []
    writes: list[Write] = []
    queued: list[Run] = []
    used: datetime | None = None
    for claimed in trigger.claimed:
        if claimed.fire_time <= now:
            continue
        found = await services.store.run(trigger.project, claimed.run)
        if found is None:
            continue
        if found.value.status not in _BEFORE_START or found.value.attempts:
            # A race: its delivery came a moment before its fire time, as it may where clocks differ, or this edit is
            # so slow that it came meanwhile; whatever became of it then, its fire time is not free any more.
            used = claimed.fire_time
            continue
        if found.value.status is RunStatus.CANCELLED:
            continue
        after = transition.cancel(found.value, by=by, reason=reason, now=now, timing=services.timing)
        commit = await run_commit(services, found, after)
        runs.append(after)
        writes += commit.writes
        queued += commit.queued
    return _Cancelled(runs=tuple(runs), writes=tuple(writes), queued=tuple(queued), used=used)


async def _is_done(services: Services, edit: _Edit) -> bool:
    """Whether the edit is in the store already: its acknowledgement was lost."""
    mine = edit.revision
    return mine in await services.store.revisions(mine.project, mine.trigger, since=mine.valid_from - CLOCKS_DIFFER)


async def _done(services: Services, edit: _Edit, *, by: str) -> Trigger:
    log_event("trigger_edited", project=edit.trigger.project, trigger=edit.trigger.id, by=by)
    await enqueue(services, edit.queued)
    return edit.trigger
