"""Addresses that a server names in its answers are told to nobody but the model, and never called."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import pytest
from mcp.server.lowlevel.server import Server as McpServer
from mcp_types import CallToolResult, ListToolsResult, ResourceLink, TextContent, Tool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from executors.a2a.a2a_server import serving_agent
from executors.asgi_server import serving_app
from executors.http.http_server import answer, serving
from executors.llm.llm_calls import MODEL
from executors.llm.llm_calls import executor as llm_executor
from executors.llm.model_server import Call, Say, serving_model
from executors.outbound.reaching_agents import Deployment
from executors.recorder import Recorder
from tock.core.run.outcome import Failed, Succeeded
from tock.ports.executor import RunContext
from waiting import until

pytestmark = pytest.mark.anyio
INNER = answer("200 OK", b'{"type": "object"}', content_type="application/json")


async def test_a_file_of_an_a2a_server_is_a_url_and_not_fetched(context_with: Callable[..., RunContext]) -> None:
    async with serving(INNER) as inner, serving_agent() as (_, address):
        url = f"http://127.0.0.1:{inner.port}/"
        outcome = await Deployment(allowed=[address]).a2a.execute(
            {"url": f"http://{address}"}, context_with(message=url)
        )

    assert outcome == Succeeded({"url": url, "media_type": "text/plain"})
    assert inner.connections == 0


def _tools(url: str) -> McpServer[Any]:
    """Return an MCP server whose tool `linked` gives a link, and whose tool `checked` has schemas elsewhere."""

    async def list_tools(*_: Any) -> ListToolsResult:
        plain, elsewhere = {"type": "object"}, {"type": "object", "$ref": url}
        return ListToolsResult(
            tools=[
                Tool(name="linked", input_schema=plain),
                Tool(name="checked", input_schema=elsewhere, output_schema=elsewhere),
            ]
        )

    async def call_tool(_: Any, params: Any) -> CallToolResult:
        if params.name == "linked":
            return CallToolResult(content=[ResourceLink(name="a", uri=url)])
        return CallToolResult(content=[TextContent(text="{}")], structured_content={})

    return McpServer("links", on_list_tools=list_tools, on_call_tool=call_tool)


@pytest.mark.parametrize("tool", ["linked", "checked"])
@pytest.mark.parametrize("scheme", ["http", "file"])
async def test_what_an_mcp_server_refers_to_is_not_fetched(
    tool: str, scheme: str, context: RunContext, recorder: Recorder, tmp_path: Any
) -> None:
    (tmp_path / "schema.json").write_text('{"const": "of-the-file"}', encoding="utf-8")
    async with serving(INNER) as inner:
        url = f"http://127.0.0.1:{inner.port}/" if scheme == "http" else (tmp_path / "schema.json").as_uri()
        async with (
            serving_app(_tools(url).streamable_http_app(), lifespan="on") as address,
            serving_model(Call([(tool, {})]), Say(["done"])) as model,
        ):
            llm = llm_executor(model, allowed_hosts=(address,))
            outcome = await llm.execute({"model": MODEL, "tools": [{"mcp_url": f"http://{address}/mcp"}]}, context)

    assert inner.connections == 0
    assert "of-the-file" not in f"{outcome} {recorder.events} {model.requests}"
    called = [data for kind, data in recorder.events if kind == "tool"]
    assert called[0]["name"] == tool


async def _sse(endpoint: str, context: RunContext, *, redirect: str = "") -> Any:
    """Return the outcome of an attempt whose MCP server, which speaks the older transport, names this endpoint."""

    async def events(_: Request) -> Response:
        return StreamingResponse(_endpoint(endpoint), media_type="text/event-stream")

    async def messages(_: Request) -> Response:
        return RedirectResponse(redirect, 307)

    app = Starlette(routes=[Route("/sse", events), Route("/messages", messages, methods=["POST"])])
    async with serving_app(app) as address, serving_model() as model:
        llm = llm_executor(model, allowed_hosts=(address,))
        return await llm.execute({"model": MODEL, "tools": [{"mcp_url": f"http://{address}/sse"}]}, context)


async def test_a_redirect_of_the_messages_to_an_mcp_server_is_not_followed(context: RunContext) -> None:
    async with serving(INNER) as inner:
        outcome = await _sse("/messages", context, redirect=f"http://127.0.0.1:{inner.port}/")

    assert isinstance(outcome, Failed)
    assert inner.connections == 0


async def test_messages_to_an_mcp_server_go_to_no_other_server_that_it_names(
    context: RunContext, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(INNER) as inner:
        attempt = asyncio.create_task(_sse(f"http://127.0.0.1:{inner.port}/", context))
        # The library then waits until the attempt is stopped.
        await until(lambda: "origin does not match" in caplog.text or inner.connections or attempt.done())
        attempt.cancel()
        with suppress(asyncio.CancelledError):
            await attempt

    assert inner.connections == 0


async def _endpoint(url: str) -> AsyncIterator[str]:
    yield f"event: endpoint\ndata: {url}\n\n"
