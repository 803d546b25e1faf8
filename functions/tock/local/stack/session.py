"""Runs the stack with one project, and provides a client for its API."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import httpx

from tock.local.stack.stack import Stack

#: The project that every local stack has.
PROJECT = "demo"


@dataclass(frozen=True, slots=True)
class Session:
    """The running stack, and an API client whose paths are relative to the project."""

    stack: Stack
    api: httpx.AsyncClient


@asynccontextmanager
async def session(
    *,
    data: Path,
    entry_module: Path,
    log: Callable[[str, str], None],
    fresh: bool = False,
    environment: Mapping[str, str] = MappingProxyType({}),
    path: Sequence[Path] = (),
    port: int | None = None,
) -> AsyncIterator[Session]:
    """Start the stack and create its project; stop the stack when the context is left.

    See `Stack` for the arguments. Raises LocalError if a component cannot be started.
    """
    async with AsyncExitStack() as running:
        stack = await running.enter_async_context(
            Stack(
                data=data,
                entry_module=entry_module,
                environment=environment,
                log=log,
                fresh=fresh,
                path=path,
                api_port=port,
            )
        )
        projects = f"{stack.urls['api']}v1/projects"
        api = await running.enter_async_context(
            httpx.AsyncClient(base_url=f"{projects}/{PROJECT}", timeout=30, trust_env=False)
        )
        await ensure(api, projects, {"id": PROJECT, "name": "Demonstration"})
        yield Session(stack=stack, api=api)


async def ensure(api: httpx.AsyncClient, path: str, body: Mapping[str, object]) -> None:
    """Create a resource, unless one with this id exists."""
    response = await api.post(path, json=body)
    if response.status_code != httpx.codes.CONFLICT:
        response.raise_for_status()
