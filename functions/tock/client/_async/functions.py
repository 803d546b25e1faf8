"""The functions `trigger` and `retry`, which are deployed apart from the API, at addresses of their own."""

from tock.app.start.retry import ConfigChoice
from tock.client._async.run_handle import AsyncRunHandle
from tock.client._async.runs import AsyncRuns
from tock.client._async.sender import AsyncSender
from tock.client.connection import check_server
from tock.client.fields import GivenRunInput
from tock.client.request import given, key_or_new, request
from tock.web.resources.runs.run import RunResource


class AsyncFunctions:
    """The functions that start runs; `url` is the function's address, which `terraform output` shows."""

    def __init__(self, sender: AsyncSender, *, runs: AsyncRuns) -> None:
        self._sender = sender
        self._runs = runs

    async def trigger(
        self,
        url: str,
        *,
        trigger: str | None = None,
        agent: str | None = None,
        input: GivenRunInput | None = None,  # noqa: A002 - the API's name of it
        subject: str | None = None,
        idempotency_key: str | None = None,
    ) -> AsyncRunHandle:
        """Run a trigger or an agent now, as `triggers.run` and `agents.run` do; give exactly one of the two."""
        body = given(project=self._sender.project, trigger=trigger, agent=agent, input=input, subject=subject)
        return await self._start(url, body=body, idempotency_key=idempotency_key)

    async def retry(
        self,
        url: str,
        run: str,
        *,
        model: str | None = None,
        config: ConfigChoice | str | None = None,
        idempotency_key: str | None = None,
    ) -> AsyncRunHandle:
        """Repeat a settled run, as `runs.retry` does."""
        body = given(project=self._sender.project, run=run, model=model, config=config)
        return await self._start(url, body=body, idempotency_key=idempotency_key)

    async def _start(self, url: str, *, body: dict[str, object], idempotency_key: str | None) -> AsyncRunHandle:
        check_server(url)
        sent = request("POST", "", body=body, idempotency_key=key_or_new(idempotency_key), server=url)
        return AsyncRunHandle(self._runs, await self._sender.fetch(sent, RunResource))
