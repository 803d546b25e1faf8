"""What follows an attempt: the end of the task, or another attempt at its time."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
from google.api_core import exceptions
from google.cloud.tasks_v2 import HttpRequest, RetryConfig
from google.rpc import code_pb2

from local.cloud_tasks.rig import START, assembled
from local.cloud_tasks.target import Gate
from waiting import until

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("status", [200, 204, 299])
async def test_a_2xx_is_the_end(status: int) -> None:
    async with assembled() as rig:
        rig.target.answers(status)
        await rig.create("t")

        await rig.gone("t")

        rig.clock.advance(timedelta(hours=2))
        assert rig.target.tasks() == ["t"]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (302, code_pb2.UNKNOWN),
        (404, code_pb2.NOT_FOUND),
        (429, code_pb2.RESOURCE_EXHAUSTED),
        (500, code_pb2.INTERNAL),
        (503, code_pb2.UNAVAILABLE),
        (599, code_pb2.INTERNAL),
    ],
)
async def test_any_other_answer_is_a_failure_that_is_tried_again(status: int, code: int) -> None:
    async with assembled() as rig:
        rig.target.answers(status, headers={"Location": "/elsewhere"})
        await rig.create("t")
        failed = await rig.attempted("t", count=1)

        assert failed.schedule_time == START + 10 * SECOND
        assert (failed.dispatch_count, failed.response_count) == (1, 1)
        assert failed.last_attempt.response_status.code == code
        assert failed.last_attempt.dispatch_time == failed.first_attempt.dispatch_time == START
        rig.clock.advance(10 * SECOND)
        await rig.gone("t")
        assert rig.target.tasks() == ["t", "t"]


async def test_retries_tell_what_happened_before() -> None:
    async with assembled() as rig:
        rig.target.answers(404, 500)
        await rig.create("t")
        await rig.attempted("t", count=1)
        rig.clock.advance(10 * SECOND)
        await rig.attempted("t", count=2)
        rig.clock.advance(20 * SECOND)

        third = (await rig.delivered(3))[2].cloud_headers()

        assert third == {
            "queuename": "q",
            "taskname": "t",
            "taskretrycount": "2",
            "taskexecutioncount": "1",
            "taskpreviousresponse": "500",
            "taskretryreason": "HTTP status 500",
            "tasketa": f"{(START + 30 * SECOND).timestamp():.6f}",
        }


async def test_retries_follow_the_backoff_of_the_queue_until_attempts_run_out() -> None:
    async with assembled() as rig:
        retry = {"max_attempts": 6, "min_backoff": 10 * SECOND, "max_backoff": 100 * SECOND, "max_doublings": 2}
        await rig.configure(retry=retry)
        rig.target.answers(*[500] * 6)
        await rig.create("t")

        waits = []
        for count in range(1, 6):
            task = await rig.attempted("t", count=count)
            waits.append((task.schedule_time - rig.clock.now()).total_seconds())
            rig.clock.advance(task.schedule_time - rig.clock.now())

        await rig.gone("t")
        assert waits == [10, 20, 40, 80, 100]
        assert len(rig.target.deliveries) == 6
        with pytest.raises(exceptions.AlreadyExists):
            await rig.create("t")


async def test_a_tasks_own_retry_config_overrides_that_of_the_queue() -> None:
    async with assembled() as rig:
        rig.target.answers(500, 500)
        await rig.create("t", retry_config=RetryConfig(max_attempts=2, min_backoff=3 * SECOND))

        task = await rig.attempted("t", count=1)
        rig.clock.advance(3 * SECOND)

        await rig.gone("t")
        assert task.schedule_time == START + 3 * SECOND
        assert task.retry_config.max_attempts == 2
        assert len(rig.target.deliveries) == 2


async def test_attempts_go_on_until_the_retry_duration_has_passed_too() -> None:
    async with assembled() as rig:
        retry = {
            "max_attempts": 1,
            "max_retry_duration": 15 * SECOND,
            "min_backoff": 10 * SECOND,
            "max_backoff": 10 * SECOND,
        }
        await rig.configure(retry=retry)
        rig.target.answers(500, 500, 500, 500)
        await rig.create("t")

        for count in (1, 2):
            await rig.attempted("t", count=count)
            rig.clock.advance(10 * SECOND)

        await rig.gone("t")
        assert len(rig.target.deliveries) == 3


@pytest.mark.parametrize(
    ("status", "header", "wait"),
    [
        (429, "60", 60 * SECOND),
        (503, format_datetime(START + 90 * SECOND, usegmt=True), 90 * SECOND),
        (503, "1", 10 * SECOND),
        (503, "soon", 10 * SECOND),
        (500, "60", 10 * SECOND),
    ],
    ids=["seconds", "date", "less than the backoff", "nonsense", "not throttling"],
)
async def test_a_throttling_target_is_left_alone_as_long_as_it_asks(status: int, header: str, wait: timedelta) -> None:
    async with assembled() as rig:
        rig.target.answers(status, headers={"Retry-After": header})
        await rig.create("t")

        task = await rig.attempted("t", count=1)

        assert task.schedule_time == START + wait


async def test_a_target_that_is_not_there_is_tried_again() -> None:
    async with assembled() as rig:
        await rig.create("t", http_request=HttpRequest(url="http://127.0.0.1:1/"))

        task = await rig.attempted("t", count=1)

        assert task.last_attempt.response_status.code == code_pb2.UNAVAILABLE
        assert (task.response_count, task.schedule_time) == (0, START + 10 * SECOND)


async def test_an_attempt_beyond_its_deadline_is_broken_off_and_tried_again() -> None:
    async with assembled() as rig:
        gate = Gate(rig.target)
        await rig.create("t", dispatch_deadline=15 * SECOND)
        await until(lambda: gate.inside == 1)

        rig.clock.advance(15 * SECOND - TICK)
        assert "response_time" not in (await rig.task("t")).last_attempt
        rig.clock.advance(TICK)
        task = await rig.attempted("t", count=1)
        gate.open()
        rig.clock.advance(10 * SECOND)
        await rig.gone("t")

        assert task.last_attempt.response_status.code == code_pb2.DEADLINE_EXCEEDED
        assert task.schedule_time == START + 25 * SECOND
        assert task.response_count == 0
        retried = rig.target.deliveries[1].cloud_headers()
        assert (retried["taskretrycount"], "taskpreviousresponse" in retried) == ("1", False)
