"""Edit, enable or disable a trigger: its old version decides what is past, its new one what is to come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tock.app.as_stored import as_stored
from tock.app.enqueue import enqueue
from tock.app.log import log_event
from tock.app.manage.stored import Expected, require_revision
from tock.app.manage.triggers.cancel_unfinished import cancel_unfinished
from tock.app.manage.triggers.create_trigger import require_agent, require_values, rescheduled
from tock.app.manage.triggers.restore_trigger import restored_trigger
from tock.app.manage.triggers.withdraw import EDITED, cancel_claimed, claim_past
from tock.app.services import Services
from tock.core.errors import CommitConflict, DocumentUnreadable, NotFound, StoreUnavailable
from tock.core.fields.differing import differing_fields
from tock.core.fields.git_ref import require_ref
from tock.core.run.run import Run
from tock.core.schedule.validation import check_schedule
from tock.core.time.stamp import Stamp
from tock.core.trigger.cancel_choice import CancelChoice
from tock.core.trigger.claim import claim
from tock.core.trigger.conversation import with_conversation
from tock.core.trigger.plan import plan
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import PauseReason, Trigger, TriggerSpec
from tock.ports.store import Change, Create, Versioned, Write

#: How often an edit tries again when a tick or another edit came first.
MAX_TRIES = 10
#: How much earlier than an edit the `valid_from` of a later one may be, because clocks differ.
CLOCKS_DIFFER = timedelta(minutes=1)
#: An edit of these fields alone changes nothing that will run.
WORDS = frozenset({"name", "description", "labels"})
#: Why a pause cancels runs.
DISABLED = "the trigger was disabled"


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
    why_paused: str = DISABLED,
) -> Trigger:
    """Change these fields of the trigger, and return it; `revision`, if given, must be the current one.

    A change of name, description and labels alone changes nothing else. Any other change does all of this in one
    Commit:

    1. Decide fire times up to now that no tick claimed, by the policies before the edit; a pause records them as
       missed.
    2. Cancel claimed runs whose fire time has not come.
    3. Compute `next_run_at` from now on, and claim the new version's fire times within the look-ahead.

    A pause then cancels the unfinished runs of earlier fire times by the choice `cancel`, with the reason `why_paused`,
    even if the trigger was disabled already: so a pause that failed half-way can be repeated.

    With `mend`, a trigger that cannot be read is edited as it was at its newest revision, and written as a whole.

    Raises NotFound, InvalidArgument, RevisionMismatch, DocumentUnreadable, pydantic's ValidationError,
    StoreUnavailable.
    """
    for _ in range(MAX_TRIES):
        found = await _current(services, project, trigger, revision=revision, mend=mend)
        edited = await _try(services, found, changes, by=by, why_paused=why_paused)
        if edited is None:
            continue
        if changes.get("enabled") is False:
            await cancel_unfinished(services, project=project, trigger=trigger, choice=cancel, reason=why_paused, by=by)
        return edited
    raise StoreUnavailable(f"The trigger {trigger!r} keeps changing: try again.")


async def _try(
    services: Services, found: Versioned[Trigger], changes: Mapping[str, Any], *, by: str, why_paused: str
) -> Trigger | None:
    """Edit the trigger as it was read, and return it; None if a tick, a runner or another edit came first."""
    now = found.value.time_to_decide(services.clock.now())
    before = found.value.until_last_fire_time(now)
    spec = _merged(before, changes)
    changed = differing_fields(before, spec, fields=TriggerSpec.model_fields)
    if not changed and not found.restored:
        return found.value
    edit = await _edited(services, found, spec, before=before, now=now, by=by, why_paused=why_paused)
    try:
        await services.store.commit(edit.writes)
    except CommitConflict:
        # If an earlier try of this edit was applied but not acknowledged, its revision is stored, even if other edits
        # followed it.
        if not await _is_stored(services, edit):
            return None
    log_event("trigger_edited", project=edit.trigger.project, trigger=edit.trigger.id, by=by)
    await enqueue(services, edit.queued)
    return edit.trigger


@dataclass(frozen=True, slots=True)
class _Edit:
    trigger: Trigger
    revision: Revision
    writes: tuple[Write, ...]
    queued: tuple[Run, ...]


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
    why_paused: str,
) -> _Edit:
    changed = differing_fields(before, spec, fields=TriggerSpec.model_fields)
    update: dict[str, Any] = {field: getattr(spec, field) for field in changed}
    update |= {"revision": before.revision + 1, "updated": Stamp(at=now, by=by)}
    if changed <= WORDS and not found.restored:
        after = found.value.model_copy(update=update)
        revision = Revision.of(before.model_copy(update=update), valid_from=now)
        return _Edit(after, revision, writes=(Change(before=found, after=after), Create(value=revision)), queued=())
    if spec.input.ref != before.input.ref:
        # A ref that was stored before this rule may stay.
        require_ref(spec.input.ref, field="input.ref")
    if "input" in changed:
        require_values(spec.input)
    if spec.enabled or "session" in changed or spec.input.ref != before.input.ref:
        await require_agent(services, spec, project=before.project)
    if "schedule" in changed or (spec.enabled and "enabled" in changed):
        # A schedule that was accepted before a rule came may stay, until it changes.
        check_schedule(spec.schedule, shortest_interval=services.timing.shortest_interval)
    past = claim_past(services, before, now=now, paused_by=None if spec.enabled else why_paused)
    reason = EDITED if spec.enabled else why_paused
    cancelled = await cancel_claimed(services, before, now=now, by=by, reason=reason)
    valid_from = cancelled.used or now
    update |= {
        "decided_at": valid_from,
        "generation": before.generation + 1,
        "last_run": cancelled.runs[0].previous if cancelled.runs else past.trigger.last_run,
    }
    after = with_conversation(rescheduled(before.model_copy(update=update), now=now, by=by, after=valid_from))
    decided = plan(after, now=now, look_ahead=services.timing.look_ahead)
    future = claim(after, decided, now=now, claimed_by=f"edit-{services.random.token()}", timing=services.timing)
    revision = Revision.of(after, valid_from=valid_from)
    created = (Create(value=revision), *(Create(value=run) for run in (*past.runs, *future.runs)))
    writes = (Change(before=found, after=future.trigger), *cancelled.writes, *created)
    return _Edit(future.trigger, revision, writes=writes, queued=(*past.queued, *future.queued, *cancelled.queued))


async def _is_stored(services: Services, edit: _Edit) -> bool:
    """Return whether the edit was applied although it was not acknowledged."""
    mine = edit.revision
    return mine in await services.store.revisions(mine.project, mine.trigger, since=mine.valid_from - CLOCKS_DIFFER)
