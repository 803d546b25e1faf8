"""The route of what runs consumed."""

from typing import Annotated

from fastapi import Query

from tock.app.manage.overview.sum_usage import sum_usage
from tock.web.api.routing import PROJECT, UseServices, api_router
from tock.web.resources.projects.usage import UsageQuery, UsageResource

router = api_router(tag="usage")


@router.get(f"{PROJECT}/usage")
async def read_usage(*, project: str, query: Annotated[UsageQuery, Query()], services: UseServices) -> UsageResource:
    """Add up the tokens and the money that the project's runs consumed, by agent, trigger, day or model.

    An attempt counts on the UTC day on which it ended, failed ones too. Usage is kept for 400 days, longer than runs.
    """
    first, last, sums = await sum_usage(
        services, project=project, first=query.first, last=query.last, grouping=query.group_by
    )
    return UsageResource.of(sums, project=project, days=(first, last), grouping=query.group_by)
