"""The part of the overview that is about now: the scheduler, what is active, and what comes next."""

from typing import Any

from starlette.responses import Response

from tock.app.manage.overview.list_upcoming import list_upcoming
from tock.core.trigger.upcoming import UpcomingStatus
from tock.web.console.pages.overview.names import names_of
from tock.web.console.pages.overview.scheduler import pulse_of, tick_summary
from tock.web.console.routing import get
from tock.web.console.visit import Visit
from tock.web.resources.health import Health, HealthStatus
from tock.web.resources.projects.upcoming import UpcomingResource

#: How much of what comes next is shown, and how many fire times of one trigger.
_SHOWN, _PER_TRIGGER = 12, 3
_ACTIVE = frozenset({UpcomingStatus.RUNNING, UpcomingStatus.HELD, UpcomingStatus.QUEUED, UpcomingStatus.DUE})


async def show_present(visit: Visit) -> Response:
    """Show what is about now alone, for the page that is open and reads it again."""
    return visit.page("overview/present.html", **await present(visit))


async def present(visit: Visit) -> dict[str, Any]:
    """Return what the templates need to show the scheduler and what comes next."""
    store = visit.services.store
    health = Health.of(
        await store.scheduler(),
        backlog=await store.backlog(until=visit.now),
        now=visit.now,
        started=visit.deployment.started,
    )
    found = await list_upcoming(
        visit.services, project=visit.project, until=None, limit=_SHOWN, per_trigger=_PER_TRIGGER
    )
    upcoming = UpcomingResource.of(found, project=visit.project)
    return {
        "health": health,
        # What a tick did and what waits for the next one is counted over all projects: whose key opens one would take
        # the numbers for those of that project.
        "shows_all_projects": visit.known.project is None,
        "pulse": pulse_of(health),
        "last_tick": () if health.counters is None else tick_summary(health.counters),
        "upcoming": upcoming,
        "names": await names_of(
            visit,
            triggers=(item.trigger for item in upcoming.upcoming if item.trigger is not None),
            agents=(item.agent for item in upcoming.upcoming),
        ),
        "is_active": any(item.status in _ACTIVE for item in upcoming.upcoming)
        or health.status is HealthStatus.STARTING,
    }


ROUTES = (get("/projects/{project}/overview/now", show_present),)
