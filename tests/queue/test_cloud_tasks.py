"""The queue in Cloud Tasks: its tokens, the deadline in its messages, and its failures."""

import json
from datetime import UTC, timedelta

import pytest
from google.auth import jwt
from google.cloud.tasks_v2 import CloudTasksAsyncClient, ListTasksRequest
from google.cloud.tasks_v2 import Queue as CloudQueue
from google.cloud.tasks_v2 import Task as CloudTask

from local.cloud_tasks.target import Target
from ports.queues import ACCOUNT, AUDIENCE, LOCATION, TICK_AUDIENCE, a_cloud_tasks_queue, a_task, now
from tock.core.errors import QueueUnavailable
from tock.core.ids.derived import task_id
from tock.local.identity.token_issuer import TokenIssuer
from tock.local.tcp_ports import unused_port
from tock.ports.queue import TickContinuation
from tock.queue.client import cloud_tasks_client as open_cloud_tasks_client
from tock.queue.cloud_tasks import CloudTasksQueue
from waiting import until

pytestmark = pytest.mark.anyio


async def test_the_delivery_proves_who_sends_it(
    cloud_tasks_queue: CloudTasksQueue, target: Target, token_issuer: TokenIssuer
) -> None:
    await cloud_tasks_queue.enqueue([a_task()])

    await until(lambda: len(target.deliveries) == 1)
    kind, token = target.deliveries[0].headers["authorization"].split()
    claims = jwt.decode(token, certs=json.loads(token_issuer.certificates.read_text()), audience=AUDIENCE)
    assert (kind, claims["email"], claims["aud"]) == ("Bearer", ACCOUNT, AUDIENCE)


async def test_the_further_tick_proves_who_sends_it_to_the_tick_function(
    cloud_tasks_queue: CloudTasksQueue, target: Target, token_issuer: TokenIssuer
) -> None:
    await cloud_tasks_queue.continue_tick(TickContinuation(name="tick-1", shards=(1,)))

    await until(lambda: len(target.deliveries) == 1)
    kind, token = target.deliveries[0].headers["authorization"].split()
    claims = jwt.decode(token, certs=json.loads(token_issuer.certificates.read_text()), audience=TICK_AUDIENCE)
    assert (kind, claims["email"], claims["aud"]) == ("Bearer", ACCOUNT, TICK_AUDIENCE)


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
    cloud_tasks_client: CloudTasksAsyncClient,
    google_project: str,
    timeout: timedelta,  # noqa: ASYNC109 - what the task is given, not how long this waits
    deadline: timedelta,
) -> None:
    due_at = (now() + timedelta(hours=1)).replace(microsecond=123_456)

    await cloud_tasks_queue.enqueue([a_task(timeout=timeout, due_at=due_at)])

    name = task_id(project="acme", run="run-1", attempt=1, dispatch=1)
    parent = f"projects/{google_project}/locations/europe-west3/queues/runs"
    created = await cloud_tasks_client.get_task(name=f"{parent}/tasks/{name}")
    message = CloudTask.pb(created)
    assert message.dispatch_deadline.ToTimedelta() == deadline
    assert message.schedule_time.ToDatetime(tzinfo=UTC) == due_at


async def test_queues_share_the_runs_and_each_run_keeps_its_own(
    cloud_tasks_client: CloudTasksAsyncClient, google_project: str
) -> None:
    """A task created again, by whoever, is in the queue where its first copy is: never both."""
    parent = f"projects/{google_project}/locations/{LOCATION}"
    names = [f"runs-{number}" for number in range(4)]
    for name in names:
        await cloud_tasks_client.create_queue(parent=parent, queue=CloudQueue(name=f"{parent}/queues/{name}"))
    due_at = now() + timedelta(hours=1)
    runs = {f"run-{number}" for number in range(80)}

    for _ in range(2):
        queue = a_cloud_tasks_queue(cloud_tasks_client, project=google_project, url="http://127.0.0.1:1/", queues=names)
        assert await queue.enqueue([a_task(run=run, due_at=due_at) for run in sorted(runs)]) == {}

    held: list[list[str]] = []
    for name in names:
        request = ListTasksRequest(parent=f"{parent}/queues/{name}", response_view=CloudTask.View.FULL)
        tasks = [task async for task in await cloud_tasks_client.list_tasks(request=request)]
        held.append([json.loads(task.http_request.body)["run"] for task in tasks])
    assert sorted(run for each in held for run in each) == sorted(runs)
    assert all(8 <= len(each) <= 40 for each in held), "about 20 each"


async def test_a_missing_queue_is_unavailable_and_named(
    cloud_tasks_client: CloudTasksAsyncClient, target: Target, google_project: str
) -> None:
    queue = a_cloud_tasks_queue(cloud_tasks_client, project=google_project, url=target.url)

    refused = await queue.enqueue([a_task(run="run-1"), a_task(run="run-2")])

    assert {task.run for task in refused} == {"run-1", "run-2"}
    for error in refused.values():
        assert f"projects/{google_project}/locations/europe-west3/queues/runs" in str(error)
    with pytest.raises(QueueUnavailable, match=f"projects/{google_project}/locations/europe-west3/queues/ticks"):
        await queue.continue_tick(TickContinuation(name="tick-1", shards=(1,)))


async def test_a_service_that_is_not_there_is_unavailable() -> None:
    client = open_cloud_tasks_client(emulator=f"127.0.0.1:{unused_port()}")
    queue = a_cloud_tasks_queue(client, project="p", url="http://127.0.0.1:1/", timeout=timedelta(milliseconds=300))

    task = a_task()

    refused = await queue.enqueue([task])

    assert list(refused) == [task]
    await client.transport.close()
