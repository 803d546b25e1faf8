"""Runs the stack with one project, and provides a client for its API."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import httpx

from tock.local.errors import ApiRefused
from tock.local.stack.access import Access
from tock.local.stack.stack import Stack

#: The project that every local stack has, unless it was started with TOCK_ADMIN_KEY_HASH and without the admin key.
PROJECT = "demo"


@dataclass(frozen=True, slots=True)
class Session:
    """The running stack, an API client whose paths are relative to the project, and what its key opens."""

    stack: Stack
    api: httpx.AsyncClient
    access: Access


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
    preferred_port: int | None = None,
    key: str = "",
    at: datetime | None = None,
    stands: bool = False,
) -> AsyncIterator[Session]:
    """Start the stack and create its project; stop the stack when the context is left.

    With TOCK_ADMIN_KEY_HASH in the environment, the project is created only if `key` is the admin key. See `Stack` for
    the other arguments. Raises LocalError if a component cannot be started.
    """
    access = Access.of(key, environment=environment)
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
                preferred_api_port=preferred_port,
                at=at,
                stands=stands,
            )
        )
        projects = f"{stack.urls['api']}v1/projects"
        api = await running.enter_async_context(
            httpx.AsyncClient(base_url=f"{projects}/{PROJECT}", headers=access.headers, timeout=30, trust_env=False)
        )
        if access.opens_all:
            await ensure(api, projects, {"id": PROJECT, "name": "Demonstration"})
        yield Session(stack=stack, api=api, access=access)


async def ensure(api: httpx.AsyncClient, path: str, body: Mapping[str, object]) -> None:
    """Create a resource, unless one with this id exists. Raises ApiRefused."""
    await send(api, "POST", path, body=body, accepted=httpx.codes.CONFLICT)


async def send(
    api: httpx.AsyncClient, method: str, path: str, *, body: Mapping[str, object], accepted: int = httpx.codes.OK
) -> None:
    """Send a request. Raises ApiRefused unless its answer is a success or has the status `accepted`."""
    request = f"{method} {path.rpartition('/')[2]} {body.get('id', '')}".strip()
    try:
        response = await api.request(method, path, json=body)
    except httpx.HTTPError as exc:
        raise ApiRefused(request, reason=str(exc) or type(exc).__name__) from exc
    if response.is_error and response.status_code != accepted:
        raise ApiRefused(request, reason=f"{response.status_code}: {response.text[:500]}")
