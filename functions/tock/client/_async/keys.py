"""The API keys of a project."""

from tock.client._async.listing import AsyncListing
from tock.client._async.sender import AsyncSender
from tock.client.request import given, request
from tock.web.resources.projects.api_key import KeyPage, KeyResource, NewKeyResource


class AsyncKeys:
    """API keys."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(
        self, *, page_size: int | None = None, page_token: str | None = None
    ) -> AsyncListing[KeyResource, KeyPage]:
        """List the project's API keys by id, without their secrets."""
        return AsyncListing(
            self._sender,
            self._sender.path("api-keys"),
            page=KeyPage,
            items=lambda page: page.api_keys,
            query={"page_size": page_size, "page_token": page_token},
        )

    async def issue(self, *, name: str | None = None) -> NewKeyResource:
        """Issue an API key. Only this answer shows its token."""
        sent = request("POST", self._sender.path("api-keys"), body=given(name=name))
        return await self._sender.fetch(sent, NewKeyResource)

    async def revoke(self, key: str) -> None:
        """Revoke an API key; no request with it is accepted from then on."""
        await self._sender.perform(request("DELETE", self._sender.path("api-keys", key)))
