"""What the runs of a project consumed."""

from datetime import date

from tock.client._async.sender import AsyncSender
from tock.client.request import request
from tock.core.usage.sums import Grouping
from tock.web.resources.projects.usage import UsageResource


class AsyncUsage:
    """Usage: tokens and money."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def get(
        self,
        *,
        first: date | str | None = None,
        last: date | str | None = None,
        group_by: Grouping | str | None = None,
    ) -> UsageResource:
        """Add up the usage of the days from `first` to `last`, both in UTC and included; by default of 30 days.

        `group_by`: agent (the default), trigger, day or model.
        """
        query = {"from": first, "to": last, "group_by": group_by}
        return await self._sender.fetch(request("GET", self._sender.path("usage"), query=query), UsageResource)
