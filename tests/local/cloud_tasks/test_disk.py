"""A disk that is full or cannot be written, and a damaged file: both are named, and deliveries go on."""

import asyncio
import contextlib
import logging
import os
import re
import signal
import sqlite3
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from google.api_core import exceptions
from google.cloud.tasks_v2 import HttpRequest, Queue
from starlette.responses import Response

from local.cloud_tasks.emulator_process import process, refusal
from local.cloud_tasks.rig import LOCATION, QUEUE, START, Rig, assembled, connected
from local.cloud_tasks.target import Delivery, Target, serving
from small_disk import SmallDisk, small_disk
from tock.local.cloud_tasks.server import CloudTasksEmulator
from tock.local.cloud_tasks.state.database import DamagedDataError, UnreadableDataError
from waiting import TIMEOUT

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", size="1m") as disk:
        yield disk


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    async with serving() as target:
        yield target


async def _later(rig: Rig, name: str) -> None:
    await rig.create(name, schedule_time=START + 10 * SECOND)


# ---------------------------------------------------------------- full


async def test_what_is_due_is_delivered_and_retried_although_the_disk_is_full(disk: SmallDisk, target: Target) -> None:
    async with assembled(data=disk.folder / "tasks.db", target=target) as rig:
        await _later(rig, "flaky")
        disk.fill()
        target.answers(500, 200)

        rig.clock.advance(10 * SECOND)
        await rig.attempted("flaky", count=1)
        rig.clock.advance(10 * SECOND)
        await rig.gone("flaky")

        assert target.tasks() == ["flaky", "flaky"]
        assert [delivery.cloud_headers()["taskretrycount"] for delivery in target.deliveries] == ["0", "1"]


async def test_what_callers_ask_for_is_done_although_the_disk_is_full(disk: SmallDisk, target: Target) -> None:
    data = disk.folder / "tasks.db"
    second = f"{LOCATION}/queues/second"
    async with assembled(data=data, target=target) as rig:
        for name in ("deleted", "kept"):
            await _later(rig, name)
        disk.fill()

        await rig.create("new")
        await rig.gone("new")
        await _later(rig, "later")
        await rig.client.delete_task(name=f"{QUEUE}/tasks/deleted")
        await rig.client.pause_queue(name=QUEUE)
        await rig.client.create_queue(parent=LOCATION, queue=Queue(name=second))
        waiting = await rig.waiting()
        disk.free()

    assert waiting == ["kept", "later"]
    async with assembled(data=data, target=target) as rig:
        assert await rig.waiting() == waiting
        assert (await rig.client.get_queue(name=QUEUE)).state is Queue.State.PAUSED
        assert (await rig.client.get_queue(name=second)).name == second
        for spent in ("new", "deleted"):
            with pytest.raises(exceptions.AlreadyExists, match="too recently"):
                await rig.create(spent)
    assert target.tasks() == ["new"]


async def test_what_happened_while_the_disk_was_full_is_stored_once_there_is_room(
    disk: SmallDisk, target: Target
) -> None:
    data = disk.folder / "tasks.db"
    async with assembled(data=data, target=target) as rig:
        for name in ("done", "failed"):
            await _later(rig, name)
        disk.fill()

        async def answer(delivery: Delivery) -> Response:
            return Response(status_code=500 if delivery.headers["x-cloudtasks-taskname"] == "failed" else 200)

        target.answer = answer
        rig.clock.advance(10 * SECOND)
        await rig.gone("done")
        await rig.attempted("failed", count=1)
        disk.free()
        await rig.create("after", schedule_time=START + 3600 * SECOND)

    with contextlib.closing(sqlite3.connect(data)) as database:
        records = [row[0] for row in database.execute("SELECT record FROM tasks ORDER BY serial")]
        names = database.execute("SELECT name FROM spent_names").fetchall()
    assert [f'"dispatch_count":{count}' in record for record, count in zip(records, (1, 0), strict=True)] == [True] * 2
    assert names == [(f"{QUEUE}/tasks/done",)]


async def test_a_stop_stores_what_waits_to_be_stored(disk: SmallDisk, target: Target) -> None:
    data = disk.folder / "tasks.db"
    async with assembled(data=data, target=target) as rig:
        await _later(rig, "done")
        disk.fill()
        rig.clock.advance(10 * SECOND)
        await rig.gone("done")
        disk.free()

    async with assembled(data=data, target=target) as rig:
        rig.clock.advance(10 * SECOND)
        with pytest.raises(exceptions.AlreadyExists, match="too recently"):
            await rig.create("done")
    assert target.tasks() == ["done"]


