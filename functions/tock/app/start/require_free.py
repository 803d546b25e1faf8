"""Require that no active run holds the lock of a subject, before somebody is offered to start a run of it."""

from tock.app.lock_holder import lock_holder
from tock.app.services import Services
from tock.core.errors import ActiveRun
from tock.core.ids.derived import lock_id


async def require_free(services: Services, *, project: str, subject: str) -> None:
    """Raise ActiveRun if an active run holds the lock. Only `launch` takes it, so another may be faster."""
    _, holder = await lock_holder(services, project=project, lock=lock_id(subject=subject))
    if holder is not None:
        raise ActiveRun(subject=subject, run=holder.value.id)
