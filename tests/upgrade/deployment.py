"""A deployment with instances of `tick`, `run` and `api` of several versions, on one database and one queue."""

import functools
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
from google.cloud.tasks_v2 import Queue

from chaos.faults.proxy import Proxy
from tock.bootstrap.system_clock import SystemClock
from tock.local.identity.token_issuer import TokenIssuer
from tock.local.process import Process
from tock.local.stack.function_environment import LOCATION, TICK_QUEUE, function_environment
from tock.local.stack.probe import serves
from tock.local.tcp_ports import unused_port
from tock.queue.client import cloud_tasks_client
from upgrade.agents import VERSION, WORK_LOG
from waiting import TIMEOUT

ACCOUNT = "tock@example.iam.gserviceaccount.com"
#: Cloud Run sends SIGKILL ten seconds after SIGTERM.
UNTIL_KILLED = timedelta(seconds=10)
#: A name that is no version's default.
_QUEUE = "work"
_TESTS = Path(__file__).parents[1]


@dataclass
class Deployment:
    """A deployment; load balancers share the requests to `tick` and `run` among the instances."""

    environment: Mapping[str, str]
    token_issuer: TokenIssuer
    work_log: Path
    balancers: Mapping[str, Proxy]
    parts: AsyncExitStack
    api: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=TIMEOUT))
    _ports: dict[str, int] = field(default_factory=dict)

    async def deploy(self, function: str, *, functions: Path, version: str) -> Process:
        """Start an instance of a function of the code in this folder; its load balancer then sends it requests, too."""
        port = unused_port()
        path = os.pathsep.join([str(functions), str(_TESTS)])
        process = Process(
            f"{function} {version}",
            command=[
                *(sys.executable, "-m", "functions_framework", "--signature-type", "http"),
                *("--source", str(functions / "main.py"), "--target", function),
                *("--host", "127.0.0.1", "--port", str(port)),
            ],
            environment={**os.environ, **self.environment, "PYTHONPATH": path, VERSION: version},
            log=lambda *_: None,
            grace=UNTIL_KILLED,
        )
        await process.start()
        self.parts.push_async_callback(process.stop)
        await process.answers(
            functools.partial(serves, f"http://127.0.0.1:{port}/"), timeout=timedelta(seconds=TIMEOUT)
        )
        self._ports[process.name] = port
        if function in self.balancers:
            self.balancers[function].targets = [*self.balancers[function].targets, port]
        else:
            self.api.base_url = httpx.URL(f"http://127.0.0.1:{port}/v1/")
        return process

    async def retire(self, function: str, process: Process) -> None:
        """Send an instance no more requests, then stop it as Cloud Run does."""
        port = self._ports[process.name]
        self.balancers[function].targets = [target for target in self.balancers[function].targets if target != port]
        await process.stop()

    async def tick(self) -> int:
        """Call `tick` as Cloud Scheduler does; return the status of the answer, or 0 if there is none."""
        url = self.environment["TOCK_TICK_URL"]
        token = self.token_issuer.token(email=ACCOUNT, audience=url, now=SystemClock().now())
        async with httpx.AsyncClient(timeout=TIMEOUT) as caller:
            try:
                return (await caller.post(url, headers={"Authorization": f"Bearer {token}"})).status_code
            except httpx.HTTPError:
                return 0

    async def request(self, method: str, path: str, **body: Any) -> Any:
        """Return the answer of the API, which must be a success."""
        answer = await self.api.request(method, path, json=body or None)
        assert answer.is_success, answer.text
        return answer.json()

    async def settled(self, path: str) -> Any:
        """Return the run once it has succeeded."""
        with anyio.fail_after(TIMEOUT):
            while (run := await self.request("GET", path))["status"] != "succeeded":
                await anyio.sleep(0.2)
        return run

    def logged(self) -> list[dict[str, Any]]:
        """Return what the agents have logged."""
        return [json.loads(file.read_text() or "{}") for file in self.work_log.iterdir()]


@asynccontextmanager
async def deployment_of(
    *, firestore: str, cloud_tasks: str, token_issuer: TokenIssuer, project: str, folder: Path
) -> AsyncIterator[Deployment]:
    """Give a deployment without instances; everything stops when the block ends."""
    work_log = folder / "work_log"
    work_log.mkdir()
    async with AsyncExitStack() as parts:
        balancers = {name: Proxy(targets=()) for name in ("tick", "run")}
        for balancer in balancers.values():
            await parts.enter_async_context(balancer.serving())
        client = cloud_tasks_client(emulator=cloud_tasks)
        parts.push_async_callback(client.transport.close)
        parent = f"projects/{project}/locations/{LOCATION}"
        for queue in (_QUEUE, TICK_QUEUE):
            await client.create_queue(parent=parent, queue=Queue(name=f"{parent}/queues/{queue}"))
        environment = function_environment(
            firestore=firestore,
            cloud_tasks=cloud_tasks,
            urls={name: f"http://127.0.0.1:{balancer.port}/" for name, balancer in balancers.items()},
            service_account=ACCOUNT,
            certificates=token_issuer.certificates,
        )
        settings = {
            "GOOGLE_CLOUD_PROJECT": project,
            "TOCK_QUEUES": _QUEUE,
            # Its name in 0.1.0.
            "TOCK_QUEUE": _QUEUE,
            "TOCK_PYTHON_MODULES": "upgrade.agents",
            "TOCK_SHORTEST_INTERVAL": "PT5S",
            # No sooner: what a retired instance left behind must not be what makes this work.
            "TOCK_LEASE": "PT40S",
            WORK_LOG: str(work_log),
        }
        deployment = Deployment(
            environment | settings, token_issuer=token_issuer, work_log=work_log, balancers=balancers, parts=parts
        )
        parts.push_async_callback(deployment.api.aclose)
        yield deployment
