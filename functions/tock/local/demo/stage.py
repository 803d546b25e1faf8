"""The stack as the demonstration needs it: its agents allowed, its reviewer running, its project created."""

import json
import os
import secrets
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import httpx

from tock.local.demo.triggers import MODULE, PROJECT, agents
from tock.local.ports import unused_port
from tock.local.process import Process, Restart
from tock.local.stack.stack import Stack


@dataclass(frozen=True, slots=True)
class Stage:
    """A running stack with the demonstration's agents."""

    stack: Stack
    api: httpx.AsyncClient


@asynccontextmanager
async def staged(
    *,
    data: Path,
    source: Path,
    log: Callable[[str, str], None],
    fresh: bool,
    with_agents: bool = True,
    timing: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Stage]:
    """Run the stack with its project and, unless told otherwise, the demonstration's agents, until the block ends.

    What the surrounding environment says of Tock's settings (`TOCK_*`) reaches the functions too.
    """
    secret = "whsec_" + b64encode(secrets.token_bytes(24)).decode()
    port = unused_port()
    environment = {name: value for name, value in os.environ.items() if name.startswith("TOCK_")} | dict(timing)
    if with_agents:
        environment |= {
            "TOCK_PYTHON_MODULES": ",".join(filter(None, (environment.get("TOCK_PYTHON_MODULES"), MODULE))),
            "TOCK_ALLOWED_HOSTS": ",".join(filter(None, (environment.get("TOCK_ALLOWED_HOSTS"), f"127.0.0.1:{port}"))),
            "TOCK_SECRETS": json.dumps({f"{PROJECT}/REVIEWER": secret}),
        }
    async with AsyncExitStack() as parts:
        stack = await parts.enter_async_context(
            Stack(data=data, source=source, environment=environment, log=log, fresh=fresh)
        )
        api = await parts.enter_async_context(
            httpx.AsyncClient(base_url=_project_url(stack), timeout=30, trust_env=False)
        )
        await create_unless_there(api, f"{stack.urls['api']}v1/projects", {"id": PROJECT, "name": "Demonstration"})
        if with_agents:
            reviewer = Process(
                "reviewer",
                command=[sys.executable, "-m", "tock.local.demo.reviewer", "--port", str(port)],
                environment={**os.environ, "REVIEWER_SECRET": secret},
                log=log,
                restart=Restart(),
            )
            await reviewer.start()
            parts.push_async_callback(reviewer.stop)
            await _create_agents(api, reviewer_url=f"http://127.0.0.1:{port}/review")
        yield Stage(stack=stack, api=api)


async def create_unless_there(api: httpx.AsyncClient, path: str, body: Mapping[str, object]) -> None:
    """Create a resource; one that a former start left behind is kept."""
    answer = await api.post(path, json=body)
    if answer.status_code != httpx.codes.CONFLICT:
        answer.raise_for_status()


def _project_url(stack: Stack) -> str:
    return f"{stack.urls['api']}v1/projects/{PROJECT}"


async def _create_agents(api: httpx.AsyncClient, *, reviewer_url: str) -> None:
    for agent in agents(reviewer_url=reviewer_url):
        await create_unless_there(api, "/agents", agent)
        # The reviewer listens elsewhere after each start.
        changed = await api.patch(f"/agents/{agent['id']}", json={"config": agent["config"]})
        changed.raise_for_status()
