"""Delete the record of a run that cannot be read; every other record stays until it expires."""

from contextlib import suppress

from tock.app.as_stored import as_stored
from tock.app.log import log_event
from tock.app.services import Services
from tock.core.errors import CommitConflict, FailedPrecondition, NotFound, StoreUnavailable
from tock.core.unreadable import Unreadable
from tock.ports.store import Delete

#: How often a deletion tries again when the sweep, or another deletion, came first.
MAX_TRIES = 5


async def delete_run(services: Services, *, project: str, run: str, by: str) -> None:
    """Delete a run that cannot be read. Raises NotFound, FailedPrecondition (the run can be read), StoreUnavailable."""
    for tried in range(MAX_TRIES):
        found = await as_stored(services.store.run(project, run))
        if found is None:
            if tried:
                return
            raise NotFound("run", run)
        if not isinstance(found, Unreadable):
            remedy = "can be read, so its record stays until it expires: to stop the run, cancel it"
            raise FailedPrecondition(field="run", value=run, remedy=remedy)
        with suppress(CommitConflict):
            await services.store.commit([Delete.of(found)])
            log_event("run_deleted", project=project, run=run, by=by, problem=found.problem)
            return
    raise StoreUnavailable(f"Run {run} keeps changing: try again.")
