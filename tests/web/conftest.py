"""The functions on real parts, with a project and an agent."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.cloud.tasks_v2 import CloudTasksAsyncClient

from tock.app.services import Services
from tock.bootstrap.moved_clock import SIZE, MovedClock
from tock.bootstrap.system_clock import SystemRandomSource
from tock.executors.callbacks import Callbacks
from tock.executors.python.executor import PythonExecutor
from tock.executors.registry import Executors
from tock.queue.cloud_tasks import CloudTasksQueue
from tock.store.firestore import FirestoreStore
from tock.web.deployment import Access
from waiting import TIMEOUT
from web.rig import ADMIN_KEY_HASH, ORIGIN, RUN_TOKENS, Rig, make_rig

LOCATION = "europe-west1"
#: When each test begins: a Wednesday, long before the next full hour, at which most triggers of these tests fire.
BEGINNING = datetime(2026, 11, 25, 10, 10, tzinfo=UTC)


@pytest.fixture
async def cloud_tasks(cloud_tasks_client: CloudTasksAsyncClient, google_project: str) -> CloudTasksAsyncClient:
    """A client whose queue `runs` accepts tasks and delivers none."""
    parent = f"projects/{google_project}/locations/{LOCATION}"
    await cloud_tasks_client.create_queue(parent=parent, queue={"name": f"{parent}/queues/runs"})
    await cloud_tasks_client.pause_queue(name=f"{parent}/queues/runs")
    return cloud_tasks_client


@pytest.fixture
def services(
    store: FirestoreStore, cloud_tasks: CloudTasksAsyncClient, google_project: str, tmp_path: Path
) -> Services:
    """The services on a clock of this test alone, which the command line can share (`clock_file`)."""
    clock_file(tmp_path).write_bytes(bytes(SIZE))
    clock = MovedClock.shared(clock_file(tmp_path))
    clock.go_on_from(BEGINNING)
    queue = CloudTasksQueue(
        cloud_tasks,
        project=google_project,
        location=LOCATION,
        queues=["runs"],
        url="https://run.tock.test/",
        service_account="",
        audience="",
        timeout=timedelta(seconds=TIMEOUT),
    )
    callbacks = Callbacks(url=ORIGIN, tokens=RUN_TOKENS)
    executors = Executors([PythonExecutor(modules=["web.sample_agents"], callbacks=callbacks)])
    return Services(store=store, queue=queue, clock=clock, random=SystemRandomSource(), executors=executors)


def clock_file(folder: Path) -> Path:
    """Where the test with this temporary folder keeps its clock."""
    return folder / "clock"


@pytest.fixture
def empty(services: Services) -> Rig:
    """A deployment without projects."""
    return make_rig(services, Access(admin_key_hash=ADMIN_KEY_HASH, keys=True, run_tokens=RUN_TOKENS))


@pytest.fixture
async def rig(empty: Rig) -> Rig:
    """A deployment with the project `acme` and its agent `digest`."""
    await empty.make_project()
    return empty
