"""One trigger: its state, its calendar, its latest runs, what it runs and how."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from starlette.responses import Response

from tock.app.as_stored import as_stored
from tock.core.run.run import Run
from tock.core.schedule.schedule import time_zone_of
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable
from tock.ports.store import RunFilter, Versioned
from tock.web.console.pages.triggers.actions.unfinished import unfinished_runs
from tock.web.console.pages.triggers.detail.calendar import Month, filled, month_of
from tock.web.console.pages.triggers.detail.policies import policies_in_words
from tock.web.console.pages.triggers.found import deleted_page, stored_trigger
from tock.web.console.pages.triggers.read_again import read_again_in
from tock.web.console.routing import get
from tock.web.console.visit import Visit
from tock.web.resources.runs.run import RunResource
from tock.web.resources.triggers.preview import PreviewQuery, preview_of
from tock.web.resources.triggers.trigger import TriggerResource

_LATEST_RUNS = 8
_NEXT_FIRE_TIMES = 8
#: A page whose trigger fires so soon reads itself anew.
_SOON = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)
#: The part of the page that has the calendar, by its id.
_CALENDAR = "coming"
#: The most runs that one calendar counts. Price: a read for each.
_MOST_COUNTED = 300


async def show_trigger(visit: Visit) -> Response:
    """Show a trigger; a page that is open already reads its calendar again only after a switch."""
    trigger = await stored_trigger(visit)
    if trigger is None:
        return await deleted_page(visit)
    if isinstance(trigger, Unreadable):
        return visit.page("triggers/detail/unreadable.html", status=200 if visit.is_partial else 409, trigger=trigger)
    store = visit.services.store
    # Runs that are claimed ahead of their fire times stand under those.
    begun = RunFilter(trigger=trigger.id, until=visit.now + _SECOND)
    latest = await store.runs(visit.project, matching=begun, limit=_LATEST_RUNS, token=None)
    agent = await as_stored(store.agent(visit.project, trigger.agent))
    last_run = await store.last_run(visit.project, trigger.id)
    shown = TriggerResource.of(trigger, last_run=last_run, now=visit.now)
    fires_soon = shown.next_run_at is not None and shown.next_run_at - visit.now < _SOON
    return visit.page(
        "triggers/detail/trigger.html",
        trigger=shown,
        unfinished=await unfinished_runs(visit, trigger=trigger.id),
        is_active=fires_soon or any(not run.status.terminal for run in latest.items),
        agent=agent.value if isinstance(agent, Versioned) else None,
        has_agent=agent is not None,
        runs=[RunResource.of(run) for run in latest.items],
        unreadable=latest.unreadable,
        read_again=read_again_in([shown.next_run_at], now=visit.now),
        month=await _month(visit, trigger) if _shows_calendar(visit) else None,
        preview=preview_of(trigger, PreviewQuery(count=_NEXT_FIRE_TIMES), now=visit.now),
        zone=ZoneInfo(time_zone_of(trigger.schedule)),
        here=visit.path("triggers", trigger.id, month=visit.request.query_params.get("month")),
        policies=policies_in_words(trigger),
    )


def _shows_calendar(visit: Visit) -> bool:
    return not visit.is_partial or visit.request.headers.get("hx-target") == _CALENDAR


async def _month(visit: Visit, trigger: Trigger) -> Month:
    month = month_of(visit.request.query_params.get("month", ""), now=visit.now, zone=visit.reader.zone)
    matching = RunFilter(trigger=trigger.id, since=month.since, until=month.until)
    found = await visit.services.store.runs(visit.project, matching=matching, limit=_MOST_COUNTED, token=None)
    read_back_to = found.items[-1].scheduled_for if found.next_token is not None and found.items else None
    revisions: Sequence[Revision] = ()
    if read_back_to is not None or any(run.missed is not None and run.missed.count > 1 for run in found.items):
        revisions = await _revisions(visit, trigger, found.items, since=month.since)
    return filled(month, trigger, found.items, read_back_to=read_back_to, revisions=revisions, now=visit.now)


async def _revisions(visit: Visit, trigger: Trigger, runs: Sequence[Run], *, since: datetime) -> Sequence[Revision]:
    """Return the versions in force in the month, and when fire times that reach into it were missed."""
    earliest = min([since, *(run.missed.first for run in runs if run.missed is not None)])
    stored = await visit.services.store.revisions(visit.project, trigger.id, since=earliest)
    return [each for each in stored if isinstance(each, Revision)]


ROUTES = (get("/projects/{project}/triggers/{trigger}", show_trigger),)
