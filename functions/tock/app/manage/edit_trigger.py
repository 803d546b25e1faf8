"""Edit, replace, enable, disable or delete a trigger, and cancel its claimed runs whose fire time has not come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tock.app.enqueue import enqueue
from tock.app.execution.run_commit import run_commit
from tock.app.find_run import find_run
from tock.app.log import log_event
from tock.app.manage.create_trigger import require_agent, require_values, rescheduled
from tock.app.manage.restore_trigger import restored_trigger
from tock.app.manage.stored import Expected, as_stored, require_revision
from tock.app.services import Services
from tock.core.errors import CommitConflict, DocumentUnreadable, NotFound, StoreUnavailable
from tock.core.run import transition
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.schedule.validation import check_schedule
from tock.core.stamp import Stamp
from tock.core.trigger.claim import Claim, claim
from tock.core.trigger.plan import plan, plan_all_missed
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import PauseReason, Trigger, TriggerSpec
from tock.ports.store import Change, Create, Delete, Versioned, Write

#: How often an edit tries again when a tick or another edit came first.
MAX_TRIES = 10
#: How much earlier than an edit the `valid_from` of a later one may be, because clocks differ.
CLOCKS_DIFFER = timedelta(minutes=1)
#: An edit of these fields alone changes nothing that will run.
LABELS = frozenset({"name", "description"})
#: The statuses of a run that no delivery has started, skipped or refused.
_BEFORE_START = frozenset({RunStatus.QUEUED, RunStatus.HELD, RunStatus.CANCELLED})


async def edit_trigger(
    services: Services,
    *,
    project: str,
    trigger: str,
    changes: Mapping[str, Any],
    by: str,
    revision: Expected | None = None,
    mend: bool = False,
) -> Trigger:
    """Change these fields of the trigger, and return it; `revision`, if given, must be the current one.

    A change of labels alone changes nothing else. Any other change does all of this in one Commit:

    1. Decide fire times up to now that no tick claimed, by the policies before the edit; a pause records them as
       missed.
    2. Cancel claimed runs whose fire time has not come.
    3. Compute `next_run_at` from now on, and claim the new version's fire times within the look-ahead.

    With `mend`, a trigger that cannot be read is edited as it was at its newest revision, and written as a whole.

    Raises NotFound, InvalidArgument, RevisionMismatch, DocumentUnreadable, pydantic's ValidationError,
    StoreUnavailable.
    """
    for _ in range(MAX_TRIES):
        found = await _current(services, project, trigger, revision=revision, mend=mend)
        now = found.value.time_to_decide(services.clock.now())
        before = _enabled_until_last_fire_time(found.value, now=now)
        spec = _merged(before, changes)
        same = all(getattr(before, field) == getattr(spec, field) for field in TriggerSpec.model_fields)
        if same and not found.restored:
            return found.value
        edit = await _edited(services, found, spec, before=before, now=now, by=by)
        try:
            await services.store.commit(edit.writes)
        except CommitConflict:
            # A tick, a runner or another edit came first. Or an earlier try of this edit was applied but not
            # acknowledged; then its revision is stored, even if other edits followed it.
            if await _is_stored(services, edit):
                return await _finish(services, edit, by=by)
            continue
        return await _finish(services, edit, by=by)
    raise StoreUnavailable(f"The trigger {trigger!r} keeps changing: try again.")


async def delete_trigger(
    services: Services, *, project: str, trigger: str, by: str, revision: Expected | None = None
) -> None:
    """Delete a trigger, and cancel its claimed runs whose fire time has not come; revisions and records stay.

    Fire times up to now that no tick claimed are recorded as missed. Runs that have started go on. A trigger that
    cannot be read is deleted as it was at its newest revision. Raises NotFound, RevisionMismatch, DocumentUnreadable
    (that revision cannot be read either), StoreUnavailable.
    """
    found = await _current(services, project, trigger, revision=revision, mend=True)
    created = found.value.created
    for tried in range(MAX_TRIES):
        if tried:
            current = await as_stored(services.store.trigger(project, trigger))
            if current is None or (isinstance(current, Versioned) and current.value.created != created):
                # The trigger is gone: an unacknowledged try of this deletion, or another deletion, was applied. A
                # trigger that has the id now is a new one.
                return
            found = await _current(services, project, trigger, revision=revision, mend=True)
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
    """The claimed runs that an edit cancels, the writes for that, and the runs to enqueue after it."""

    runs: tuple[Run, ...]
    writes: tuple[Write, ...]
    queued: tuple[Run, ...]
    #: The newest fire time after now whose run was started, skipped or refused early: no other run may have it.
    used: datetime | None


async def _current(
    services: Services, project: str, trigger: str, *, revision: Expected | None, mend: bool
) -> Versioned[Trigger]:
    """Return the trigger, with `mend` also one that cannot be read, restored from its newest revision.

    Raises NotFound, RevisionMismatch, DocumentUnreadable.
    """
    found = await as_stored(services.store.trigger(project, trigger))
    if found is None:
        raise NotFound("trigger", trigger)
    require_revision("trigger", found, expected=revision)
    if isinstance(found, Versioned):
        return found
    restored = await restored_trigger(services, found) if mend else None
    if restored is None:
        raise DocumentUnreadable(found)
    return restored


def _enabled_until_last_fire_time(trigger: Trigger, *, now: datetime) -> Trigger:
    """Return the trigger, enabled if it is exhausted but a claimed fire time has not come yet.

    The claim of the last fire time disables a trigger as exhausted. Until that fire time, people can still edit and
    pause it as the enabled trigger that it was.
    """
    exhausted = trigger.paused is not None and trigger.paused.reason is PauseReason.EXHAUSTED
    if exhausted and any(claimed.fire_time > now for claimed in trigger.claimed):
        return trigger.model_copy(update={"enabled": True, "paused": None})
    return trigger


def _merged(trigger: Trigger, changes: Mapping[str, Any]) -> TriggerSpec:
    spec = {field: getattr(trigger, field) for field in TriggerSpec.model_fields} | dict(changes)
    disabled_by_tick = trigger.paused is not None and trigger.paused.reason is not PauseReason.DISABLED
    if disabled_by_tick and "schedule" in changes and "enabled" not in changes:
        spec["enabled"] = True
    return TriggerSpec.model_validate(spec)


async def _edited(
    services: Services, found: Versioned[Trigger], spec: TriggerSpec, *, before: Trigger, now: datetime, by: str
) -> _Edit:
    changed = {field for field in TriggerSpec.model_fields if getattr(before, field) != getattr(spec, field)}
    update: dict[str, Any] = {field: getattr(spec, field) for field in changed}
    update |= {"revision": before.revision + 1, "updated": Stamp(at=now, by=by)}
    if changed <= LABELS and not found.restored:
        after = found.value.model_copy(update=update)
        revision = Revision.of(before.model_copy(update=update), valid_from=now)
        return _Edit(after, revision, writes=(Change(before=found, after=after), Create(value=revision)), queued=())
    if "input" in changed:
        require_values(spec.input)
    if spec.enabled:
        await require_agent(services, spec.agent, project=before.project)
    if "schedule" in changed or (spec.enabled and "enabled" in changed):
        # A schedule that was accepted before a rule came may stay, until it changes.
        check_schedule(spec.schedule, shortest_interval=services.timing.shortest_interval)
    past = _past(services, before, now=now, missed_because=None if spec.enabled else "the trigger was disabled")
    reason = "the trigger was edited" if spec.enabled else "the trigger was disabled"
    cancelled = await _cancel_claimed(services, before, now=now, by=by, reason=reason)
    last_run, last_fire_time = past.trigger.last_run, past.trigger.last_fire_time
    if cancelled.runs:
        last_run, last_fire_time = await _previous_occurrence(services, cancelled.runs[0])
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
    """Return the claim of all fire times up to now: by the catch-up policy or, with `missed_because`, all as missed."""
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
        # Catch-up `all` leaves some for later ticks, but none of them reads this version, so the others are missed.
        because = because or "the trigger was edited"
        decided = plan_all_missed(trigger, now=now)


async def _previous_occurrence(services: Services, run: Run) -> tuple[str | None, datetime | None]:
    """Return the id and the fire time of the run before this one."""
    if run.previous is None:
        return None, None
    found = await find_run(services, project=run.project, run=run.previous)
    return run.previous, None if found is None else found.value.scheduled_for


async def _cancel_claimed(services: Services, trigger: Trigger, *, now: datetime, by: str, reason: str) -> _Cancelled:
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
    return _Cancelled(runs=tuple(runs), writes=tuple(writes), queued=tuple(queued), used=used)


async def _is_stored(services: Services, edit: _Edit) -> bool:
    """Return whether the edit was applied although it was not acknowledged."""
    mine = edit.revision
    return mine in await services.store.revisions(mine.project, mine.trigger, since=mine.valid_from - CLOCKS_DIFFER)


async def _finish(services: Services, edit: _Edit, *, by: str) -> Trigger:
    log_event("trigger_edited", project=edit.trigger.project, trigger=edit.trigger.id, by=by)
    await enqueue(services, edit.queued)
    return edit.trigger
