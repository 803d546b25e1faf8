"""Who holds the lock of a subject, such as that of a conversation: at most one active run does."""

from tock.app.find_run import find_run
from tock.app.services import Services
from tock.core.run.admission.lock import Lock
from tock.core.run.run import Run
from tock.ports.store import Versioned


async def lock_holder(
    services: Services, *, project: str, lock: str
) -> tuple[Versioned[Lock] | None, Versioned[Run] | None]:
    """Return the lock, and the active run that holds it, or None for each that there is not.

    A lock without an active run may be taken over: its run's record was deleted or cannot be read.
    """
    found = await services.store.lock(project, lock)
    if found is None:
        return None, None
    holder = await find_run(services, project=project, run=found.value.run)
    return found, None if holder is None or holder.value.status.terminal else holder
