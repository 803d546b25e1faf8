"""The minute ticker: calls the tick function as Cloud Scheduler does."""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tock.core.time import instant_text
from tock.local.cloud_tasks.clock import LONGEST_NAP, SystemClock
from tock.local.identity import LocalIdentity

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Job:
    """What Cloud Scheduler calls a job: whom to call, as whom, how often, and what to do when that fails.

    The defaults are those of Cloud Scheduler, but for the name: an attempt may take 180 s, a failure is not retried.
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
        """The first multiple of the period, counted from 1970 in UTC, that is later than `after`."""
        return _EPOCH + ((after - _EPOCH) // self.period + 1) * self.period

    def backoff(self, failures: int) -> timedelta:
        """The wait after this many failures (1 or more): doubled `max_doublings` times, then growing by the last step.

        The rule is that of the RetryConfig of Cloud Scheduler's API.
        """
        doublings = min(failures - 1, self.max_doublings)
        steps: int = 2**doublings * (failures - doublings)
        return min(self.max_backoff, self.min_backoff * min(steps, self.max_backoff // self.min_backoff + 1))


@dataclass(frozen=True, slots=True)
class Ticker:
    """Calls the job at each of its times, one call at a time, and tells one event per call."""

    job: Job
    identity: LocalIdentity
    tell: Callable[[dict[str, Any]], None]
    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def run(self) -> None:
        """Tick for ever. The times that pass during a call, with its retries, are left out, as in the cloud."""
        async with httpx.AsyncClient(timeout=self.job.attempt_deadline.total_seconds(), trust_env=False) as client:
            last = self.now()
            while True:
                scheduled = self.job.next_time(last)
                await self._wait(until=scheduled)
                await self._call(client, scheduled=scheduled)
                last = max(scheduled, self.now())

    async def _wait(self, *, until: datetime) -> None:
        # A limit: the event loop's clock stands still while a laptop sleeps, so no wait trusts it for long.
        while (left := until - self.now()) > timedelta():
            await self.sleep(min(left, LONGEST_NAP).total_seconds())

    async def _call(self, client: httpx.AsyncClient, *, scheduled: datetime) -> None:
        """1. Post; 2. on a failure back off and post again, while attempts are left; 3. tell how it ended."""
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
        self.tell(
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

    async def _attempt(self, client: httpx.AsyncClient, *, scheduled: datetime) -> tuple[int | None, dict[str, Any]]:
        """The answer's status, None without an answer, and the fields of its JSON object."""
        token = self.identity.token(email=self.job.email, audience=self.job.audience, now=self.now())
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "User-Agent": "Google-Cloud-Scheduler",
            "X-CloudScheduler": "true",
            "X-CloudScheduler-JobName": self.job.name,
            "X-CloudScheduler-ScheduleTime": instant_text(scheduled),
        }
        try:
            # A limit: httpx bounds each read, Cloud Scheduler the attempt as a whole.
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
    """Tick until SIGTERM or SIGINT; one JSON object per call on standard output."""
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
    asyncio.run(_tick(job, directory=given.identity_dir))


async def _tick(job: Job, *, directory: Path) -> None:
    ticker = Ticker(
        job=job,
        identity=LocalIdentity.load(directory),
        tell=_print,
        now=SystemClock().now,
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
    parser.add_argument("--url", required=True, help="the tick function")
    parser.add_argument("--email", required=True, help="the service account to call as")
    parser.add_argument("--audience", required=True, help="of the OIDC token")
    parser.add_argument("--identity-dir", required=True, type=Path, help="where the local identity is kept")
    parser.add_argument("--name", default="tock-tick", help="of the job")
    parser.add_argument("--period", default=60.0, type=float, help="seconds")
    parser.add_argument("--attempt-deadline", default=180.0, type=float, help="seconds")
    parser.add_argument("--max-retry-attempts", default=0, type=int)
    parser.add_argument("--min-backoff", default=5.0, type=float, help="seconds")
    parser.add_argument("--max-backoff", default=3600.0, type=float, help="seconds")
    parser.add_argument("--max-doublings", default=5, type=int)
    return parser


if __name__ == "__main__":
    main()
