"""Read the runs of a project that are not over yet, as many as one request may look at."""

from dataclasses import dataclass

from tock.app.services import Services
from tock.core.run.run import Run, Snapshot
from tock.core.run.status import RunStatus
from tock.core.unreadable import Unreadable
from tock.ports.store import RunFilter

#: How many runs one query reads: each may have a MiB, so they must not be many at once.
PAGE = 50
#: How many runs are read at most.
MOST = 1200


@dataclass(frozen=True, slots=True)
class PendingRuns:
    """Runs with the statuses that were asked for, without their input's texts and payload and without their result."""

    runs: tuple[Run, ...]
    unreadable: tuple[Unreadable, ...]
    #: Whether there are more than MOST: then these have the latest `scheduled_for`.
    more: bool


async def pending_runs(services: Services, *, project: str, statuses: frozenset[RunStatus]) -> PendingRuns:
    """Return the project's runs with one of the statuses, the latest `scheduled_for` first. Raises StoreUnavailable."""
    runs: list[Run] = []
    unreadable: list[Unreadable] = []
    token: str | None = None
    while True:
        page = await services.store.runs(project, matching=RunFilter(statuses=statuses), limit=PAGE, token=token)
        runs += map(slim, page.items)
        unreadable += page.unreadable
        token = page.next_token
        if token is None or len(runs) + len(unreadable) >= MOST:
            return PendingRuns(tuple(runs), tuple(unreadable), more=token is not None)


def slim(run: Run) -> Run:
    """Return the run without its input's texts and payload, its result, its state and its answer."""
    kept = Snapshot(time_zone=run.input.time_zone)
    return run.model_copy(update={"input": kept, "result": None, "state": None, "answer": None})
