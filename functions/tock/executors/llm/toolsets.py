"""Opens the tools of an agent: the deployment's MCP servers as child processes, others by URL."""

import logging
import os
from collections.abc import Collection, Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from fastmcp.client.transports import StdioTransport
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.toolsets import AbstractToolset

from tock.core.errors import InvalidArgument
from tock.executors.llm.deployment_models import McpServer
from tock.executors.llm.server_output import server_output
from tock.executors.outbound.guarded_client2 import guarded_client2
from tock.ports.executor import RunContext

if TYPE_CHECKING:
    from tock.executors.llm.executor import LlmExecutor

#: Seconds until a server must have answered the first request.
_START_TIMEOUT = 30.0
#: Variables of this process that a server's process gets; the others may hold what is nobody's business.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")

# fastmcp sets up a log of its own at its import, which would print secrets unmasked.
logging.getLogger("fastmcp").handlers[:] = [logging.NullHandler()]


async def open_toolsets(
    executor: "LlmExecutor", config: Mapping[str, Any], context: RunContext, *, stack: AsyncExitStack
) -> list[AbstractToolset[None]]:
    """Return the toolsets of the configuration, whose calls named in `approve` are deferred; they end with the stack.

    Raises InvalidArgument for a server that the deployment does not have.
    """
    toolsets: list[AbstractToolset[None]] = []
    for number, tool in enumerate(config.get("tools") or ()):
        if "mcp" in tool:
            found = executor.models.server(tool["mcp"], project=context.project)
            if found is None:
                field = f"config.tools[{number}].mcp"
                raise InvalidArgument(field=field, value=tool["mcp"], remedy="the deployment has no such server")
            transport = await _stdio(found, context=context, stack=stack)
            toolset = MCPToolset[None](transport, init_timeout=_START_TIMEOUT, read_timeout=None)
        else:
            guard = executor.guard(context.project, further=())
            client = guarded_client2(guard, tls=executor.tls, headers=_authorization(executor, tool, context, number))
            await stack.enter_async_context(client)
            toolset = MCPToolset[None](
                tool["mcp_url"], http_client=client, init_timeout=_START_TIMEOUT, read_timeout=None
            )
        toolsets.append(toolset)
    names = frozenset(config.get("approve") or ())
    return [_approved(toolset, names) for toolset in toolsets]


def _approved(toolset: AbstractToolset[None], names: Collection[str]) -> AbstractToolset[None]:
    return toolset.approval_required(lambda _, tool, __: tool.name in names) if names else toolset


async def _stdio(server: McpServer, *, context: RunContext, stack: AsyncExitStack) -> StdioTransport:
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return StdioTransport(
        command=server.command,
        args=list(server.args),
        env={**kept, **{name: value.get_secret_value() for name, value in server.env.items()}},
        keep_alive=False,
        log_file=await stack.enter_async_context(server_output(context)),
    )


def _authorization(
    executor: "LlmExecutor", tool: Mapping[str, Any], context: RunContext, number: int
) -> dict[str, str]:
    if tool.get("auth") is None:
        return {}
    secret = executor.secrets.own(tool["auth"], project=context.project, field=f"config.tools[{number}].auth")
    return {"Authorization": f"Bearer {secret}"}
