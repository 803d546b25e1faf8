"""The real parts that tests share: one Firestore emulator for all workers, one Cloud Tasks emulator for each."""

import signal
import uuid
from collections.abc import AsyncIterator, Generator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from google.cloud.firestore import AsyncClient
from google.cloud.tasks_v2 import CloudTasksAsyncClient, Queue
from hypothesis import HealthCheck, settings
from xdist.remote import Producer

from firestore_sharing import shared_firestore
from local.cloud_tasks.target import Target, serving
from ports.queues import LOCATION, a_cloud_tasks_queue
from queries.watch import WATCH, watch_all_channels
from tock.core.timing import Timing
from tock.local.cloud_tasks.server import CloudTasksEmulator
from tock.local.identity.token_issuer import TokenIssuer
from tock.queue.client import cloud_tasks_client as open_cloud_tasks_client
from tock.queue.cloud_tasks import CloudTasksQueue
from tock.store.firestore import FirestoreStore
from waiting import TIMEOUT
from worker_groups import GroupScheduling

# How long a case takes, or takes to generate, depends on the machine and proves nothing.
settings.register_profile("tock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tock")

# A shell that starts the tests in the background lets them ignore Ctrl-C, and so would every program that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling:
    """Run tests that share an expensive fixture on one worker."""
    return GroupScheduling(config, log)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def firestore_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The host:port of the emulator: that of FIRESTORE_EMULATOR_HOST, or one for all workers of this session."""
    with shared_firestore(tmp_path_factory.getbasetemp()) as host:
        yield host


@pytest.fixture(scope="session", autouse=True)
def _queries_are_watched() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        watch_all_channels(patch)
        yield


@pytest.fixture(autouse=True)
def _queries_have_indexes() -> Iterator[None]:
    """Fail a test that sends a query without an index in the cloud; the emulator needs no index."""
    yield
    problems, WATCH.problems = WATCH.problems, []
    assert not problems


@pytest.fixture(scope="session")
def token_issuer(tmp_path_factory: pytest.TempPathFactory) -> TokenIssuer:
    """The key that signs the tokens of the emulated Cloud Tasks."""
    directory: Path = tmp_path_factory.mktemp("identity")
    return TokenIssuer.load(directory)


@pytest.fixture(scope="session")
async def cloud_tasks_emulator(token_issuer: TokenIssuer) -> AsyncIterator[str]:
    """The host:port of a Cloud Tasks emulator."""
    async with CloudTasksEmulator(token_issuer=token_issuer) as emulator:
        yield emulator.address


@pytest.fixture
def google_project() -> str:
    """A Google Cloud project of this test alone."""
    return f"test-{uuid.uuid4().hex[:20]}"


@pytest.fixture
async def firestore_client(
    firestore_emulator: str, google_project: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[AsyncClient]:
    """A client of an empty database, bound to the test's event loop."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator)
    client = AsyncClient(project=google_project)
    yield client
    await client._firestore_api.transport.close()


@pytest.fixture
async def store(firestore_client: AsyncClient) -> FirestoreStore:
    """A store on an empty database. It waits as long as tests do, since the speed of the machine proves nothing."""
    return FirestoreStore(firestore_client, shards=Timing().shards, timeout=timedelta(seconds=TIMEOUT))


@pytest.fixture
async def cloud_tasks_client(cloud_tasks_emulator: str) -> AsyncIterator[CloudTasksAsyncClient]:
    """The client of Cloud Tasks, bound to the test's event loop."""
    client = open_cloud_tasks_client(emulator=cloud_tasks_emulator)
    yield client
    await client.transport.close()


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    """An HTTP server for tasks to be delivered to."""
    async with serving() as target:
        yield target


@pytest.fixture
async def cloud_tasks_queue(
    cloud_tasks_client: CloudTasksAsyncClient, target: Target, google_project: str
) -> CloudTasksQueue:
    """The queue in Cloud Tasks, empty, which delivers to the target."""
    parent = f"projects/{google_project}/locations/{LOCATION}"
    for name in ("runs", "ticks"):
        await cloud_tasks_client.create_queue(parent=parent, queue=Queue(name=f"{parent}/queues/{name}"))
    return a_cloud_tasks_queue(cloud_tasks_client, project=google_project, url=target.url)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Replace what UTF-8 cannot encode: xdist sends reports as UTF-8, and some tests log half a character."""
    report = yield
    report.sections = [(name, text.encode(errors="replace").decode()) for name, text in report.sections]
    return report