async def test_a_stop_on_a_full_disk_says_what_is_lost(
    disk: SmallDisk, target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with assembled(data=disk.folder / "tasks.db", target=target) as rig:
        await _later(rig, "done")
        disk.fill()
        rig.clock.advance(10 * SECOND)
        await rig.gone("done")

    errors = [record.message for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(errors) == 2
    assert "cannot be written" in errors[0]
    assert "what changed since is lost" in errors[1]


async def test_an_outage_of_the_disk_is_said_once_and_its_end_too(
    disk: SmallDisk, target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with assembled(data=disk.folder / "tasks.db", target=target) as rig:
        for name in "abc":
            await _later(rig, name)
        disk.fill()
        rig.clock.advance(10 * SECOND)
        await rig.emptied()
        disk.free()
        await _later(rig, "d")

    said = [record.message for record in caplog.records if "tasks.db" in record.message]
    assert len(said) == 2
    assert "tasks.db cannot be written: database or disk is full. Deliveries go on" in said[0]
    assert said[1].endswith("tasks.db is written again.")


async def test_the_start_on_a_full_disk_says_so_in_one_sentence(disk: SmallDisk) -> None:
    disk.fill()

    with pytest.raises(UnreadableDataError, match=r"tasks\.db cannot be used: .*(full|I/O error|unable)"):
        await CloudTasksEmulator(data=disk.folder / "tasks.db").__aenter__()


async def test_the_start_on_a_disk_that_cannot_be_written_says_so_in_one_sentence(disk: SmallDisk) -> None:
    data = disk.folder / "tasks.db"
    async with CloudTasksEmulator(data=data):
        pass
    disk.forbid_writing()

    said = await refusal("--data", str(data))

    assert re.fullmatch(rf"{re.escape(str(data))} cannot be used: [^\n]+\n", said)
    disk.allow_writing()


# ---------------------------------------------------------------- damaged


def _database(path: Path, *, rows: str = "") -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript(rows)


async def _filled(data: Path) -> None:
    async with assembled(data=data) as rig:
        for number in range(80):
            await rig.create(
                f"t{number}",
                http_request=HttpRequest(url=rig.target.url, body=b"x" * 200),
                schedule_time=START + 3600 * SECOND,
            )


def _overwrite(path: Path, *, at: int, with_: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(with_)


DAMAGES = {
    "emptied header": lambda path: _overwrite(path, at=0, with_=bytes(100)),
    "emptied": lambda path: path.write_bytes(b""),
    "no database": lambda path: path.write_text("not a database\n" * 1000),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "truncated within a page": lambda path: path.write_bytes(path.read_bytes()[:5000]),
    "zeros in the middle": lambda path: _overwrite(path, at=8192, with_=bytes(30_000)),
    "a table is missing": lambda path: _database(path, rows="DROP TABLE tasks"),
    "a record is cut": lambda path: _database(path, rows="UPDATE tasks SET record = substr(record, 1, 50)"),
    "a record is no task": lambda path: _database(path, rows="UPDATE tasks SET record = '{}'"),
    "a queue is missing": lambda path: _database(path, rows="DELETE FROM queues"),
    "a tombstone has no time": lambda path: _database(path, rows="INSERT INTO spent_names VALUES ('x', 'soon')"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
async def test_a_damaged_file_is_named_and_left_alone(tmp_path: Path, damage: object) -> None:
    data = tmp_path / "tasks.db"
    await _filled(data)
    assert callable(damage)
    damage(data)
    before = data.read_bytes()

    with pytest.raises(DamagedDataError, match=r"tasks\.db is damaged: "):
        await CloudTasksEmulator(data=data).__aenter__()

    assert data.read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
async def test_a_process_that_may_replace_a_damaged_file_sets_it_aside_and_says_what_is_lost(
    tmp_path: Path, damage: object
) -> None:
    data = tmp_path / "tasks.db"
    await _filled(data)
    assert callable(damage)
    damage(data)
    before = data.read_bytes()

    async with process("--data", str(data), "--replace-damaged") as (running, address):
        async with connected(address) as client:
            await client.create_queue(parent=LOCATION, queue=Queue(name=QUEUE))
        running.send_signal(signal.SIGTERM)
        async with asyncio.timeout(TIMEOUT):
            _, err = await running.communicate()

    said = err.decode()
    assert "Traceback" not in said
    [sentence] = [line for line in said.splitlines() if "damaged" in line]
    assert f"{data} is damaged: " in sentence
    assert f"It was set aside as {data}.damaged-1, and its queues and tasks are lost." in sentence
    assert (tmp_path / "tasks.db.damaged-1").read_bytes() == before


async def test_a_process_that_may_not_replace_a_damaged_file_ends_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "tasks.db").write_text("somebody's notes\n" * 300)

    said = await refusal("--data", str(tmp_path / "tasks.db"))

    assert said.splitlines() == [
        f"{tmp_path}/tasks.db is damaged: file is not a database. Move it away to start without it."
    ]


async def test_a_newer_file_is_refused_and_never_replaced(tmp_path: Path) -> None:
    data = tmp_path / "tasks.db"
    _database(data, rows="PRAGMA user_version = 2")

    said = await refusal("--data", str(data), "--replace-damaged")

    assert said.splitlines() == [f"{data} cannot be used: it has version 2, not 1: another version of Tock wrote it."]
    assert os.listdir(tmp_path) == ["tasks.db"]  # noqa: PTH208 - one name, at once


async def test_a_port_that_is_taken_ends_the_process_with_a_sentence() -> None:
    async with CloudTasksEmulator() as first:
        port = first.address.rpartition(":")[2]

        said = await refusal("--port", port)

    assert (
        said.splitlines()[-1]
        == f"127.0.0.1:{port} cannot be listened on: another process does. Choose another port: --port."
    )
    assert "Traceback" not in said
