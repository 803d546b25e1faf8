"""The list of runs."""

import asyncio

from starlette.responses import Response

from tock.app.listed_runs import listed_runs
from tock.core.errors import InvalidArgument
from tock.core.run.order import RunOrder
from tock.core.run.run import Run
from tock.core.run.status import RunSource, RunStatus
from tock.ports.store import Page
from tock.web.console.pages.runs.filters import Place, RunFilters
from tock.web.console.routing import get
from tock.web.console.totals import whole
from tock.web.console.visit import Visit
from tock.web.resources.page import UnreadableShape
from tock.web.resources.runs.run import RunResource

PAGE_SIZE = 50
#: How many agents and triggers are offered as words of the filters.
_OFFERED = 50
_NOTHING: Page[Run] = Page(items=(), next_token=None)


async def list_runs(visit: Visit) -> Response:
    """Show the runs that the address asks for, the latest scheduled first or as it says."""
    given = visit.request.query_params
    filters, place = RunFilters.of(given, zone=visit.reader.zone), Place.of(given)
    problems = dict(filters.problems)
    page = _NOTHING
    if filters.query is not None:
        try:
            page = await listed_runs(
                visit.services,
                project=visit.project,
                matching=filters.query.matching,
                limit=PAGE_SIZE,
                token=place.token or None,
                order=filters.query.sort,
                with_total=True,
            )
        except InvalidArgument as exc:
            problems[exc.field] = exc.remedy
    runs = [RunResource.of(run) for run in page.items]
    shown = len(page.found)
    agents, triggers = await _words(visit)
    return visit.page(
        "runs/list.html",
        status=400 if problems else 200,
        runs=runs,
        unreadable=UnreadableShape.of_all(page.unreadable),
        filters=filters,
        problems=problems,
        agents=agents,
        triggers=triggers,
        statuses=list(RunStatus),
        sources=list(RunSource),
        orders=list(RunOrder),
        here=visit.here,
        goes_on=_goes_on(filters, place) and any(not run.status.terminal for run in runs),
        first=place.skipped + 1,
        last=place.skipped + shown,
        total=page.total and whole(page.total, last=place.skipped + shown, ends=page.next_token is None),
        is_first=place.is_first,
        previous=place.previous(size=PAGE_SIZE),
        next=None if page.next_token is None else place.next(page.next_token, shown=shown),
    )


def _goes_on(filters: RunFilters, place: Place) -> bool:
    """Whether an open page may read itself again: the first one, in an order that takes no more reads than it shows."""
    return place.is_first and filters.query is not None and filters.query.sort is RunOrder.SCHEDULED_FOR


async def _words(visit: Visit) -> tuple[list[str], list[str]]:
    """Return the ids of the newest agents and triggers; an open page that reads itself again has them."""
    if visit.is_partial:
        return [], []
    store = visit.services.store
    agents, triggers = await asyncio.gather(
        store.agents(visit.project, limit=_OFFERED, token=None),
        store.triggers(visit.project, limit=_OFFERED, token=None),
    )
    return [agent.id for agent in agents.items], [trigger.id for trigger in triggers.items]


ROUTES = (get("/projects/{project}/runs", list_runs),)
