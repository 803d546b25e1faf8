"""Tasks of a local stack that nobody takes are named, also those whose run is gone."""

import asyncio
from datetime import datetime, timedelta

import pytest

from client.conftest import (  # noqa: F401 - fixtures
    Hosted,
    _nothing_is_configured,
    cloud_tasks,
    empty,
    hosted,
    rig,
    services,
)
from tock.bootstrap.system_clock import SystemClock
from tock.cli.doctor.checks import Line, State
from tock.cli.doctor.local_queues import local_queue_lines
from tock.client.local_stack import LocalStack
from tock.local.tcp_ports import unused_port
from tock.ports.store import Delete
from web.conftest import LOCATION

pytestmark = pytest.mark.anyio


async def _lines(hosted: Hosted, host: str, queue: str, *, now: datetime) -> list[Line]:  # noqa: F811
    stack = LocalStack(hosted.url, "acme", clock=None, movable=None, cloud_tasks=host, queues=(queue,))

    def look() -> list[Line]:
        with hosted.blocking() as client:
            return list(local_queue_lines(client, stack, now=now))

    return await asyncio.to_thread(look)


async def test_tasks_that_nobody_takes_are_named(
    hosted: Hosted,  # noqa: F811
    cloud_tasks_emulator: str,
    google_project: str,
) -> None:
    queue = f"projects/{google_project}/locations/{LOCATION}/queues/runs"
    run, gone = await hosted.rig.start(), await hosted.rig.start()
    stored = await hosted.rig.services.store.run("acme", gone["id"])
    assert stored is not None
    await hosted.rig.services.store.commit([Delete.of(stored)])
    now = SystemClock().now()

    early = await _lines(hosted, cloud_tasks_emulator, queue, now=now)
    stopped, late = await _lines(hosted, cloud_tasks_emulator, queue, now=now + timedelta(hours=1))

    assert [(line.state, line.text) for line in early] == [(State.PROBLEM, "runs is PAUSED")]
    assert early == [stopped]
    assert late.state is State.WARNING
    assert late.text.startswith("nobody takes the task of run ")
    assert f"the task of run {run['id']}" in late.text
    assert f"the task of run {gone['id']}, which does not exist" in late.text


async def test_an_emulator_that_does_not_answer_is_a_problem(hosted: Hosted) -> None:  # noqa: F811
    host = f"127.0.0.1:{unused_port()}"

    [line] = await _lines(hosted, host, "projects/p/locations/l/queues/runs", now=SystemClock().now())

    assert (line.subject, line.state) == ("queues", State.PROBLEM)
    assert line.text.startswith(f"The stack's Cloud Tasks emulator does not answer at {host} ")
