# Made from the file of this name in `_async` by `make client`: change that one.
"""The agents of a project."""

from typing import Unpack

from tock.client._sync.listing import Listing
from tock.client._sync.run_handle import RunHandle
from tock.client._sync.runs import Runs
from tock.client._sync.sender import Sender
from tock.client.fields import AgentChanges, AgentFields, GivenDuration, GivenRetry, GivenRunInput
from tock.client.request import IfMatch, given, key_or_new, request
from tock.core.trigger.cancel_choice import CancelChoice
from tock.web.resources.agent import AgentPage, AgentResource
from tock.web.resources.runs.run import RunResource


class Agents:
    """Agents."""

    def __init__(self, sender: Sender, *, runs: Runs) -> None:
        self._sender = sender
        self._runs = runs

    def list(self, *, page_size: int | None = None, page_token: str | None = None) -> Listing[AgentResource, AgentPage]:
        """List the project's agents, newest first."""
        return Listing(
            self._sender,
            self._sender.path("agents"),
            page=AgentPage,
            items=lambda page: page.agents,
            query={"page_size": page_size, "page_token": page_token},
        )

    def get(self, agent: str) -> AgentResource:
        """Return an agent."""
        return self._sender.fetch(request("GET", self._sender.path("agents", agent)), AgentResource)

    def create(self, agent: str | None = None, **fields: Unpack[AgentFields]) -> AgentResource:
        """Create an agent with this id; Tock chooses one if there is none."""
        sent = request("POST", self._sender.path("agents"), body={**given(id=agent), **fields})
        return self._sender.fetch(sent, AgentResource)

    def put(self, agent: str, *, if_match: IfMatch | None = None, **fields: Unpack[AgentFields]) -> AgentResource:
        """Replace an agent as a whole, also one that cannot be read; fields that are left out get their defaults."""
        sent = request("PUT", self._sender.path("agents", agent), body=fields, if_match=if_match)
        return self._sender.fetch(sent, AgentResource)

    def update(self, agent: str, *, if_match: IfMatch | None = None, **changes: Unpack[AgentChanges]) -> AgentResource:
        """Change fields of an agent; `config` merges member by member, unless the kind changes."""
        sent = request("PATCH", self._sender.path("agents", agent), body=changes, if_match=if_match)
        return self._sender.fetch(sent, AgentResource)

    def delete(
        self,
        agent: str,
        *,
        with_triggers: bool | None = None,
        cancel: CancelChoice | str | None = None,
        if_match: IfMatch | None = None,
    ) -> None:
        """Delete an agent that no trigger uses or, with its triggers, one that some do.

        `cancel` says which unfinished runs of these triggers are cancelled: pending (the default), all, or none.
        """
        query = {"with_triggers": with_triggers, "cancel": cancel}
        path = self._sender.path("agents", agent)
        self._sender.perform(request("DELETE", path, query=query, if_match=if_match))

    def run(
        self,
        agent: str,
        *,
        input: GivenRunInput | None = None,  # noqa: A002 - the API's name of it
        subject: str | None = None,
        retry: GivenRetry | None = None,
        timeout: GivenDuration | None = None,
        idempotency_key: str | None = None,
    ) -> RunHandle:
        """Run an agent now. A second call with the same idempotency key returns the same run.

        `timeout` is that of one attempt.
        """
        sent = request(
            "POST",
            self._sender.path("agents", agent, verb="run"),
            body=given(input=input, subject=subject, retry=retry, timeout=timeout),
            idempotency_key=key_or_new(idempotency_key),
        )
        return RunHandle(self._runs, self._sender.fetch(sent, RunResource))
