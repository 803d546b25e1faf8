"""Runs the stack for the demo: allows and creates its agents, and runs its HTTP agent."""

import json
import os
import secrets
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import httpx

from tock.local.demo.resources import MODULE, agents
from tock.local.errors import AdminKeyNeeded
from tock.local.process import Process, Restart
from tock.local.stack.access import Access
from tock.local.stack.agent_modules import allow_list
from tock.local.stack.session import PROJECT, Session, ensure, send, session
from tock.local.tcp_ports import unused_port


@asynccontextmanager
async def demo_session(
    *,
    data: Path,
    entry_module: Path,
    log: Callable[[str, str], None],
    fresh: bool,
    environment: Mapping[str, str] = MappingProxyType({}),
    path: Sequence[Path] = (),
    port: int | None = None,
    preferred_port: int | None = None,
    key: str = "",
    at: datetime | None = None,
) -> AsyncIterator[Session]:
    """Start the stack with the demo's agents and the process of its HTTP agent; stop both when the context is left.

    Raises LocalError: AdminKeyNeeded if `key` opens no project.
    """
    if not Access.of(key, environment=environment).opens_all:
        raise AdminKeyNeeded(given=bool(key))
    secret = "whsec_" + b64encode(secrets.token_bytes(24)).decode()
    reviewer_port = unused_port()
    address = f"127.0.0.1:{reviewer_port}"
    settings = {
        "TOCK_PYTHON_MODULES": allow_list("TOCK_PYTHON_MODULES", environment).allowing(MODULE).text,
        "TOCK_ALLOWED_HOSTS": allow_list("TOCK_ALLOWED_HOSTS", environment).allowing(address).text,
        "TOCK_SECRETS": json.dumps({f"{PROJECT}/REVIEWER": secret}),
    }
    async with session(
        data=data,
        entry_module=entry_module,
        log=log,
        fresh=fresh,
        environment={**environment, **settings},
        path=path,
        port=port,
        preferred_port=preferred_port,
        key=key,
        at=at,
    ) as running:
        reviewer = Process(
            "reviewer",
            command=[sys.executable, "-m", "tock.local.demo.reviewer", "--port", str(reviewer_port)],
            environment={**os.environ, "REVIEWER_SECRET": secret},
            log=log,
            restart=Restart(),
        )
        await reviewer.start()
        try:
            await _create_agents(running.api, reviewer_url=f"http://{address}/review")
            yield running
        finally:
            await reviewer.stop()


async def _create_agents(api: httpx.AsyncClient, *, reviewer_url: str) -> None:
    for agent in agents(reviewer_url=reviewer_url):
        await ensure(api, "/agents", agent)
        # An agent that exists from an earlier start has an old port.
        await send(api, "PATCH", f"/agents/{agent['id']}", body={"config": agent["config"]})
