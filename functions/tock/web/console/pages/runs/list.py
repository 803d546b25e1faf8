"""The list of runs."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from starlette.responses import Response

from tock.app.listed_runs import listed_runs
from tock.core.errors import InvalidArgument
from tock.core.run.order import RunOrder
from tock.core.run.run import Run
from tock.core.run.status import RunSource, RunStatus
from tock.ports.store import Page, RunFilter
from tock.web.console.pages.runs.filters import SHORTCUT, Place, RunFilters
from tock.web.console.pages.runs.within import WITHIN
from tock.web.console.routing import get
from tock.web.console.totals import whole
from tock.web.console.visit import Visit
from tock.web.resources.page import UnreadableShape
from tock.web.resources.runs.run import RunResource
from tock.web.resources.runs.run_query import RunQuery

PAGE_SIZE = 50
#: How many agents and triggers are offered as words of the filters.
_OFFERED = 50
#: How many of the runs are named whose time has not come.
COMING = 20
_NOTHING: Page[Run] = Page(items=(), next_token=None)
_INSTANT = timedelta(microseconds=1)


async def list_runs(visit: Visit) -> Response:
    """Show the runs that the address asks for, the latest scheduled first or as it says.

    Runs that are claimed ahead of their time stand apart: they would come first, and leave no room for what runs now.
    """
    given = visit.request.query_params
    place = Place.of(given, now=visit.now)
    filters = RunFilters.of(given, zone=visit.reader.zone, now=place.opened)
    if SHORTCUT in given:
        # The form was sent with all its fields; the address of the list names only those that say something.
        return visit.go_on(visit.path("runs", **filters.address))
    problems = dict(filters.problems)
    page = coming = _NOTHING
    if filters.query is not None:
        matching, later = _apart(filters.query, now=place.opened)
        if later is not None and place.is_first:
            coming = await visit.services.store.runs(visit.project, matching=later, limit=COMING, token=None)
        try:
            page = await listed_runs(
                visit.services,
                project=visit.project,
                matching=matching,
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
        goes_on=_goes_on(filters, place) and any(not run.status.terminal for run in (*page.items, *coming.items)),
        coming=[RunResource.of(run) for run in reversed(coming.items)],
        more_coming=coming.next_token is not None,
        within=WITHIN,
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


def _apart(query: RunQuery, *, now: datetime) -> tuple[RunFilter, RunFilter | None]:
    """Return what the list holds, and what stands apart because its time has not come; None if nothing does."""
    matching, later = query.matching, now + _INSTANT
    names_later = matching.until is not None or (matching.since is not None and matching.since > now)
    if names_later or query.sort is not RunOrder.SCHEDULED_FOR:
        return matching, None
    return replace(matching, until=later), replace(matching, since=later)


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
