"""The calls of the ticker, as the tick function gets them."""

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from google.auth import jwt

from tock.local.clock.ticker import Job, Ticker
from tock.local.identity.token_issuer import TokenIssuer
from tock.local.process import Process
from tock.local.tcp_ports import unused_port
from waiting import until

pytestmark = pytest.mark.anyio

NOON = datetime(2027, 3, 28, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EMAIL = "tock@tock-local.iam.gserviceaccount.com"


class EnoughError(Exception):
    """The ticker told as many events as the test wants."""


class VirtualClock:
    def __init__(self, start: datetime) -> None:
        self.instant = start

    def now(self) -> datetime:
        return self.instant

    async def sleep(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)
        await asyncio.sleep(0)


class Target:
    """A tick function: answers what `answer(call number)` says, as (status, body), and keeps what it was sent."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.answer: Callable[[int], tuple[int, bytes]] = lambda _call: (200, b"{}")
        #: Seconds between an answer's bytes.
        self.pause = 0.0
        self.pausing = threading.Event()
        target = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                target.calls.append((dict(self.headers), body))
                status, answer = target.answer(len(target.calls))
                # A race: a caller that gave up has closed the connection.
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self.send_response(status)
                    self.send_header("content-length", str(len(answer)))
                    self.end_headers()
                    for byte in answer:
                        self.wfile.write(bytes([byte]))
                        target.pausing.wait(target.pause)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def target() -> Iterator[Target]:
    target = Target()
    with target.server as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield target
        target.pausing.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON + timedelta(seconds=12.5))


@pytest.fixture(scope="module")
def token_issuer(tmp_path_factory: pytest.TempPathFactory) -> TokenIssuer:
    return TokenIssuer.load(tmp_path_factory.mktemp("identity"))


async def test_a_call_is_the_one_cloud_scheduler_makes(
    target: Target, clock: VirtualClock, token_issuer: TokenIssuer
) -> None:
    await _events(1, job=_job(target), clock=clock, token_issuer=token_issuer)

    headers, body = target.calls[0]
    assert body == b"{}"
    sent = {name.lower(): value for name, value in headers.items()}
    assert {
        name: sent[name] for name in sent if name.startswith(("x-cloudscheduler", "user-agent", "content-type"))
    } == {
        "content-type": "application/json",
        "user-agent": "Google-Cloud-Scheduler",
        "x-cloudscheduler": "true",
        "x-cloudscheduler-jobname": "tock-tick",
        "x-cloudscheduler-scheduletime": "2027-03-28T12:01:00Z",
    }
    claims = jwt.decode(sent["authorization"].removeprefix("Bearer "), verify=False)
    assert (claims["email"], claims["aud"]) == (EMAIL, target.url)
    assert claims["iat"] == int((NOON + MINUTE).timestamp())


async def test_calls_come_at_the_full_minute(target: Target, clock: VirtualClock, token_issuer: TokenIssuer) -> None:
    target.answer = lambda call: (200, b'{"claimed": %d, "lag_ms": 4}' % call)

    events = await _events(3, job=_job(target), clock=clock, token_issuer=token_issuer)

    assert events == [
        {
            "severity": "INFO",
            "message": "ticked",
            "scheduled_for": f"2027-03-28T12:0{minute}:00Z",
            "status": 200,
            "attempts": 1,
            "left_out": 0,
            "took_ms": 0,
            "claimed": minute,
            "lag_ms": 4,
        }
        for minute in (1, 2, 3)
    ]


async def test_a_late_call_swallows_the_minutes_it_covers(
    target: Target, clock: VirtualClock, token_issuer: TokenIssuer
) -> None:
    def answer(call: int) -> tuple[int, bytes]:
        if call == 1:
            clock.instant += timedelta(seconds=150)
        return 200, b"{}"

    target.answer = answer

    events = await _events(2, job=_job(target), clock=clock, token_issuer=token_issuer)

    assert [(event["scheduled_for"], event["left_out"], event["took_ms"]) for event in events] == [
        ("2027-03-28T12:01:00Z", 2, 150_000),
        ("2027-03-28T12:04:00Z", 0, 0),
    ]


async def test_a_failure_is_retried_with_the_same_schedule_time_and_growing_waits(
    target: Target, clock: VirtualClock, token_issuer: TokenIssuer
) -> None:
    times: list[datetime] = []

    def answer(call: int) -> tuple[int, bytes]:
        times.append(clock.now())
        return (500, b"broken") if call < 4 else (200, b"{}")

    target.answer = answer

    events = await _events(1, job=_job(target, max_retry_attempts=5), clock=clock, token_issuer=token_issuer)

    assert [(time - times[0]).total_seconds() for time in times] == [0, 5, 15, 35]
    assert {headers["X-CloudScheduler-ScheduleTime"] for headers, _ in target.calls} == {"2027-03-28T12:01:00Z"}
    assert (events[0]["message"], events[0]["attempts"]) == ("ticked", 4)


async def test_attempts_are_limited_and_the_next_minute_comes_all_the_same(
    target: Target, clock: VirtualClock, token_issuer: TokenIssuer
) -> None:
    target.answer = lambda call: (503, b"no room") if call < 3 else (200, b"{}")

    events = await _events(2, job=_job(target, max_retry_attempts=1), clock=clock, token_issuer=token_issuer)

    assert [(event["severity"], event["message"], event["status"], event["attempts"]) for event in events] == [
        ("ERROR", "tick failed", 503, 2),
        ("INFO", "ticked", 200, 1),
    ]
    assert events[0]["answer"] == "no room"


async def test_a_target_that_is_not_there_is_a_failure_like_any_other(
    clock: VirtualClock, token_issuer: TokenIssuer
) -> None:
    url = f"http://127.0.0.1:{unused_port()}/"

    events = await _events(1, job=Job(url=url, email=EMAIL, audience=url), clock=clock, token_issuer=token_issuer)

    assert (events[0]["message"], events[0]["status"]) == ("tick failed", None)
    assert "connect" in events[0]["error"].lower()


async def test_an_attempt_is_given_up_at_its_deadline_however_lively_it_is(
    target: Target, clock: VirtualClock, token_issuer: TokenIssuer
) -> None:
    target.pause = 0.05
    target.answer = lambda _call: (200, b'"%s"' % (b"x" * 200))
    job = _job(target, attempt_deadline=timedelta(seconds=2))

    events = await _events(1, job=job, clock=clock, token_issuer=token_issuer)

    assert (events[0]["message"], events[0]["status"], len(target.calls)) == ("tick failed", None, 1)


async def test_never_two_calls_at_a_time(target: Target, clock: VirtualClock, token_issuer: TokenIssuer) -> None:
    inside, most = 0, 0
    lock = threading.Lock()

    def answer(_call: int) -> tuple[int, bytes]:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        clock.instant += timedelta(minutes=3)
        threading.Event().wait(0.02)
        with lock:
            inside -= 1
        return 200, b"{}"

    target.answer = answer

    await _events(5, job=_job(target), clock=clock, token_issuer=token_issuer)

    assert (most, len(target.calls)) == (1, 5)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(1, 5), (2, 10), (3, 20), (4, 20 * 2), (5, 20 * 3), (6, 20 * 4), (1000, 120)],
)
def test_backoff_doubles_then_grows_by_the_last_step(failures: int, seconds: int) -> None:
    job = Job(url="", email="", audience="", max_doublings=2, max_backoff=timedelta(seconds=120))

    assert job.backoff(failures) == timedelta(seconds=seconds)


async def test_the_process_ticks_and_ends_on_sigterm(target: Target, tmp_path: Path) -> None:
    lines: list[str] = []
    process = Process(
        "ticker",
        command=[
            *(sys.executable, "-m", "tock.local.clock.ticker", "--url", target.url, "--email", EMAIL),
            *("--audience", target.url, "--identity-dir", str(tmp_path), "--period", "0.5"),
        ],
        environment={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        log=lambda _name, text: lines.append(text),
    )
    await process.start()
    await until(lambda: len(target.calls) >= 2)

    await process.stop()

    assert await process.ended() == 0
    assert '"message": "ticked"' in lines[1]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _job(target: Target, **settings: Any) -> Job:
    return Job(url=target.url, email=EMAIL, audience=target.url, **settings)


async def _events(count: int, *, job: Job, clock: VirtualClock, token_issuer: TokenIssuer) -> list[dict[str, Any]]:
    """What the ticker told of its first `count` calls."""
    events: list[dict[str, Any]] = []

    def tell(event: dict[str, Any]) -> None:
        events.append(event)
        if len(events) == count:
            raise EnoughError

    ticker = Ticker(job=job, token_issuer=token_issuer, report=tell, now=clock.now, sleep=clock.sleep)
    with pytest.raises(EnoughError):
        await ticker.run()
    return events
