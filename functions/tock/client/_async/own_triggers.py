"""The triggers of the agent of a run, for that agent: the client's key is the run's token."""

from typing import Unpack

from tock.client._async.listing import AsyncListing
from tock.client._async.sender import AsyncSender
from tock.client.fields import TriggerFields
from tock.client.request import given, request
from tock.web.resources.triggers.trigger import TriggerPage, TriggerResource


class AsyncOwnTriggers:
    """An agent's own triggers; the agent's configuration says what it may do with them (`own_triggers`)."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(
        self, run: str, *, page_size: int | None = None, page_token: str | None = None
    ) -> AsyncListing[TriggerResource, TriggerPage]:
        """List the triggers of the run's agent, newest first, whoever created them."""
        return AsyncListing(
            self._sender,
            self._sender.path("runs", run, "triggers"),
            page=TriggerPage,
            items=lambda page: page.triggers,
            query={"page_size": page_size, "page_token": page_token},
        )

    async def create(self, run: str, trigger: str | None = None, **fields: Unpack[TriggerFields]) -> TriggerResource:
        """Create a trigger of the run's agent with this id; Tock chooses one if there is none."""
        body = {**given(id=trigger), **fields}
        return await self._sender.fetch(
            request("POST", self._sender.path("runs", run, "triggers"), body=body), TriggerResource
        )

    async def delete(self, run: str, trigger: str) -> None:
        """Delete a trigger that the agent has created itself, and cancel its runs that have not started."""
        await self._sender.perform(request("DELETE", self._sender.path("runs", run, "triggers", trigger)))
