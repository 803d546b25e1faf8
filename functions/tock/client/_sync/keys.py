# Made from the file of this name in `_async` by `make client`: change that one.
"""The API keys of a project."""

from tock.client._sync.listing import Listing
from tock.client._sync.sender import Sender
from tock.client.request import given, request
from tock.web.resources.projects.api_key import KeyPage, KeyResource, NewKeyResource


class Keys:
    """API keys."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(self, *, page_size: int | None = None, page_token: str | None = None) -> Listing[KeyResource, KeyPage]:
        """List the project's API keys by id, without their secrets."""
        return Listing(
            self._sender,
            self._sender.path("api-keys"),
            page=KeyPage,
            items=lambda page: page.api_keys,
            query={"page_size": page_size, "page_token": page_token},
        )

    def issue(self, *, name: str | None = None) -> NewKeyResource:
        """Issue an API key. Only this answer shows its token."""
        sent = request("POST", self._sender.path("api-keys"), body=given(name=name))
        return self._sender.fetch(sent, NewKeyResource)

    def revoke(self, key: str) -> None:
        """Revoke an API key; no request with it is accepted from then on."""
        self._sender.perform(request("DELETE", self._sender.path("api-keys", key)))
