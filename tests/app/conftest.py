"""A rig for each test: an empty database and paused queues of its own."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from google.cloud.firestore import AsyncClient
from google.cloud.tasks_v2 import CloudTasksAsyncClient, Queue

from app.backlog import PAGE
from app.clocks import SteppedClock
from app.rig import Rig
from app.scripted_executor import ScriptedExecutor
from tock.bootstrap.system_clock import SystemClock
from tock.queue.cloud_tasks import CloudTasksQueue
from tock.store.firestore import FirestoreStore
from waiting import TIMEOUT


@pytest.fixture
async def rig(
    store: FirestoreStore,
    firestore_client: AsyncClient,
    cloud_tasks_client: CloudTasksAsyncClient,
    google_project: str,
) -> AsyncIterator[Rig]:
    parent = f"projects/{google_project}/locations/l"
    for name in ("runs", "ticks"):
        await cloud_tasks_client.create_queue(parent=parent, queue=Queue(name=f"{parent}/queues/{name}"))
        await cloud_tasks_client.pause_queue(name=f"{parent}/queues/{name}")
    queue = CloudTasksQueue(
        cloud_tasks_client,
        project=google_project,
        location="l",
        queues=["runs"],
        url="http://127.0.0.1:1/",
        service_account="",
        audience="",
        tick_url="http://127.0.0.1:1/",
        timeout=timedelta(seconds=TIMEOUT),
    )
    # Ahead of the real time, as Cloud Tasks takes a time that has passed for now, and always at the same time of day.
    tomorrow = SystemClock().now().replace(hour=10, minute=0, second=3, microsecond=0) + timedelta(days=1)
    clock = SteppedClock(tomorrow)
    rig = Rig(
        store=store,
        queue=queue,
        firestore=firestore_client,
        tasks=cloud_tasks_client,
        queue_name=f"{parent}/queues/runs",
        clock=clock,
        executor=ScriptedExecutor(clock),
    )
    yield rig
    await rig.close()


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tock.app.tick.tick.PAGE", PAGE)
