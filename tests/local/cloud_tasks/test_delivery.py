"""Deliveries: their contents, their times, and their log lines."""

import asyncio
import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest
from google.auth import jwt
from google.cloud.tasks_v2 import HttpMethod, HttpRequest, OidcToken

from local.cloud_tasks.rig import QUEUE, START, assembled
from tock.local.cloud_tasks.clock import SystemClock
from tock.local.identity.token_issuer import TokenIssuer

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


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
        assert delivery.cloud_headers() == {
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
    token_issuer = TokenIssuer.load(tmp_path)
    async with assembled(token_issuer=token_issuer, clock=SystemClock()) as rig:
        url = f"{rig.target.url}/run"
        token = OidcToken(service_account_email="a@p.example", audience=audience)
        request = HttpRequest(url=url, oidc_token=token, headers={"authorization": "Basic forged"})

        await rig.create(http_request=request)
        (delivery,) = await rig.delivered(1)

        kind, _, bearer = delivery.headers["authorization"].partition(" ")
        certificates = json.loads(token_issuer.certificates.read_text())
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
        assert delivery.cloud_headers()["tasketa"] == f"{(START + 10 * SECOND).timestamp():.6f}"


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
