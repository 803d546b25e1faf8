"""Edit, replace, enable, disable or delete a trigger, and cancel its claimed runs whose fire time has not come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tock.app.enqueue import enqueue
from tock.app.execution.run_commit import run_commit
from tock.app.find_run import find_run
from tock.app.log import log_event
from tock.app.manage.cancel_unfinished import CancelChoice, cancel_unfinished
from tock.app.manage.create_trigger import require_agent, require_values, rescheduled
from tock.app.manage.restore_trigger import restored_trigger
from tock.app.manage.stored import Expected, as_stored, require_revision
from tock.app.services import Services
from tock.core.errors import CommitConflict, DocumentUnreadable, NotFound, StoreUnavailable
from tock.core.git_ref import require_ref
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
_PAUSE = {"enabled": False}
#: Why an edit, a pause or a deletion cancels runs.
_EDITED = "the trigger was edited"
_DISABLED = "the trigger was disabled"
DELETED = "the trigger was deleted"
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
    cancel: CancelChoice = CancelChoice.PENDING,
) -> Trigger:
    """Change these fields of the trigger, and return it; `revision`, if given, must be the current one.

    A change of labels alone changes nothing else. Any other change does all of this in one Commit:

    1. Decide fire times up to now that no tick claimed, by the policies before the edit; a pause records them as
       missed.
    2. Cancel claimed runs whose fire time has not come.
    3. Compute `next_run_at` from now on, and claim the new version's fire times within the look-ahead.

    A pause then cancels the unfinished runs of earlier fire times by the choice `cancel`, even if the trigger was
    disabled already: so a pause that failed half-way can be repeated.

    With `mend`, a trigger that cannot be read is edited as it was at its newest revision, and written as a whole.

    Raises NotFound, InvalidArgument, RevisionMismatch, DocumentUnreadable, pydantic's ValidationError,
    StoreUnavailable.
    """
    edited = await _edit(
        services, project=project, trigger=trigger, changes=changes, by=by, revision=revision, mend=mend, why=_DISABLED
    )
    if changes.get("enabled") is False:
        await cancel_unfinished(services, project=project, trigger=trigger, choice=cancel, reason=_DISABLED, by=by)
    return edited


async def delete_trigger(
    services: Services,
    *,
    project: str,
    trigger: str,
    by: str,
    revision: Expected | None = None,
    cancel: CancelChoice = CancelChoice.PENDING,
) -> None:
    """Disable a trigger, cancel its unfinished runs by the choice `cancel`, and delete it; revisions and records stay.

    If this fails half-way, the trigger is left disabled, and a second call goes on. A trigger that cannot be read is
    deleted as it was at its newest revision. Raises NotFound, RevisionMismatch, DocumentUnreadable (that revision
    cannot be read either), StoreUnavailable.
    """
    created: Stamp | None = None
    for _ in range(MAX_TRIES):
        if created is not None:
            current = await as_stored(services.store.trigger(project, trigger))
            if current is None or (isinstance(current, Versioned) and current.value.created != created):
                # The trigger is gone: an unacknowledged try of this deletion, or another deletion, was applied. A
                # trigger that has the id now is a new one.
                return
        disabled = await _edit(
            services,
            project=project,
            trigger=trigger,
            changes=_PAUSE,
            by=by,
            revision=revision,
            mend=True,
            why=DELETED,
        )
        created, revision = disabled.created, None
        await cancel_unfinished(services, project=project, trigger=trigger, choice=cancel, reason=DELETED, by=by)
        found = await as_stored(services.store.trigger(project, trigger))
        if not isinstance(found, Versioned) or found.value.generation != disabled.generation:
            continue
        at = found.value.time_to_decide(services.clock.now())
        end = Revision.end_of(found.value, at=at, by=by)
        try:
            await services.store.commit([Delete(value=found.value, version=found.version), Create(value=end)])
        except CommitConflict:
            continue
        log_event("trigger_deleted", project=project, trigger=trigger, by=by)
        return
    raise StoreUnavailable(f"The trigger {trigger!r} keeps changing: try again.")


async def _edit(
    services: Services,
    *,
    project: str,
    trigger: str,
    changes: Mapping[str, Any],
    by: str,
    revision: Expected | None,
    mend: bool,
    why: str,
) -> Trigger:
    """Change the trigger; if this disables it, `why` is the reason of the runs that it cancels."""
    for _ in range(MAX_TRIES):
        found = await _current(services, project, trigger, revision=revision, mend=mend)
        now = found.value.time_to_decide(services.clock.now())
        before = found.value.until_last_fire_time(now)
        spec = _merged(before, changes)
        same = all(getattr(before, field) == getattr(spec, field) for field in TriggerSpec.model_fields)
        if same and not found.restored:
            return found.value
        edit = await _edited(services, found, spec, before=before, now=now, by=by, why=why)
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


def _merged(trigger: Trigger, changes: Mapping[str, Any]) -> TriggerSpec:
    spec = {field: getattr(trigger, field) for field in TriggerSpec.model_fields} | dict(changes)
    disabled_by_tick = trigger.paused is not None and trigger.paused.reason is not PauseReason.DISABLED
    if disabled_by_tick and "schedule" in changes and "enabled" not in changes:
        spec["enabled"] = True
    return TriggerSpec.model_validate(spec)


async def _edited(
    services: Services,
    found: Versioned[Trigger],
    spec: TriggerSpec,
    *,
    before: Trigger,
    now: datetime,
    by: str,
    why: str,
) -> _Edit:
    changed = {field for field in TriggerSpec.model_fields if getattr(before, field) != getattr(spec, field)}
    update: dict[str, Any] = {field: getattr(spec, field) for field in changed}
    update |= {"revision": before.revision + 1, "updated": Stamp(at=now, by=by)}
    if changed <= LABELS and not found.restored:
        after = found.value.model_copy(update=update)
        revision = Revision.of(before.model_copy(update=update), valid_from=now)
        return _Edit(after, revision, writes=(Change(before=found, after=after), Create(value=revision)), queued=())
    if spec.input.ref != before.input.ref:
        # A ref that was stored before this rule may stay.
        require_ref(spec.input.ref, field="input.ref")
    if "input" in changed:
        require_values(spec.input)
    if spec.enabled:
        await require_agent(services, spec.agent, project=before.project)
    if "schedule" in changed or (spec.enabled and "enabled" in changed):
        # A schedule that was accepted before a rule came may stay, until it changes.
        check_schedule(spec.schedule, shortest_interval=services.timing.shortest_interval)
    past = _past(services, before, now=now, paused_by=None if spec.enabled else why)
    reason = _EDITED if spec.enabled else why
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


def _past(services: Services, before: Trigger, *, now: datetime, paused_by: str | None) -> Claim:
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
        ended_by = ended_by or _EDITED
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
