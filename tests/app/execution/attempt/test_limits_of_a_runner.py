"""Runners at their limits: the store does not answer, the outcome is too large, the next run does not parse."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest
from google.cloud.firestore import AsyncClient

from app.faults import Process
from app.rig import Rig
from app.scripted_executor import Behaviour
from app.single_trigger import SECOND, one_due_run
from tock.app.execution.execute import Receipt
from tock.core.errors import QueueUnavailable
from tock.core.run.status import RunStatus
from tock.ports.queue import Task

pytestmark = pytest.mark.anyio


async def test_a_runner_whose_heartbeats_hang_stops_its_agent_before_its_lease_ends(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    never = asyncio.Event()

    async def hang(text: str) -> None:
        if rig.executor.started and text == "commit change Run":
            await never.wait()

    run = await one_due_run(rig)
    [delivery] = await rig.deliver(rig.services(Process(rig.calls, before_effect=hang)))
    lease = (await rig.run(run)).lease
    assert lease is not None

    await rig.advance(rig.timing.lease - SECOND)

    assert delivery.done(), "the runner still works"
    assert (await delivery) is Receipt.LOST
    [started] = rig.executor.started
    assert started.stopped
    assert started.ended is not None
    assert started.ended < lease.expires_at - 4 * SECOND
    assert (await rig.run(run)).status is RunStatus.RUNNING


async def test_a_garbled_neighbour_stops_no_other_repair(rig: Rig, firestore_client: AsyncClient) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", "garbled", lasts=25 * SECOND, overlap="queue")
    await rig.create_trigger("p", "sound", lasts=15 * SECOND)
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    runs = [run for run in await rig.runs("p") if run.trigger == "garbled"]
    await rig.advance(runs[1].due_at - rig.clock.present)
    await rig.deliver()
    behind = firestore_client.document("projects", "p", "runs", runs[1].id)
    assert (await rig.run(runs[1])).status is RunStatus.HELD
    await behind.update({"status": "of tomorrow"})
    await rig.close()
    await rig.advance(rig.timing.lease + SECOND)
    await firestore_client.document("projects", "p", "runs", runs[0].id).update({"followed_by": runs[1].id, "lost": 3})

    counters = await rig.tick()

    [sound] = [run for run in await rig.runs("p") if run.trigger == "sound"]
    assert (sound.attempt, sound.status) == (2, RunStatus.QUEUED)
    assert (await rig.run(runs[0])).status is RunStatus.FAILED
    assert (counters.failed, counters.refused) == (0, 0)


async def test_an_unreadable_run_fails_no_tick_and_holds_no_other(rig: Rig, firestore_client: AsyncClient) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=25 * SECOND, overlap="queue")
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    runs = await rig.runs("p")
    await rig.advance(runs[1].due_at - rig.clock.present)
    await rig.deliver()
    assert (await rig.run(runs[1])).status is RunStatus.HELD
    await rig.close()
    await firestore_client.document("projects", "p", "runs", runs[0].id).update({"status": "of tomorrow"})
    await rig.advance(rig.timing.held_recheck + SECOND)

    counters = await rig.tick()
    state = await rig.store.scheduler()

    assert (counters.failed, counters.enqueued, counters.refused) == (0, 1, 0)
    assert (await rig.run(runs[1])).status is RunStatus.QUEUED
    assert state is not None
    assert state.consecutive_failures == 0


async def test_a_tick_that_gets_nothing_into_the_queue_counts_as_failed(rig: Rig) -> None:
    class ClosedQueue:
        async def enqueue(self, tasks: Sequence[Task]) -> Mapping[Task, QueueUnavailable]:
            return {task: QueueUnavailable(f"no queue for {task.run}") for task in tasks}

    await rig.create_project("p")
    await rig.create_trigger("p", lasts=200 * SECOND)
    await rig.advance(70 * SECOND)
    services = rig.services()
    broken = type(services)(
        store=services.store,
        queue=ClosedQueue(),
        clock=services.clock,
        random=services.random,
        executors=services.executors,
    )

    await rig.tick(broken)
    after_failure = await rig.store.scheduler()
    await rig.tick()
    after_success = await rig.store.scheduler()

    assert after_failure is not None
    assert after_success is not None
    assert (after_failure.consecutive_failures, after_failure.last_success) == (1, None)
    assert (after_success.consecutive_failures, after_success.last_success) == (0, after_success.last_tick)
