"""Rate limits and pauses of a queue, RunTask without them, and what deleting a task or queue leaves."""

import asyncio
from datetime import timedelta

import pytest
from google.api_core import exceptions
from starlette.responses import Response

from local.cloud_tasks.rig import QUEUE, START, assembled
from local.cloud_tasks.target import Delivery, Gate
from waiting import until

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


# ---------------------------------------------------------------- limits


async def test_no_more_attempts_run_at_once_than_the_queue_allows() -> None:
    async with assembled() as rig:
        await rig.configure(rates={"max_concurrent_dispatches": 3})
        gate = Gate(rig.target)
        await asyncio.gather(*(rig.create(f"t{n}") for n in range(10)))
        await until(lambda: gate.inside == 3)

        begun = [(await rig.task(f"t{n}")).dispatch_count for n in range(10)]
        gate.open()
        await rig.delivered(10)

        assert sum(begun) == 3
        assert gate.most == 3


async def test_beyond_the_burst_attempts_start_at_the_rate_of_the_queue() -> None:
    async with assembled() as rig:
        await rig.configure(rates={"max_dispatches_per_second": 4})

        for number in range(10):
            await rig.create(f"t{number}")
        await rig.delivered(4)
        for count in range(4, 8):
            rig.clock.advance(timedelta(milliseconds=249))
            started = [(await rig.task(f"t{number}")).dispatch_count for number in range(count, 10)]
            assert started == [0] * (10 - count)
            rig.clock.advance(timedelta(milliseconds=1))
            await rig.gone(f"t{count}")

        assert rig.target.tasks() == [f"t{number}" for number in range(8)]


async def test_a_raised_limit_applies_at_once() -> None:
    async with assembled() as rig:
        await rig.configure(rates={"max_concurrent_dispatches": 1})
        gate = Gate(rig.target)
        for name in "abc":
            await rig.create(name)
        await until(lambda: gate.inside == 1)

        await rig.configure(rates={"max_concurrent_dispatches": 3})

        await until(lambda: gate.inside == 3)
        gate.open()


# ---------------------------------------------------------------- RunTask and DeleteTask


async def test_run_starts_a_task_before_its_time_on_a_paused_queue_beyond_its_limits() -> None:
    async with assembled() as rig:
        await rig.configure(rates={"max_concurrent_dispatches": 1, "max_dispatches_per_second": 1})
        gate = Gate(rig.target)
        await rig.create("first")
        await rig.create("t", schedule_time=START + timedelta(hours=1))
        await until(lambda: gate.inside == 1)
        await rig.client.pause_queue(name=QUEUE)

        forced = await rig.client.run_task(name=f"{QUEUE}/tasks/t")
        await until(lambda: gate.inside == 2)
        gate.open()
        await rig.gone("t")

        assert (forced.dispatch_count, forced.response_count) == (1, 0)
        await rig.client.resume_queue(name=QUEUE)
        rig.clock.advance(timedelta(hours=2))
        with pytest.raises(exceptions.NotFound):
            await rig.client.run_task(name=f"{QUEUE}/tasks/t")
        assert sorted(rig.target.tasks()) == ["first", "t"]


async def test_a_forced_attempt_that_fails_is_tried_again_a_backoff_after_the_call() -> None:
    async with assembled() as rig:
        gate = Gate(rig.target, status=500)
        await rig.create("t", schedule_time=START + timedelta(hours=1))

        await rig.client.run_task(name=f"{QUEUE}/tasks/t")
        await until(lambda: gate.inside == 1)
        rig.clock.advance(4 * SECOND)
        gate.open()
        task = await rig.attempted("t", count=1)
        rig.target.answers()
        rig.clock.advance(6 * SECOND)
        await rig.gone("t")

        assert task.schedule_time == START + 10 * SECOND
        rig.clock.advance(timedelta(hours=2))
        assert rig.target.tasks() == ["t", "t"]


async def test_a_task_under_way_can_be_run_again_and_is_retried_once_when_both_fail() -> None:
    async with assembled() as rig:
        gate = Gate(rig.target, status=500)
        await rig.create("t")
        await until(lambda: gate.inside == 1)

        await rig.client.run_task(name=f"{QUEUE}/tasks/t")
        await until(lambda: gate.inside == 2)
        gate.open()
        await until(lambda: gate.inside == 0)
        await rig.attempted("t", count=2)
        rig.target.answers()
        rig.clock.advance(timedelta(seconds=20))
        await rig.gone("t")

        assert len(rig.target.deliveries) == 3


async def test_a_task_is_not_given_up_while_an_attempt_at_it_is_under_way() -> None:
    async with assembled() as rig:
        await rig.configure(retry={"max_attempts": 2})
        gates = [asyncio.Event(), asyncio.Event()]

        async def answer(delivery: Delivery) -> Response:
            attempt = int(delivery.headers["x-cloudtasks-taskretrycount"])
            await gates[attempt].wait()
            return Response(status_code=(500, 200)[attempt])

        rig.target.answer = answer
        await rig.create("t")
        await rig.delivered(1)
        await rig.client.run_task(name=f"{QUEUE}/tasks/t")
        await rig.delivered(2)

        gates[0].set()
        assert (await rig.attempted("t", count=2)).response_count == 1
        gates[1].set()

        await rig.gone("t")
        assert len(rig.target.deliveries) == 2


@pytest.mark.parametrize("gone", ["task", "queue"])
async def test_what_is_deleted_under_way_is_not_retried_and_its_successor_is_untouched(gone: str) -> None:
    async with assembled(tombstone=timedelta()) as rig:
        gate = Gate(rig.target, status=500)
        await rig.create("t")
        await until(lambda: gate.inside == 1)
        if gone == "task":
            await rig.client.delete_task(name=f"{QUEUE}/tasks/t")
        else:
            await rig.client.delete_queue(name=QUEUE)
            await rig.configure()
        await rig.create("t", schedule_time=START + timedelta(hours=1))

        gate.open()
        await until(lambda: gate.inside == 0)
        await rig.create("marker")
        await rig.attempted("marker", count=1)

        successor = await rig.task("t")
        assert (successor.dispatch_count, successor.schedule_time) == (0, START + timedelta(hours=1))
        assert successor.response_count == 0
        assert rig.target.tasks() == ["t", "marker"]
