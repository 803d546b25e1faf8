"""An empty deployment on the emulators: a database, paused queues, and the engine's services."""

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import grpc
import httpx
from google.cloud.firestore import AsyncClient
from google.cloud.firestore_v1.services.firestore import FirestoreAsyncClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcAsyncIOTransport
from google.cloud.tasks_v2 import CloudTasksAsyncClient, Queue
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcAsyncIOTransport

from benchmarks.stack.emulators import Emulators
from tock.app.services import Services
from tock.bootstrap.system_clock import SystemClock, SystemRandomSource
from tock.core.timing import Timing
from tock.executors.python.executor import PythonExecutor
from tock.ports.clock import Clock
from tock.queue.client import cloud_tasks_client
from tock.queue.cloud_tasks import CloudTasksQueue
from tock.store.firestore import FirestoreStore

_LOCATION = "local"
#: The emulator has no indexes: a query over 100,000 documents takes many seconds.
_TIMEOUT = timedelta(minutes=3)
_QUEUE = "runs"
#: The queue of continuations. Nothing delivers them; benchmarks call the next tick themselves.
_TICKS = "ticks"
#: The options of Google's own client: messages may have any size.
_ANY_SIZE = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment: Google's clients and the engine's services."""

    google_project: str
    firestore: AsyncClient
    tasks: CloudTasksAsyncClient
    #: The full name of the queue of runs.
    queue: str
    services: Services


@asynccontextmanager
async def deployed(
    emulators: Emulators,
    *,
    clock: Clock | None = None,
    timing: Timing | None = None,
    interceptors: Sequence[grpc.aio.ClientInterceptor] = (),
    google_project: str | None = None,
) -> AsyncIterator[Deployment]:
    """Give a deployment whose queues deliver nothing and whose connections are open; delete its data afterwards.

    `interceptors` see every RPC of the engine. A `google_project` names a deployment that exists, whose data is kept.
    """
    project = google_project or f"bench-{uuid.uuid4().hex[:16]}"
    timing = timing or Timing()
    firestore = AsyncClient(project=project)
    firestore_channel = grpc.aio.insecure_channel(
        emulators.firestore, options=_ANY_SIZE, interceptors=list(interceptors)
    )
    transport = FirestoreGrpcAsyncIOTransport(channel=firestore_channel)
    firestore._firestore_api_internal = FirestoreAsyncClient(transport=transport)
    tasks = _tasks_client(emulators.cloud_tasks, interceptors=interceptors)
    parent = f"projects/{project}/locations/{_LOCATION}"
    store = FirestoreStore(firestore, shards=timing.shards, timeout=_TIMEOUT)
    queue = CloudTasksQueue(
        tasks,
        project=project,
        location=_LOCATION,
        queues=[_QUEUE],
        url="http://127.0.0.1:1/",
        service_account="",
        audience="",
        tick_queue=_TICKS,
        tick_url="http://127.0.0.1:1/",
    )
    services = Services(
        store=store,
        queue=queue,
        clock=clock or SystemClock(),
        random=SystemRandomSource(),
        timing=timing,
        executors={"python": PythonExecutor(modules=("benchmarks.load.agents",))},
    )
    names = [f"{parent}/queues/{queue}" for queue in (_QUEUE, _TICKS)]
    try:
        for name in names if google_project is None else ():
            await tasks.create_queue(parent=parent, queue=Queue(name=name))
            await tasks.pause_queue(name=name)
        await store.scheduler()
        yield Deployment(google_project=project, firestore=firestore, tasks=tasks, queue=names[0], services=services)
    finally:
        if google_project is None:
            for name in names:
                await tasks.delete_queue(name=name)
            await _delete_documents(emulators, project=project)
        await firestore_channel.close()
        await tasks.transport.close()


def _tasks_client(address: str, *, interceptors: Sequence[grpc.aio.ClientInterceptor]) -> CloudTasksAsyncClient:
    """Return the engine's own client, or Google's if there are interceptors, which the engine's does not take."""
    if not interceptors:
        return cloud_tasks_client(emulator=address)
    channel = grpc.aio.insecure_channel(address, interceptors=list(interceptors))
    return CloudTasksAsyncClient(transport=CloudTasksGrpcAsyncIOTransport(channel=channel))


async def _delete_documents(emulators: Emulators, *, project: str) -> None:
    """Delete every document through an endpoint of the emulator."""
    async with httpx.AsyncClient(timeout=120, trust_env=False) as client:
        address = f"http://{emulators.firestore}/emulator/v1/projects/{project}/databases/(default)/documents"
        (await client.delete(address)).raise_for_status()
