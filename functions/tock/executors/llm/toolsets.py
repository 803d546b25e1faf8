"""Opens the tools of an agent: the deployment's MCP servers as child processes, others by URL."""

import asyncio
import logging
import os
from collections.abc import Collection, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
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
#: Seconds that a server reached by URL has to take leave.
GOODBYE = 2.0
#: Variables of this process that a server's process gets; the others may hold what is nobody's business.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")

# fastmcp sets up a log of its own at its import, which would print secrets unmasked.
logging.getLogger("fastmcp").handlers[:] = [logging.NullHandler()]


@dataclass(frozen=True, slots=True)
class Servers:
    """The MCP servers of an attempt, and their tools: those that `approve` names are deferred."""

    approve: frozenset[str]
    #: Servers that are child processes, and those that are reached by URL.
    processes: list[MCPToolset[None]] = field(default_factory=list)
    services: list[MCPToolset[None]] = field(default_factory=list)

    @property
    def toolsets(self) -> list[AbstractToolset[None]]:
        """The tools of all servers."""
        return [_approved(toolset, self.approve) for toolset in (*self.processes, *self.services)]

    async def close(self) -> None:
        """End all servers at the same time: a process that ignores its end takes 4.5 s (mcp), and there may be ten."""
        async with asyncio.TaskGroup() as tasks:
            for toolset in self.processes:
                tasks.create_task(_close(toolset, within=None))
            for toolset in self.services:
                tasks.create_task(_close(toolset, within=GOODBYE))


async def open_servers(
    executor: "LlmExecutor", config: Mapping[str, Any], context: RunContext, *, stack: AsyncExitStack
) -> Servers:
    """Return the servers of the configuration, which an agent with their tools starts; they end with the stack.

    Raises InvalidArgument for a server that the deployment does not have.
    """
    servers = Servers(frozenset(config.get("approve") or ()))
    for number, tool in enumerate(config.get("tools") or ()):
        if "mcp" in tool:
            found = executor.models.server(tool["mcp"], project=context.project)
            if found is None:
                field = f"config.tools[{number}].mcp"
                raise InvalidArgument(field=field, value=tool["mcp"], remedy="the deployment has no such server")
            transport = await _stdio(found, context=context, stack=stack)
            servers.processes.append(MCPToolset[None](transport, init_timeout=_START_TIMEOUT, read_timeout=None))
        else:
            guard = executor.guard(context.project, further=())
            client = guarded_client2(guard, tls=executor.tls, headers=_authorization(executor, tool, context, number))
            await stack.enter_async_context(client)
            servers.services.append(
                MCPToolset[None](tool["mcp_url"], http_client=client, init_timeout=_START_TIMEOUT, read_timeout=None)
            )
    return servers


async def _close(toolset: MCPToolset[None], *, within: float | None) -> None:
    """Disconnect from a server; what goes wrong is the server's, which is not needed any more."""
    with suppress(Exception):
        async with asyncio.timeout(within):
            await toolset.client.close()  # type: ignore[no-untyped-call]


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
