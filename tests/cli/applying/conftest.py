"""A command line, against an API whose agents may be of three kinds."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from executors.asgi_server import serving_app
from tock.app.services import Services
from tock.bootstrap.system_clock import SystemClock
from tock.executors.a2a.executor import A2aExecutor
from tock.executors.http.executor import HttpExecutor
from tock.executors.python.executor import PythonExecutor
from tock.executors.registry import Executors
from tock.web.deployment import Access
from tock_shell import Shell
from web.rig import ADMIN_KEY_HASH, RUN_TOKENS, created, make_rig

HOSTS = ["agents.example"]


@pytest.fixture
async def shell(services: Services, tmp_path: Path) -> AsyncIterator[Shell]:
    now = SystemClock().now
    executors = Executors(
        [
            PythonExecutor(modules=["web.sample_agents"]),
            HttpExecutor(allowed_hosts=HOSTS, secrets=None, now=now),
            A2aExecutor(allowed_hosts=HOSTS, secrets=None, now=now),
        ]
    )
    all_kinds = Services(
        store=services.store, queue=services.queue, clock=services.clock, random=services.random, executors=executors
    )
    rig = make_rig(all_kinds, Access(admin_key_hash=ADMIN_KEY_HASH, keys=True, run_tokens=RUN_TOKENS))
    created(await rig.api.post("/v1/projects", json={"id": "acme"}))
    async with serving_app(rig.api._transport.app) as address:  # type: ignore[attr-defined] # the app of this client
        yield Shell(rig, f"http://{address}", tmp_path)
