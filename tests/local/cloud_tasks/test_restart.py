"""What the emulator keeps across a restart, after a clean stop and after a kill."""

import asyncio
import contextlib
import signal
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import grpc
import pytest
from google.api_core import exceptions
from google.cloud.tasks_v2 import CloudTasksAsyncClient, GetTaskRequest, HttpRequest, Queue, RateLimits, Task
from starlette.responses import Response

from local.cloud_tasks.emulator_process import process
from local.cloud_tasks.rig import LOCATION, QUEUE, START, assembled, connected
from local.cloud_tasks.target import Delivery, serving
from tock.local.cloud_tasks.clock import SystemClock
from tock.local.cloud_tasks.server import CloudTasksEmulator, PortTakenError
from tock.local.cloud_tasks.state.database import DamagedDataError, UnreadableDataError
from waiting import TIMEOUT, until

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def names_in(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


async def create(client: CloudTasksAsyncClient, name: str, *, url: str, at: datetime | None = None) -> None:
    task = Task(name=f"{QUEUE}/tasks/{name}", http_request=HttpRequest(url=url), schedule_time=at)
    await client.create_task(parent=QUEUE, task=task)


# ---------------------------------------------------------------- clean


async def test_a_restart_keeps_queues_tasks_and_spent_names(tmp_path: Path) -> None:
    data = tmp_path / "tasks.db"
    async with serving() as target:
        async with assembled(data=data, target=target) as rig:
            target.answers(200, 500)
            await rig.create("done")
            await rig.gone("done")
            await rig.create("failed")
            await rig.attempted("failed", count=1)
            request = HttpRequest(url=target.url, body=b"\x00\xff", headers={"A": "b"})
            await rig.create("later", http_request=request, schedule_time=START + 30 * SECOND)
            await rig.client.create_queue(
                parent=LOCATION,
                queue=Queue(name=f"{LOCATION}/queues/second", rate_limits=RateLimits(max_dispatches_per_second=2)),
            )
            await rig.client.pause_queue(name=f"{LOCATION}/queues/second")
            before = [await rig.client.get_queue(name=f"{LOCATION}/queues/{name}") for name in ("q", "second")]
            full = GetTaskRequest(name=f"{QUEUE}/tasks/later", response_view=Task.View.FULL)
            later = await rig.client.get_task(full)

        async with assembled(data=data, target=target) as rig:
            after = [await rig.client.get_queue(name=f"{LOCATION}/queues/{name}") for name in ("q", "second")]
            assert after == before
            assert await rig.client.get_task(full) == later
            with pytest.raises(exceptions.AlreadyExists, match="too recently"):
                await rig.create("done")
            rig.clock.advance(10 * SECOND)
            await rig.gone("failed")
            rig.clock.advance(20 * SECOND)
            await rig.gone("later")

        assert target.tasks() == ["done", "failed", "failed", "later"]
        assert target.deliveries[2].headers["x-cloudtasks-taskretrycount"] == "1"
        assert target.deliveries[3].body == b"\x00\xff"


async def test_tombstones_are_freed_in_the_file_too(tmp_path: Path) -> None:
    data = tmp_path / "tasks.db"
    async with assembled(data=data) as rig:
        for name in "ab":
            await rig.create(name)
            await rig.gone(name)
            rig.clock.advance(timedelta(hours=1))

    with contextlib.closing(sqlite3.connect(data)) as database:
        names = database.execute("SELECT name FROM spent_names").fetchall()
    assert names == [(f"{QUEUE}/tasks/b",)]


async def test_a_clean_stop_breaks_attempts_off_and_leaves_one_file_and_no_coroutine(tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    async with serving() as target:
        async with assembled(data=tmp_path / "tasks.db", target=target) as rig:
            never = asyncio.Event()

            async def answer(_: Delivery) -> Response:
                await never.wait()
                return Response()

            target.answer = answer
            await rig.create("t")
            await rig.delivered(1)
        target.answer = None

        async with assembled(data=tmp_path / "tasks.db", target=target) as rig:
            await rig.gone("t")

    assert target.tasks() == ["t", "t"]
    assert target.deliveries[1].headers["x-cloudtasks-taskretrycount"] == "1"
    assert names_in(tmp_path) == {"tasks.db"}
    await until(lambda: asyncio.all_tasks() <= before)


async def test_one_file_serves_one_emulator(tmp_path: Path) -> None:
    data = tmp_path / "tasks.db"
    async with CloudTasksEmulator(data=data):
        with pytest.raises(UnreadableDataError, match="locked"):
            await CloudTasksEmulator(data=data).__aenter__()


async def test_one_port_serves_one_emulator() -> None:
    async with CloudTasksEmulator() as first:
        port = int(first.address.rsplit(":", 1)[1])
        with pytest.raises(PortTakenError):
            await CloudTasksEmulator(port=port).__aenter__()


async def test_a_file_of_another_kind_is_refused_and_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "notes.txt"
    data.write_text("not a database, but somebody's notes\n" * 100)

    with pytest.raises(DamagedDataError):
        await CloudTasksEmulator(data=data).__aenter__()

    assert data.read_text() == "not a database, but somebody's notes\n" * 100


# ---------------------------------------------------------------- as a process


async def test_the_process_stops_cleanly_when_asked_to(tmp_path: Path) -> None:
    async def stopped_by(number: signal.Signals) -> None:
        directory = tmp_path / number.name
        arguments = ["--data", str(directory / "tasks.db"), "--identity-dir", str(directory)]
        async with process(*arguments) as (running, address):
            async with connected(address) as client:
                await client.update_queue(queue=Queue(name=QUEUE))
            running.send_signal(number)
            async with asyncio.timeout(TIMEOUT):
                out, err = await running.communicate()

        assert (running.returncode, out) == (0, b"")
        assert f"queue_created queue={QUEUE}" in err.decode()
        assert "Traceback" not in err.decode()
        assert names_in(directory) == {"tasks.db", "key.pem", "certificates.json"}

    async with asyncio.TaskGroup() as both:
        both.create_task(stopped_by(signal.SIGTERM))
        both.create_task(stopped_by(signal.SIGINT))


async def test_after_a_kill_everything_acknowledged_is_delivered_and_what_was_under_way_again(tmp_path: Path) -> None:
    arguments = ["--data", str(tmp_path / "tasks.db")]
    acknowledged: list[str] = []
    async with serving() as target:

        async def answer(delivery: Delivery) -> Response:
            if delivery.path == "/hang":
                await asyncio.Event().wait()
            return Response()

        target.answer = answer
        async with process(*arguments) as (running, address), connected(address) as client:
            await client.update_queue(queue=Queue(name=QUEUE))
            await create(client, "hung", url=f"{target.url}/hang")
            await until(lambda: target.tasks() == ["hung"])
            later = SystemClock().now() + timedelta(seconds=2)

            async def keep_creating() -> None:
                for number in range(100_000):
                    at = later if number % 2 else None
                    try:
                        await create(client, f"t{number}", url=target.url, at=at)
                    except (exceptions.GoogleAPICallError, grpc.aio.AioRpcError):
                        return
                    acknowledged.append(f"t{number}")

            creating = asyncio.create_task(keep_creating())
            await until(lambda: len(acknowledged) >= 100)
            running.send_signal(signal.SIGKILL)
            await creating
            await running.wait()
        before = target.tasks()
        target.answer = None

        async with process(*arguments) as (running, address), connected(address) as client:
            await until(lambda: set(target.tasks()[len(before) :]) >= {*acknowledged, "hung"} - set(before[1:]))
            with pytest.raises(exceptions.AlreadyExists):
                await create(client, acknowledged[0], url=target.url)

    after = target.deliveries[len(before) :]
    # A race: the kill may come between an answer and its record, which repeats a few; none is lost.
    repeated = {delivery.headers["x-cloudtasks-taskname"] for delivery in after} & set(before)
    assert len(repeated) < len(before)
    (again,) = [delivery for delivery in after if delivery.path == "/hang"]
    assert again.headers["x-cloudtasks-taskretrycount"] == "1"
