"""Batches of which calls fail: what is sent again, and that no task pays for another. A server decides each call."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.cloud.tasks_v2 import CreateTaskRequest
from google.cloud.tasks_v2 import Task as CloudTask

from ports.queues import a_cloud_tasks_queue, a_task
from tock.ports.queue import Task
from tock.queue.client import cloud_tasks_client
from tock.queue.cloud_tasks import CALLS_AT_ONCE, CloudTasksQueue
from waiting import TIMEOUT, until

pytestmark = pytest.mark.anyio

Status = grpc.StatusCode
#: How long a call may take, if it must not fail for that.
PATIENT = timedelta(seconds=TIMEOUT)
Connect = Callable[..., CloudTasksQueue]


class Server(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc is typed in part only
    """Answers the CreateTask calls of each run with these statuses in turn, then accepts the task."""

    def __init__(self) -> None:
        self.statuses: defaultdict[str, list[grpc.StatusCode]] = defaultdict(list)
        self.called: Counter[str] = Counter()
        #: The runs whose tasks were accepted.
        self.accepted: list[str] = []
        #: The calls that are not answered until `opened`: each by its run and its number, from 1.
        self.held: set[tuple[str, int]] = set()
        self.opened = asyncio.Event()
        self.in_flight = 0
        self.most_in_flight = 0

    def service(self, _details: Any) -> Any:
        return grpc.unary_unary_rpc_method_handler(self._create)

    async def _create(self, request: bytes, context: Any) -> bytes:
        task = CreateTaskRequest.pb().FromString(request).task
        run = task.http_request.body.decode().split('"')[7]
        self.called[run] += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if (run, self.called[run]) in self.held:
                await self.opened.wait()
            if self.statuses[run]:
                await context.abort(self.statuses[run].pop(0), f"said the server of {run}")
        finally:
            self.in_flight -= 1
        self.accepted.append(run)
        encoded: bytes = CloudTask.pb()(name=task.name).SerializeToString()
        return encoded


@pytest.fixture
async def server() -> Server:
    return Server()


@pytest.fixture
async def connect(server: Server) -> AsyncIterator[Connect]:
    running = grpc.aio.server(handlers=[server])
    port = running.add_insecure_port("127.0.0.1:0")
    await running.start()
    client = cloud_tasks_client(emulator=f"127.0.0.1:{port}")

    yield lambda patience=PATIENT: a_cloud_tasks_queue(client, project="p", url="http://127.0.0.1:1/", timeout=patience)

    await client.transport.close()
    await running.stop(None)


@pytest.mark.parametrize("status", [Status.UNAVAILABLE, Status.RESOURCE_EXHAUSTED, Status.INTERNAL])
async def test_a_failure_that_passes_concerns_its_task_alone(
    server: Server, connect: Connect, status: grpc.StatusCode
) -> None:
    server.statuses["run-1"] = [status, status]

    refused = await connect().enqueue(_tasks(4))

    assert refused == {}
    assert sorted(server.accepted) == ["run-0", "run-1", "run-2", "run-3"]
    assert server.called == {"run-0": 1, "run-1": 3, "run-2": 1, "run-3": 1}


@pytest.mark.parametrize("status", [Status.PERMISSION_DENIED, Status.DEADLINE_EXCEEDED, Status.INVALID_ARGUMENT])
async def test_a_failure_that_lasts_refuses_its_task_alone_after_one_call(
    server: Server, connect: Connect, status: grpc.StatusCode
) -> None:
    tasks = _tasks(4)
    server.statuses |= {"run-0": [status], "run-2": [status]}

    refused = await connect().enqueue(tasks)

    assert set(refused) == {tasks[0], tasks[2]}
    assert all(f"said the server of {task.run}" in str(error) for task, error in refused.items())
    assert sorted(server.accepted) == ["run-1", "run-3"]
    assert set(server.called.values()) == {1}


async def test_a_task_that_exists_is_accepted(server: Server, connect: Connect) -> None:
    server.statuses["run-0"] = [Status.ALREADY_EXISTS]
    server.statuses["run-1"] = [Status.UNAVAILABLE, Status.ALREADY_EXISTS]

    refused = await connect().enqueue(_tasks(3))

    assert refused == {}
    assert server.called == {"run-0": 1, "run-1": 2, "run-2": 1}


async def test_failures_that_do_not_pass_end_with_the_last_cause_and_pauses_between_tries(
    server: Server, connect: Connect
) -> None:
    """Without pauses, hundreds of calls fit into the time."""
    tasks = _tasks(3)
    for task in tasks:
        server.statuses[task.run] = [Status.UNAVAILABLE] * 10_000

    refused = await connect(timedelta(seconds=1)).enqueue(tasks)

    assert set(refused) == set(tasks)
    assert all("UNAVAILABLE: said the server" in str(error) for error in refused.values())
    assert max(server.called.values()) < 100


async def test_a_call_that_is_not_answered_keeps_no_other_task_back(server: Server, connect: Connect) -> None:
    server.held = {("run-0", 1)}
    server.statuses["run-2"] = [Status.UNAVAILABLE]
    enqueueing = asyncio.create_task(connect().enqueue(_tasks(3)))

    await until(lambda: server.called["run-2"] == 1 and "run-1" in server.accepted)
    server.opened.set()

    assert await enqueueing == {}
    assert sorted(server.accepted) == ["run-0", "run-1", "run-2"]


async def test_a_second_try_that_is_not_answered_keeps_no_other_second_try_back(
    server: Server, connect: Connect
) -> None:
    server.statuses |= {"run-0": [Status.UNAVAILABLE], "run-1": [Status.UNAVAILABLE]}
    server.held = {("run-0", 2)}
    enqueueing = asyncio.create_task(connect().enqueue(_tasks(2)))

    await until(lambda: server.accepted == ["run-1"])
    server.opened.set()

    assert await enqueueing == {}
    assert server.accepted == ["run-1", "run-0"]


async def test_a_call_that_is_never_answered_refuses_its_task_alone(server: Server, connect: Connect) -> None:
    tasks = _tasks(3)
    server.held = {("run-0", 1)}
    queue = connect(timedelta(seconds=1))

    refused = await queue.enqueue(tasks)

    assert list(refused) == [tasks[0]]
    assert sorted(server.accepted) == ["run-1", "run-2"]


async def test_a_batch_has_so_many_first_tries_in_flight(server: Server, connect: Connect) -> None:
    tasks = _tasks(5 * CALLS_AT_ONCE)
    server.held = {(task.run, 1) for task in tasks}
    enqueueing = asyncio.create_task(connect().enqueue(tasks))

    await until(lambda: server.in_flight == CALLS_AT_ONCE)
    server.opened.set()

    assert await enqueueing == {}
    assert server.most_in_flight == CALLS_AT_ONCE
    assert sorted(server.accepted) == sorted(task.run for task in tasks)


def _tasks(count: int) -> list[Task]:
    return [a_task(run=f"run-{number}") for number in range(count)]
