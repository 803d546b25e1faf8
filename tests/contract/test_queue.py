"""What the queue keeps to: one delivery for each task, not before its second, with what the run function needs."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from google.auth import jwt
from google.cloud.tasks_v2 import CloudTasksAsyncClient
from google.cloud.tasks_v2 import Queue as CloudQueue
from google.cloud.tasks_v2 import Task as CloudTask

from contract.documents import a_run
from local.cloud_tasks_rig import Target, eventually, serving
from tock.core.errors import QueueUnavailable
from tock.core.identity import task_id
from tock.local.cloud_tasks.clock import SystemClock
from tock.local.identity import LocalIdentity
from tock.local.ports import unused_port
from tock.ports.queue import Queue, Task
from tock.queue.client import cloud_tasks_client
from tock.queue.cloud_tasks import CloudTasksQueue

pytestmark = pytest.mark.anyio

ACCOUNT = "runner@example.iam.gserviceaccount.com"
AUDIENCE = "https://run.example.com"
SECOND = timedelta(seconds=1)


@pytest.fixture
async def client(cloud_tasks_emulator: str) -> AsyncIterator[CloudTasksAsyncClient]:
    client = cloud_tasks_client(emulator=cloud_tasks_emulator)
    yield client
    await client.transport.close()


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    async with serving() as target:
        yield target


@pytest.fixture
async def cloud_tasks_queue(client: CloudTasksAsyncClient, target: Target, google_project: str) -> CloudTasksQueue:
    location = f"projects/{google_project}/locations/europe-west3"
    await client.create_queue(parent=location, queue=CloudQueue(name=f"{location}/queues/runs"))
    return _queue(client, project=google_project, url=target.url)


@pytest.fixture(params=["cloud_tasks"])
def queue(request: pytest.FixtureRequest) -> Queue:
    made: Queue = request.getfixturevalue(f"{request.param}_queue")
    return made


async def test_a_task_is_delivered_with_what_names_its_attempt(queue: Queue, target: Target) -> None:
    await queue.enqueue(_task())

    await eventually(lambda: len(target.deliveries) == 1)
    (delivery,) = target.deliveries
    assert (delivery.method, json.loads(delivery.body)) == (
        "POST",
        {"project": "acme", "run": "run-1", "attempt": 1, "dispatch": 1},
    )
    assert delivery.headers["content-type"] == "application/json"


async def test_a_second_call_for_the_same_delivery_has_no_effect(queue: Queue, target: Target) -> None:
    await queue.enqueue(_task())
    await eventually(lambda: len(target.deliveries) == 1)

    await queue.enqueue(_task())
    await queue.enqueue(_task(due_at=_now() - SECOND, timeout=SECOND))
    await queue.enqueue(_task(run="last"))

    await eventually(lambda: "last" in _runs(target))
    assert _runs(target) == ["run-1", "last"]


async def test_a_second_call_before_the_delivery_has_no_effect(queue: Queue, target: Target) -> None:
    due_at = _now() + SECOND

    await queue.enqueue(_task(due_at=due_at))
    await queue.enqueue(_task(due_at=due_at))

    await queue.enqueue(_task(run="last", due_at=due_at + SECOND))
    await eventually(lambda: "last" in _runs(target))
    assert _runs(target) == ["run-1", "last"]


async def test_another_attempt_dispatch_run_or_project_is_another_delivery(queue: Queue, target: Target) -> None:
    for task in (_task(), _task(attempt=2), _task(dispatch=2), _task(run="run-2"), _task(project="beta")):
        await queue.enqueue(task)

    await eventually(lambda: len(target.deliveries) == 5)


async def test_a_task_is_never_delivered_before_its_time(queue: Queue, target: Target) -> None:
    due_at = _now() + 2 * SECOND

    await queue.enqueue(_task(due_at=due_at))

    await eventually(lambda: len(target.deliveries) == 1)
    assert target.deliveries[0].arrived >= due_at


async def test_the_delivery_proves_who_sends_it(queue: Queue, target: Target, local_identity: LocalIdentity) -> None:
    await queue.enqueue(_task())

    await eventually(lambda: len(target.deliveries) == 1)
    kind, token = target.deliveries[0].headers["authorization"].split()
    claims = jwt.decode(token, certs=json.loads(local_identity.certificates.read_text()), audience=AUDIENCE)
    assert (kind, claims["email"], claims["aud"]) == ("Bearer", ACCOUNT, AUDIENCE)


async def test_the_task_of_a_run_is_its_current_delivery(queue: Queue, target: Target) -> None:
    run = a_run(attempt=3, dispatch=2, due_at=_now())

    await queue.enqueue(Task.of(run))

    await eventually(lambda: len(target.deliveries) == 1)
    assert json.loads(target.deliveries[0].body) == {"project": "acme", "run": "run-1", "attempt": 3, "dispatch": 2}


@pytest.mark.parametrize(
    ("timeout", "deadline"),
    [
        (timedelta(seconds=1), timedelta(seconds=61)),
        (timedelta(minutes=5), timedelta(minutes=6)),
        (timedelta(seconds=1740), timedelta(minutes=30)),
        (timedelta(hours=2), timedelta(minutes=30)),
    ],
)
async def test_the_delivery_stays_open_longer_than_the_attempt(
    cloud_tasks_queue: CloudTasksQueue,
    client: CloudTasksAsyncClient,
    google_project: str,
    timeout: timedelta,  # noqa: ASYNC109 - what the task is given, not how long this waits
    deadline: timedelta,
) -> None:
    due_at = (_now() + timedelta(hours=1)).replace(microsecond=123_456)

    await cloud_tasks_queue.enqueue(_task(timeout=timeout, due_at=due_at))

    name = task_id(project="acme", run="run-1", attempt=1, dispatch=1)
    parent = f"projects/{google_project}/locations/europe-west3/queues/runs"
    created = await client.get_task(name=f"{parent}/tasks/{name}")
    message = CloudTask.pb(created)
    assert message.dispatch_deadline.ToTimedelta() == deadline
    assert message.schedule_time.ToDatetime(tzinfo=UTC) == due_at


async def test_a_missing_queue_is_unavailable_and_named(
    client: CloudTasksAsyncClient, target: Target, google_project: str
) -> None:
    queue = _queue(client, project=google_project, url=target.url)

    with pytest.raises(QueueUnavailable, match=f"projects/{google_project}/locations/europe-west3/queues/runs"):
        await queue.enqueue(_task())


async def test_a_service_that_is_not_there_is_unavailable() -> None:
    client = cloud_tasks_client(emulator=f"127.0.0.1:{unused_port()}")
    queue = _queue(client, project="p", url="http://127.0.0.1:1/", patience=timedelta(milliseconds=300))

    with pytest.raises(QueueUnavailable):
        await queue.enqueue(_task())

    await client.transport.close()


def _queue(
    client: CloudTasksAsyncClient, *, project: str, url: str, patience: timedelta = timedelta(seconds=20)
) -> CloudTasksQueue:
    return CloudTasksQueue(
        client,
        project=project,
        location="europe-west3",
        queue="runs",
        url=url,
        service_account=ACCOUNT,
        audience=AUDIENCE,
        patience=patience,
    )


def _task(
    *,
    project: str = "acme",
    run: str = "run-1",
    attempt: int = 1,
    dispatch: int = 1,
    due_at: datetime | None = None,
    timeout: timedelta = timedelta(minutes=5),
) -> Task:
    return Task(project=project, run=run, attempt=attempt, dispatch=dispatch, due_at=due_at or _now(), timeout=timeout)


def _runs(target: Target) -> list[str]:
    return [json.loads(delivery.body)["run"] for delivery in target.deliveries]


def _now() -> datetime:
    return SystemClock().now()
