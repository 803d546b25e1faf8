"""The API and the functions `trigger` and `retry` on the emulators, behind a real HTTP server, with some contents."""

import asyncio
import hashlib
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Thread

import uvicorn
from google.cloud.firestore import AsyncClient
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.contents import AGENT_MODULE, SECRETS, fill
from tock.app.services import Services
from tock.bootstrap.system_clock import SystemClock, SystemRandomSource
from tock.core.agent.allow_list import AllowList
from tock.core.run.run_token import RunTokens
from tock.core.timing import Timing
from tock.executors.callbacks import Callbacks
from tock.executors.http.executor import HttpExecutor
from tock.executors.python.executor import PythonExecutor
from tock.executors.registry import Executors
from tock.local.cloud_tasks.server import CloudTasksEmulator
from tock.local.firestore.emulator import FirestoreEmulator
from tock.local.tcp_ports import unused_port
from tock.queue.client import cloud_tasks_client
from tock.queue.cloud_tasks import CloudTasksQueue
from tock.store.firestore import FirestoreStore
from tock.web.api.app import create_app
from tock.web.deployment import Access, Deployment
from tock.web.functions.trigger_and_retry import handle_retry, handle_trigger

ADMIN_KEY = "the-key-of-this-deployment"
_RUN_TOKENS = RunTokens("the-key-of-run-tokens-in-this-test")
_LOCATION = "europe-west1"


@dataclass
class Served:
    """The URL of the server, and how many requests it got."""

    url: str
    requests: int = 0


@contextmanager
def served() -> Iterator[Served]:
    """Serve the functions in a thread with an event loop of its own, until the block is left."""
    port = unused_port()
    found = Served(url=f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(_nothing, host="127.0.0.1", port=port, log_level="error", lifespan="off"))
    ready, failures = asyncio.Event(), list[BaseException]()
    thread = Thread(target=lambda: _run(server, found, ready, failures), daemon=True)
    thread.start()
    while not ready.is_set() and thread.is_alive():
        thread.join(timeout=0.05)
    if failures:
        raise failures[0]
    try:
        yield found
    finally:
        server.should_exit = True
        thread.join()


async def _nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise RuntimeError("the functions are not built yet")


def _run(server: uvicorn.Server, found: Served, ready: asyncio.Event, failures: list[BaseException]) -> None:
    async def serve() -> None:
        async with _deployment() as deployment:
            await fill(deployment.services)
            server.config.app = _functions(deployment, found)
            server.config.load()
            serving = asyncio.create_task(server.serve())
            while not server.started and not serving.done():
                await asyncio.sleep(0.05)
            ready.set()
            await serving

    try:
        asyncio.run(serve())
    except BaseException as exc:  # noqa: BLE001 - the other thread raises it
        failures.append(exc)


def _functions(deployment: Deployment, found: Served) -> ASGIApp:
    """Return the API, with the functions `trigger` and `retry` at the paths that the document gives them."""
    api = create_app(deployment)
    handlers = {"/trigger": handle_trigger, "/retry": handle_retry}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        found.requests += 1
        if (handle := handlers.get(scope["path"])) is None:
            await api(scope, receive, send)
            return
        response = await handle(Request(scope, receive), deployment)
        await response(scope, receive, send)

    return app


@asynccontextmanager
async def _deployment() -> AsyncIterator[Deployment]:
    project = f"conformance-{uuid.uuid4().hex[:16]}"
    async with FirestoreEmulator.start() as firestore, CloudTasksEmulator() as tasks:
        os.environ["FIRESTORE_EMULATOR_HOST"] = firestore.host
        client = AsyncClient(project=project)
        clock = SystemClock()
        tasks_client = cloud_tasks_client(emulator=tasks.address)
        parent = f"projects/{project}/locations/{_LOCATION}"
        await tasks_client.create_queue(parent=parent, queue={"name": f"{parent}/queues/runs"})
        await tasks_client.pause_queue(name=f"{parent}/queues/runs")
        queue = CloudTasksQueue(
            tasks_client,
            project=project,
            location=_LOCATION,
            queues=["runs"],
            url="https://run.tock.test/",
            service_account="",
            audience="",
        )
        executors = Executors(
            [
                PythonExecutor(modules=[AGENT_MODULE]),
                HttpExecutor(
                    allowed_hosts=AllowList(),
                    secrets=SECRETS,
                    now=clock.now,
                    callbacks=Callbacks(url="https://api.tock.test", tokens=_RUN_TOKENS),
                ),
            ]
        )
        services = Services(
            store=FirestoreStore(client, shards=8),
            queue=queue,
            clock=clock,
            random=SystemRandomSource(),
            executors=executors,
            # A stream of a run that is never executed would last for minutes.
            timing=Timing(longest_stream=timedelta()),
        )
        access = Access(
            admin_key_hash=hashlib.sha256(ADMIN_KEY.encode()).hexdigest(), keys=True, run_tokens=_RUN_TOKENS
        )
        yield Deployment(services=services, access=access, tokens=_Nobody())
        await tasks_client.transport.close()
        await client._firestore_api.transport.close()


class _Nobody:
    """A verifier that accepts no identity token: these functions take API keys."""

    async def email(self, _token: str, *, audience: str) -> str | None:
        assert audience
        return None
