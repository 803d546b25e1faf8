"""What a delivery carries, when it is made, and what follows it."""

import asyncio
import json
import logging
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from google.api_core import exceptions
from google.auth import jwt
from google.cloud.tasks_v2 import HttpMethod, HttpRequest, OidcToken, RetryConfig
from google.rpc import code_pb2
from starlette.responses import Response

from local.cloud_tasks_rig import QUEUE, START, Delivery, Rig, assembled, eventually
from tock.local.cloud_tasks.clock import SystemClock
from tock.local.identity import LocalIdentity

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def cloud_headers(delivery: Delivery) -> dict[str, str]:
    return {
        name.removeprefix("x-cloudtasks-"): value
        for name, value in delivery.headers.items()
        if name.startswith("x-cloudtasks-")
    }


class Gate:
    """Holds every answer of a target back until opened."""

    def __init__(self, rig: Rig, *, status: int = 200) -> None:
        self._status = status
        self._open = asyncio.Event()
        self.inside = 0
        self.most = 0
        rig.target.answer = self._answer

    def open(self) -> None:
        self._open.set()

    async def _answer(self, _: Delivery) -> Response:
        self.inside += 1
        self.most = max(self.most, self.inside)
        await self._open.wait()
        self.inside -= 1
        return Response(status_code=self._status)


# ---------------------------------------------------------------- the request


async def test_a_delivery_carries_the_request_and_the_headers_of_the_service() -> None:
    async with assembled() as rig:
        headers = {"Content-Type": "application/json", "X-Own": "yes", "Authorization": "Basic abc"}
        request = HttpRequest(
            url=f"{rig.target.url}/a/b?c=d", http_method=HttpMethod.PUT, headers=headers, body=b'{"e": 1}'
        )

        await rig.create("t", http_request=request)
        (delivery,) = await rig.delivered(1)

        assert (delivery.method, delivery.path, delivery.body) == ("PUT", "/a/b", b'{"e": 1}')
        assert delivery.headers["content-type"] == "application/json"
        assert delivery.headers["x-own"] == "yes"
        assert delivery.headers["authorization"] == "Basic abc"
        assert delivery.headers["user-agent"] == "Google-Cloud-Tasks"
        assert cloud_headers(delivery) == {
            "queuename": "q",
            "taskname": "t",
            "taskretrycount": "0",
            "taskexecutioncount": "0",
            "tasketa": f"{START.timestamp():.6f}",
        }


async def test_reserved_headers_of_a_task_are_replaced_or_dropped() -> None:
    async with assembled() as rig:
        forged = {
            "x-cloudtasks-taskname": "forged",
            "X-CloudTasks-Own": "forged",
            "X-Google-Own": "forged",
            "X-AppEngine-Own": "forged",
            "User-Agent": "forged",
            "Host": "forged",
            "Content-Length": "99",
        }

        await rig.create("t", http_request=HttpRequest(url=rig.target.url, headers=forged, body=b"x"))
        (delivery,) = await rig.delivered(1)

        assert "forged" not in delivery.headers.values()
        assert delivery.headers["content-length"] == "1"
        assert delivery.headers["host"] == rig.target.url.removeprefix("http://")


@pytest.mark.parametrize(("body", "kind"), [(b"x", "application/octet-stream"), (b"", None)], ids=["body", "empty"])
async def test_a_body_without_a_type_is_a_stream_of_octets(body: bytes, kind: str | None) -> None:
    async with assembled() as rig:
        await rig.create(http_request=HttpRequest(url=rig.target.url, body=body))

        (delivery,) = await rig.delivered(1)

        assert delivery.headers.get("content-type") == kind


@pytest.mark.parametrize("audience", ["https://audience.example", ""], ids=["given", "the url"])
async def test_a_delivery_proves_who_sent_it(tmp_path: Path, audience: str) -> None:
    identity = LocalIdentity.load(tmp_path)
    async with assembled(identity=identity, clock=SystemClock()) as rig:
        url = f"{rig.target.url}/run"
        token = OidcToken(service_account_email="a@p.example", audience=audience)
        request = HttpRequest(url=url, oidc_token=token, headers={"authorization": "Basic forged"})

        await rig.create(http_request=request)
        (delivery,) = await rig.delivered(1)

        kind, _, bearer = delivery.headers["authorization"].partition(" ")
        certificates = json.loads(identity.certificates.read_text())
        claims = jwt.decode(bearer, certs=certificates, audience=audience or url)
        assert (kind, claims["email"], claims["email_verified"]) == ("Bearer", "a@p.example", True)


# ---------------------------------------------------------------- time


async def test_a_task_is_never_started_before_its_time_and_always_at_it() -> None:
    async with assembled() as rig:
        await rig.create("t", schedule_time=START + 10 * SECOND)

        rig.clock.advance(10 * SECOND - TICK)
        await rig.client.resume_queue(name=QUEUE)
        assert (await rig.task("t")).dispatch_count == 0
        rig.clock.advance(TICK)

        (delivery,) = await rig.delivered(1)
        assert cloud_headers(delivery)["tasketa"] == f"{(START + 10 * SECOND).timestamp():.6f}"


async def test_on_the_machines_clock_no_task_arrives_early() -> None:
    async with assembled(clock=SystemClock()) as rig:
        start = SystemClock().now() + SECOND
        due = {f"t{n}": start + timedelta(milliseconds=7 * n) for n in range(40)}

        await asyncio.gather(*(rig.create(name, schedule_time=at) for name, at in reversed(due.items())))
        deliveries = await rig.delivered(40)

        assert min(d.arrived - due[d.headers["x-cloudtasks-taskname"]] for d in deliveries) >= timedelta()


