"""The route of what comes next in a project."""

from typing import Annotated

from fastapi import Query

from tock.app.manage.overview.list_upcoming import list_upcoming
from tock.web.api.routing import PROJECT, UseServices, api_router
from tock.web.resources.projects.upcoming import UpcomingQuery, UpcomingResource

router = api_router(tag="triggers")


@router.get(f"{PROJECT}/upcoming", name="list_upcoming")
async def upcoming(
    *, project: str, query: Annotated[UpcomingQuery, Query()], services: UseServices
) -> UpcomingResource:
    """List what comes next in the project, the earliest first: runs that are not over, and fire times of all triggers.

    Runs that are held, queued or running come with their due time. Of a trigger's fire times up to now only the first
    is listed, because the next tick decides about all of them by the catch-up policy.
    """
    found = await list_upcoming(
        services, project=project, until=query.until, limit=query.limit, per_trigger=query.per_trigger
    )
    return UpcomingResource.of(found, project=project)
