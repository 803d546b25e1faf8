"""Save the state of an agent that works elsewhere, for the attempts and legs after this one."""

from typing import Any

from tock.app.log import log_run_event
from tock.app.services import Services
from tock.core.errors import CommitConflict, NotFound, RunSettled, StoreUnavailable
from tock.core.run.run import Run
from tock.ports.store import Change

#: How often the state is tried again when the run was changed meanwhile.
MAX_TRIES = 10


async def save_state(services: Services, *, project: str, run: str, state: Any) -> Run:
    """Store a JSON value, which passed the gate, as the state of an active run, and return the run.

    The runner of an attempt at work finds its write conflicting, and reads the run. Raises NotFound, RunSettled,
    StoreUnavailable.
    """
    for _ in range(MAX_TRIES):
        found = await services.store.run(project, run)
        if found is None:
            raise NotFound("run", run)
        if found.value.status.terminal:
            raise RunSettled(run, status=found.value.status, verb="a checkpoint")
        after = found.value.model_copy(update={"state": state})
        try:
            await services.store.commit([Change(before=found, after=after)])
        except CommitConflict:
            continue
        log_run_event("state_saved", after)
        return after
    raise StoreUnavailable(f"Run {run} keeps changing: try again.")
