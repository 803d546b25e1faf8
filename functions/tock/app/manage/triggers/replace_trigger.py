"""Replace or delete a trigger as a whole, whatever is stored in its place."""

from datetime import datetime

from tock.app.enqueue import enqueue
from tock.app.log import log_event
from tock.app.manage.stored import Expected
from tock.app.manage.triggers.cancel_unfinished import cancel_unfinished
from tock.app.manage.triggers.create_trigger import created_trigger, last_numbers, require_agent, require_values
from tock.app.manage.triggers.delete_trigger import DELETED, delete_trigger
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.app.manage.triggers.restore_trigger import newest_runs
from tock.app.services import Services
from tock.core.errors import CommitConflict, DocumentUnreadable, StoreUnavailable
from tock.core.fields.git_ref import require_ref
from tock.core.schedule.validation import check_schedule
from tock.core.time.stamp import Stamp
from tock.core.trigger.cancel_choice import CancelChoice
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger, TriggerSpec
from tock.core.unreadable import Unreadable
from tock.ports.store import Change, Create, Delete, Versioned, Write


async def replace_trigger(
    services: Services, *, project: str, trigger: str, spec: TriggerSpec, by: str, revision: Expected | None = None
) -> Trigger:
    """Give the trigger all fields of `spec`, and return it; `revision`, if given, must be the current one.

    A trigger that cannot be read is edited as it was at its newest revision. If that cannot be read either, it begins
    anew, with the next revision and generation of its id, and fire times that no tick claimed stay without a record.
    Raises NotFound, InvalidArgument, RevisionMismatch, StoreUnavailable.
    """
    try:
        return await edit_trigger(
            services, project=project, trigger=trigger, changes=dict(spec), by=by, revision=revision, mend=True
        )
    except DocumentUnreadable as exc:
        return await _begun_anew(services, exc.found, spec=spec, by=by)


async def remove_trigger(
    services: Services,
    *,
    project: str,
    trigger: str,
    by: str,
    revision: Expected | None = None,
    cancel: CancelChoice = CancelChoice.PENDING,
) -> None:
    """Delete the trigger as `delete_trigger` does, even if neither it nor its newest revision can be read.

    Raises NotFound, RevisionMismatch, StoreUnavailable.
    """
    try:
        await delete_trigger(services, project=project, trigger=trigger, by=by, revision=revision, cancel=cancel)
    except DocumentUnreadable as exc:
        now = services.clock.now()
        end = await _end(services, exc.found, now=now, by=by)
        await _commit(services, exc.found, [Delete.of(exc.found), Create(value=end)])
        await cancel_unfinished(services, project=project, trigger=trigger, choice=cancel, reason=DELETED, by=by)
        log_event("trigger_deleted", project=project, trigger=trigger, by=by, problem=exc.found.problem)


async def _begun_anew(services: Services, found: Unreadable, *, spec: TriggerSpec, by: str) -> Trigger:
    require_ref(spec.input.ref, field="input.ref")
    require_values(spec.input)
    await require_agent(services, spec, project=found.project)
    check_schedule(spec.schedule, shortest_interval=services.timing.shortest_interval)
    stamp = Stamp(at=services.clock.now(), by=by)
    former = await services.store.revisions(found.project, found.id, since=stamp.at)
    token = services.random.token()
    made, revision = created_trigger(
        services,
        spec,
        project=found.project,
        name=found.id,
        stamp=stamp,
        former=former,
        last_run=await _last_run(services, found),
        token=token,
    )
    replaced = Change(before=Versioned(made.trigger, found.version, restored=True), after=made.trigger)
    await _commit(services, found, [replaced, Create(value=revision), *(Create(value=run) for run in made.runs)])
    log_event("trigger_mended", project=found.project, trigger=found.id, by=by, problem=found.problem)
    await enqueue(services, made.queued)
    return made.trigger


async def _end(services: Services, found: Unreadable, *, now: datetime, by: str) -> Revision:
    number, generation = last_numbers(await services.store.revisions(found.project, found.id, since=now))
    return Revision(
        project=found.project,
        trigger=found.id,
        number=number + 1,
        generation=generation + 1,
        valid_from=now,
        author=by,
        spec=None,
        last_run=await _last_run(services, found),
    )


async def _last_run(services: Services, found: Unreadable) -> str | None:
    """Return the newest run of a fire time, so that the next one does not start beside it."""
    runs = await newest_runs(services, found)
    return next((run.id for run in runs if run.missed is None), None)


async def _commit(services: Services, found: Unreadable, writes: list[Write]) -> None:
    try:
        await services.store.commit(writes)
    except CommitConflict as exc:
        raise StoreUnavailable(f"The trigger {found.id!r} was changed just now: read it and try again.") from exc
