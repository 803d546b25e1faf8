"""The part of the overview that shows an interval: its timeline, and how late its runs started."""

from datetime import timedelta
from typing import Any

from starlette.responses import Response

from tock.app.manage.overview.list_upcoming import list_upcoming
from tock.core.trigger.upcoming import UpcomingStatus
from tock.web.console.pages.overview.lateness import lateness_of
from tock.web.console.pages.overview.records import IntervalRuns, runs_of
from tock.web.console.pages.overview.timeline.interval import SPANS, Interval, interval_of
from tock.web.console.pages.overview.timeline.mark import Mark, mark_of_run, mark_of_upcoming
from tock.web.console.pages.overview.timeline.picture import picture
from tock.web.console.routing import get
from tock.web.console.visit import Visit

#: How many triggers have a row although nothing of them falls into the interval.
MOST_NAMES = 40
#: How many fire times to come are shown, of all triggers and of one.
MOST_UPCOMING, PER_TRIGGER = 400, 100
_UNCLAIMED = frozenset({UpcomingStatus.DUE, UpcomingStatus.TO_COME})
#: While something is active the picture is read again: not sooner than this, and reading this many runs a second.
SHORTEST_PACE, RUNS_A_SECOND = timedelta(seconds=5), 20


async def show_history(visit: Visit) -> Response:
    """Show the timeline alone, for the page that is open and reads it again."""
    return visit.page("overview/history.html", **await history(visit))


async def history(visit: Visit) -> dict[str, Any]:
    """Return what the templates need to show the interval that the URL asks for. Raises InvalidArgument."""
    query = visit.request.query_params
    interval = interval_of(begin=query.get("from", ""), span=query.get("span", ""), now=visit.now)
    found = await runs_of(visit.services, project=visit.project, interval=interval)
    coming, is_cut = await _upcoming(visit, interval)
    names = await visit.services.store.triggers(visit.project, limit=MOST_NAMES, token=None)
    marks = [mark_of_run(run, now=visit.now, zone=visit.reader.zone) for run in found.runs]
    return {
        "picture": picture(
            [*marks, *coming],
            names={each.id: each.name or each.id for each in names.items},
            interval=interval,
            now=visit.now,
            zone=visit.reader.zone,
        ),
        "interval": interval,
        "interval_query": {name: query[name] for name in ("from", "span") if name in query},
        "spans": SPANS,
        "complete_from": found.complete_from,
        "unreadable_runs": found.unreadable,
        "is_cut": is_cut,
        "lateness": lateness_of(found.runs, interval),
        "pace": _pace(found, interval, visit=visit),
    }


async def _upcoming(visit: Visit, interval: Interval) -> tuple[list[Mark], bool]:
    """Return the fire times to come that no tick has claimed, and whether some of the interval are left out."""
    if interval.until <= visit.now:
        return [], False
    found = await list_upcoming(
        visit.services, project=visit.project, until=interval.until, limit=MOST_UPCOMING, per_trigger=PER_TRIGGER
    )
    marks = [
        mark_of_upcoming(item, now=visit.now, zone=visit.reader.zone)
        for item in found.items
        if item.status in _UNCLAIMED and interval.contains(item.due_at)
    ]
    of_trigger = [mark.trigger for mark in marks]
    return marks, found.more or any(of_trigger.count(each) >= PER_TRIGGER for each in set(of_trigger))


def _pace(found: IntervalRuns, interval: Interval, *, visit: Visit) -> int | None:
    """Return after how many seconds the picture is read again; None if nothing in it goes on."""
    is_active = any(not run.status.terminal for run in found.runs)
    if not is_active or not interval.contains(visit.now):
        return None
    return max(int(SHORTEST_PACE.total_seconds()), len(found.runs) // RUNS_A_SECOND)


ROUTES = (get("/projects/{project}/overview/history", show_history),)
