"""The run of a page's path."""

from tock.core.errors import NotFound
from tock.core.run.run import Run
from tock.web.console.visit import Visit


async def found_run(visit: Visit) -> Run:
    """Return the run. Raises NotFound, DocumentUnreadable, StoreUnavailable."""
    identifier = visit.request.path_params["run"]
    found = await visit.services.store.run(visit.project, identifier)
    if found is None:
        raise NotFound("run", identifier)
    return found.value


def run_page(visit: Visit, run: str | None = None, **query: str | None) -> str:
    """Return the path of the page of a run; without an id of the run of this page."""
    return visit.path("runs", run or visit.request.path_params["run"], **query)
