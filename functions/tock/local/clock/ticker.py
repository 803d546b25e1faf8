"""The ticker: calls the tick function each minute, as Cloud Scheduler does."""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tock.bootstrap.moved_clock import MovedClock
from tock.core.time.instant import instant_text
from tock.local.clock.clock_file import turn_to_tick
from tock.local.cloud_tasks.clock import LONGEST_SLEEP, SystemClock, timers_on
from tock.local.identity.token_issuer import TokenIssuer

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Job:
    """A job in the sense of Cloud Scheduler: the URL to call, the identity to call as, the period and the retries.

    The defaults except the name are Cloud Scheduler's: an attempt may take 180 s, and a failure is not retried.
    """

    url: str
    email: str
    audience: str
    name: str = "tock-tick"
    period: timedelta = timedelta(minutes=1)
    attempt_deadline: timedelta = timedelta(seconds=180)
    max_retry_attempts: int = 0
    min_backoff: timedelta = timedelta(seconds=5)
    max_backoff: timedelta = timedelta(hours=1)
    max_doublings: int = 5

    def next_time(self, after: datetime) -> datetime:
        """Return the first time later than `after` that is a multiple of the period since 1970 in UTC."""
        return _EPOCH + ((after - _EPOCH) // self.period + 1) * self.period

    def backoff(self, failures: int) -> timedelta:
        """Return the wait after this many failures (1 or more): doubled `max_doublings` times, then growing linearly.

        The rule comes from RetryConfig in Cloud Scheduler's API.
        """
        doublings = min(failures - 1, self.max_doublings)
        steps: int = 2**doublings * (failures - doublings)
        return min(self.max_backoff, self.min_backoff * min(steps, self.max_backoff // self.min_backoff + 1))


@dataclass(frozen=True, slots=True)
class Ticker:
    """Calls the job's URL at each of its times, one call at a time, and reports one log event per call."""

    job: Job
    token_issuer: TokenIssuer
    report: Callable[[dict[str, Any]], None]
    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    #: How long it sleeps at most before it looks at the clock again.
    look_every: timedelta = LONGEST_SLEEP
    #: Enters with whether this ticker makes the call for a time; nobody else calls meanwhile.
    turn: Callable[[datetime], AbstractContextManager[bool]] = lambda _: nullcontext(enter_result=True)

    async def run(self) -> None:
        """Tick for ever. Like Cloud Scheduler, skip the times that pass during a call and its retries."""
        async with httpx.AsyncClient(timeout=self.job.attempt_deadline.total_seconds(), trust_env=False) as client:
            last = self.now()
            while True:
                scheduled = self.job.next_time(last)
                await self._wait(until=scheduled)
                with self.turn(scheduled) as is_mine:
                    if is_mine:
                        await self.call(client, scheduled=scheduled)
                last = max(scheduled, self.now())

    async def _wait(self, *, until: datetime) -> None:
        # Short sleeps: the event loop's clock stops while a laptop sleeps, and another one may be moved.
        while (left := until - self.now()) > timedelta():
            await self.sleep(min(left, self.look_every).total_seconds())

    async def call(self, client: httpx.AsyncClient, *, scheduled: datetime) -> bool:
        """Call the URL for a time of the job, and return whether it succeeded.

        1. Send the request. 2. After a failure, wait and repeat it while retries are left. 3. Report the result.
        """
        started = self.now()
        failures = 0
        while True:
            status, counters = await self._attempt(client, scheduled=scheduled)
            if status is not None and httpx.codes.is_success(status):
                break
            failures += 1
            if failures > self.job.max_retry_attempts:
                break
            await self.sleep(self.job.backoff(failures).total_seconds())
        ended = self.now()
        succeeded = status is not None and httpx.codes.is_success(status)
        self.report(
            {
                "severity": "INFO" if succeeded else "ERROR",
                "message": "ticked" if succeeded else "tick failed",
                "scheduled_for": instant_text(scheduled),
                "status": status,
                "attempts": failures + succeeded,
                "left_out": (ended - scheduled) // self.job.period,
                "took_ms": (ended - started) // timedelta(milliseconds=1),
                **counters,
            }
        )
        return succeeded

    async def _attempt(self, client: httpx.AsyncClient, *, scheduled: datetime) -> tuple[int | None, dict[str, Any]]:
        """Return the answer's status, None without an answer, and the fields of the answer's JSON object."""
        token = self.token_issuer.token(email=self.job.email, audience=self.job.audience, now=self.now())
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "User-Agent": "Google-Cloud-Scheduler",
            "X-CloudScheduler": "true",
            "X-CloudScheduler-JobName": self.job.name,
            "X-CloudScheduler-ScheduleTime": instant_text(scheduled),
        }
        try:
            # httpx limits only each read; Cloud Scheduler limits the whole attempt.
            async with asyncio.timeout(self.job.attempt_deadline.total_seconds()):
                answer = await client.post(self.job.url, content=b"{}", headers=headers)
        except (httpx.HTTPError, TimeoutError) as exc:
            return None, {"error": str(exc) or type(exc).__name__}
        return answer.status_code, _counters(answer)


def _counters(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {} if answer.is_success else {"answer": answer.text[:200]}
    return body if isinstance(body, dict) else {}


def main(arguments: list[str] | None = None) -> None:
    """Tick until SIGTERM or SIGINT; print one JSON object per call to standard output."""
    given = _parser().parse_args(arguments)
    job = Job(
        url=given.url,
        email=given.email,
        audience=given.audience,
        name=given.name,
        period=timedelta(seconds=given.period),
        attempt_deadline=timedelta(seconds=given.attempt_deadline),
        max_retry_attempts=given.max_retry_attempts,
        min_backoff=timedelta(seconds=given.min_backoff),
        max_backoff=timedelta(seconds=given.max_backoff),
        max_doublings=given.max_doublings,
    )
    asyncio.run(_tick(job, directory=given.identity_dir, clock_file=given.clock))


async def _tick(job: Job, *, directory: Path, clock_file: Path | None) -> None:
    identity = TokenIssuer.load(directory)
    if clock_file is None:
        ticker = Ticker(job=job, token_issuer=identity, report=_print, now=SystemClock().now)
    else:
        clock = MovedClock.shared(clock_file)
        ticker = Ticker(
            job=job,
            token_issuer=identity,
            report=_print,
            now=clock.now,
            look_every=timers_on(clock).look_every,
            turn=lambda scheduled: turn_to_tick(clock_file, clock, scheduled=scheduled),
        )
    ticking = asyncio.create_task(ticker.run())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ticking.cancel)
    _print({"message": "ticker started", "period_seconds": job.period.total_seconds()})
    await asyncio.wait([ticking])
    if not ticking.cancelled():
        ticking.result()


def _print(event: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--url", required=True, help="URL of the tick function")
    parser.add_argument("--email", required=True, help="service account to call as")
    parser.add_argument("--audience", required=True, help="audience of the OIDC token")
    parser.add_argument("--identity-dir", required=True, type=Path, help="directory of the local identity")
    parser.add_argument("--name", default="tock-tick", help="name of the job")
    parser.add_argument("--clock", type=Path, help="file of a clock that can be moved")
    parser.add_argument("--period", default=60.0, type=float, help="time between two ticks, in seconds")
    parser.add_argument("--attempt-deadline", default=180.0, type=float, help="timeout of one attempt, in seconds")
    parser.add_argument("--max-retry-attempts", default=0, type=int, help="retries of a failed attempt")
    parser.add_argument("--min-backoff", default=5.0, type=float, help="wait before the first retry, in seconds")
    parser.add_argument("--max-backoff", default=3600.0, type=float, help="longest wait before a retry, in seconds")
    parser.add_argument("--max-doublings", default=5, type=int, help="doublings of the wait before it grows linearly")
    return parser


if __name__ == "__main__":
    main()
