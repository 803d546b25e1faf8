"""Find a run as the engine needs it: one that cannot be read counts as gone."""

from tock.app.services import Services
from tock.core.errors import DocumentUnreadable
from tock.core.run.run import Run
from tock.ports.store import Versioned


async def find_run(services: Services, *, project: str, run: str) -> Versioned[Run] | None:
    """Return the run, or None if it is gone or cannot be read.

    A run that cannot be read blocks no other run, holds no lock and starts no attempt: its runner stops at the next
    heartbeat, and the sweep ends it at its `check_at`. Raises StoreUnavailable.
    """
    try:
        return await services.store.run(project, run)
    except DocumentUnreadable:
        return None
