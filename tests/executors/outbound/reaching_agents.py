"""Attempts of each kind that reach a URL of a test, which a configuration or the card of a server names."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from executors.a2a.a2a_server import serving_agent
from executors.http.http_calls import NOON, TLS
from executors.http.http_server import serving
from executors.llm.llm_calls import MODEL
from executors.llm.llm_calls import executor as llm_executor
from executors.llm.model_server import serving_model
from executors.recorder import Recorder
from tock.core.run.outcome import Failed
from tock.executors.a2a.executor import A2aExecutor
from tock.executors.http.executor import HttpExecutor
from tock.executors.outbound.address_guard import system_addresses
from tock.ports.host import Message
from waiting import until


@dataclass
class Deployment:
    """Which hosts the deployment allows, and what its resolver says."""

    allowed: list[str] = field(default_factory=list)
    resolve: Callable[[str, int], Awaitable[Sequence[str]]] = system_addresses

    @property
    def http(self) -> HttpExecutor:
        return HttpExecutor(allowed_hosts=self.allowed, secrets={}, now=lambda: NOON, tls=TLS, resolve=self.resolve)

    @property
    def a2a(self) -> A2aExecutor:
        return A2aExecutor(allowed_hosts=self.allowed, secrets={}, now=lambda: NOON, tls=TLS, resolve=self.resolve)

    async def llm(self, *tools: Any) -> Any:
        async with serving_model() as server:
            executor = llm_executor(server, allowed_hosts=tuple(self.allowed), resolve=self.resolve, tls=TLS)
            return await executor.execute({"model": MODEL, "tools": list(tools)}, Recorder().context())


def _said(outcome: Any) -> str:
    assert isinstance(outcome, Failed), outcome
    return f"{outcome.type}: {outcome.message}"


async def http(url: str, deployment: Deployment) -> str:
    return _said(await deployment.http.execute({"url": url}, Recorder().context()))


async def _beside_an_attempt(field: str, url: str, deployment: Deployment) -> str:
    recorder = Recorder()
    async with serving(None) as agent:
        deployment.allowed.append(f"127.0.0.1:{agent.port}")
        config = {"url": f"http://127.0.0.1:{agent.port}/", field: url}
        task = asyncio.create_task(deployment.http.execute(config, recorder.context()))
        await until(lambda: agent.requests)
        if field == "steer_url":
            recorder.signals.put_nowait(Message(1, "steer", "left", "key:ada", NOON))
            await until(lambda: recorder.notices)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    [(kind, data)] = recorder.notices
    return f"{kind}: {data['text']}"


async def http_to_cancel(url: str, deployment: Deployment) -> str:
    return await _beside_an_attempt("cancel_url", url, deployment)


async def http_to_steer(url: str, deployment: Deployment) -> str:
    return await _beside_an_attempt("steer_url", url, deployment)


async def a2a_card(url: str, deployment: Deployment) -> str:
    return _said(await deployment.a2a.execute({"url": url}, Recorder().context()))


async def a2a_card_file(url: str, deployment: Deployment) -> str:
    return await a2a_card(f"{url}agent-card.json", deployment)


async def a2a_endpoint(url: str, deployment: Deployment) -> str:
    """Reach the URL that a card names, as a stream."""
    return await _endpoint(url, deployment, streaming=True)


async def a2a_endpoint_without_stream(url: str, deployment: Deployment) -> str:
    return await _endpoint(url, deployment, streaming=False)


async def _endpoint(url: str, deployment: Deployment, *, streaming: bool) -> str:
    async with serving_agent(url=url, streaming=streaming) as (_, address):
        deployment.allowed.append(address)
        return await a2a_card(f"http://{address}", deployment)


async def mcp(url: str, deployment: Deployment) -> str:
    return _said(await deployment.llm({"mcp_url": f"{url}mcp"}))


async def mcp_by_events(url: str, deployment: Deployment) -> str:
    return _said(await deployment.llm({"mcp_url": f"{url}sse"}))


#: How an attempt reaches a URL, whose path is `/`; it returns what the run says of that.
PLACES: dict[str, Callable[[str, Deployment], Awaitable[str]]] = {
    "http": http,
    "http, to cancel": http_to_cancel,
    "http, to steer": http_to_steer,
    "a2a, the card": a2a_card,
    "a2a, the card by its file": a2a_card_file,
    "a2a, what the card names": a2a_endpoint,
    "a2a, what the card names, without a stream": a2a_endpoint_without_stream,
    "mcp": mcp,
    "mcp, by events": mcp_by_events,
}
