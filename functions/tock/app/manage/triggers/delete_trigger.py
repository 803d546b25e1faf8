"""Delete a trigger: disable it, cancel its unfinished runs, then remove its document; each step can be repeated."""

from tock.app.as_stored import as_stored
from tock.app.log import log_event
from tock.app.manage.stored import Expected
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.app.services import Services
from tock.core.errors import CommitConflict, StoreUnavailable
from tock.core.time.stamp import Stamp
from tock.core.trigger.cancel_choice import CancelChoice
from tock.core.trigger.revision import Revision
from tock.ports.store import Create, Delete, Versioned

#: How often a deletion tries again when somebody changed the trigger meanwhile.
MAX_TRIES = 10
#: Why a deletion cancels runs.
DELETED = "the trigger was deleted"


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
        disabled = await edit_trigger(
            services,
            project=project,
            trigger=trigger,
            changes={"enabled": False},
            by=by,
            revision=revision,
            mend=True,
            cancel=cancel,
            why_paused=DELETED,
        )
        created, revision = disabled.created, None
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