async def test_a_task_for_tomorrow_does_not_hold_back_one_for_today() -> None:
    async with assembled() as rig:
        await rig.create("tomorrow", schedule_time=START + timedelta(days=1))
        await rig.create("today", schedule_time=START + SECOND)

        rig.clock.advance(SECOND)

        await rig.gone("today")
        assert rig.target.tasks() == ["today"]
        assert await rig.waiting() == ["tomorrow"]


async def test_a_task_is_dropped_after_31_days() -> None:
    async with assembled() as rig:
        await rig.client.pause_queue(name=QUEUE)
        await rig.create("t")
        rig.clock.advance(timedelta(days=31))

        await rig.client.resume_queue(name=QUEUE)

        assert await rig.waiting() == []
        assert rig.target.deliveries == []


# ---------------------------------------------------------------- success and failure


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

        third = cloud_headers((await rig.delivered(3))[2])

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
        gate = Gate(rig)
        await rig.create("t", dispatch_deadline=15 * SECOND)
        await eventually(lambda: gate.inside == 1)

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
        retried = cloud_headers(rig.target.deliveries[1])
        assert (retried["taskretrycount"], "taskpreviousresponse" in retried) == ("1", False)


# ---------------------------------------------------------------- limits


async def test_no_more_attempts_run_at_once_than_the_queue_allows() -> None:
    async with assembled() as rig:
        await rig.configure(rates={"max_concurrent_dispatches": 3})
        gate = Gate(rig)
        await asyncio.gather(*(rig.create(f"t{n}") for n in range(10)))
        await eventually(lambda: gate.inside == 3)

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
        gate = Gate(rig)
        for name in "abc":
            await rig.create(name)
        await eventually(lambda: gate.inside == 1)

        await rig.configure(rates={"max_concurrent_dispatches": 3})

        await eventually(lambda: gate.inside == 3)
        gate.open()


# ---------------------------------------------------------------- RunTask and DeleteTask


async def test_run_starts_a_task_before_its_time_on_a_paused_queue_beyond_its_limits() -> None:
    async with assembled() as rig:
        await rig.configure(rates={"max_concurrent_dispatches": 1, "max_dispatches_per_second": 1})
        gate = Gate(rig)
        await rig.create("first")
        await rig.create("t", schedule_time=START + timedelta(hours=1))
        await eventually(lambda: gate.inside == 1)
        await rig.client.pause_queue(name=QUEUE)

        forced = await rig.client.run_task(name=f"{QUEUE}/tasks/t")
        await eventually(lambda: gate.inside == 2)
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
        gate = Gate(rig, status=500)
        await rig.create("t", schedule_time=START + timedelta(hours=1))

        await rig.client.run_task(name=f"{QUEUE}/tasks/t")
        await eventually(lambda: gate.inside == 1)
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
        gate = Gate(rig, status=500)
        await rig.create("t")
        await eventually(lambda: gate.inside == 1)

        await rig.client.run_task(name=f"{QUEUE}/tasks/t")
        await eventually(lambda: gate.inside == 2)
        gate.open()
        await eventually(lambda: gate.inside == 0)
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
        gate = Gate(rig, status=500)
        await rig.create("t")
        await eventually(lambda: gate.inside == 1)
        if gone == "task":
            await rig.client.delete_task(name=f"{QUEUE}/tasks/t")
        else:
            await rig.client.delete_queue(name=QUEUE)
            await rig.configure()
        await rig.create("t", schedule_time=START + timedelta(hours=1))

        gate.open()
        await eventually(lambda: gate.inside == 0)
        await rig.create("marker")
        await rig.attempted("marker", count=1)

        successor = await rig.task("t")
        assert (successor.dispatch_count, successor.schedule_time) == (0, START + timedelta(hours=1))
        assert successor.response_count == 0
        assert rig.target.tasks() == ["t", "marker"]


# ---------------------------------------------------------------- the log


async def test_every_change_of_a_task_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="tock.local.cloud_tasks")
    async with assembled() as rig:
        await rig.configure(retry={"max_attempts": 2})
        rig.target.answers(500, 200, 500, 500)
        for name in ("succeeds", "fails"):
            await rig.create(name)
            await rig.attempted(name, count=1)
            rig.clock.advance(10 * SECOND)
            await rig.gone(name)
        await rig.create("deleted", schedule_time=START + timedelta(days=1))
        await rig.client.delete_task(name=f"{QUEUE}/tasks/deleted")
        await rig.create("purged", schedule_time=START + timedelta(days=1))
        await rig.client.purge_queue(name=QUEUE)

        lines = [record.getMessage() for record in caplog.records if record.name.startswith("tock.local.cloud_tasks")]

    events: dict[str, list[str]] = {}
    for line in lines:
        event, subject, *_ = line.split()
        events.setdefault(subject.rsplit("/", 1)[1], []).append(event)
    first = ["task_created", "task_dispatched", "task_failed", "task_dispatched"]
    assert events == {
        "q": ["queue_created", "queue_updated", "queue_purged"],
        "succeeds": [*first, "task_succeeded"],
        "fails": [*first, "task_given_up"],
        "deleted": ["task_created", "task_deleted"],
        "purged": ["task_created", "task_purged"],
    }
    created = START.isoformat()
    assert f"task_created task={QUEUE}/tasks/succeeds schedule_time={created}" in lines
    assert any(
        line.startswith(f"task_failed task={QUEUE}/tasks/succeeds reason='HTTP status 500' next=") for line in lines
    )
