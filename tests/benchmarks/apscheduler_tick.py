"""How long APScheduler 3 takes to fire due jobs that are stored in PostgreSQL, and to reschedule them."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, EVENT_JOB_SUBMITTED
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import text

#: Seconds after which it counts as hanging.
_TIMEOUT = 300.0


def fire(**_: Any) -> None:
    """Do nothing, since the scheduler is measured."""


def measure_apscheduler(address: str, *, jobs: int, synchronous: bool = True) -> float:
    """Return how many seconds a scheduler takes to fire this many due jobs.

    The time starts when the scheduler looks for due jobs. It ends when the last job is in the thread pool and the last
    row is written, as a tick ends when the last task is accepted. The jobs themselves run outside the measured time.
    If `synchronous` is False, commits do not wait for the disk.
    """
    options = {} if synchronous else {"options": "-c synchronous_commit=off"}
    store = SQLAlchemyJobStore(
        url=f"postgresql+psycopg://bench@{address}/postgres", engine_options={"connect_args": options}
    )
    scheduler = BackgroundScheduler(jobstores={"default": store}, timezone=UTC)
    due = datetime.now(UTC) - timedelta(seconds=1)  # noqa: TID251 - another scheduler's clock is this machine's
    for number in range(jobs):
        scheduler.add_job(
            fire,
            CronTrigger(minute=due.minute, hour=due.hour, timezone=UTC),
            id=f"t{number}",
            kwargs={"message": "Digest of acme/site", "payload": {"repo": "acme/site", "branch": "main", "days": 7}},
            misfire_grace_time=None,
            next_run_time=due,
        )
    executed, submitted = _Count(jobs), _Count(jobs)
    scheduler.add_listener(executed.hear, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
    # This event comes once, for all jobs, after the last row was written.
    scheduler.add_listener(submitted.hear, EVENT_JOB_SUBMITTED)
    scheduler.start(paused=True)
    try:
        started = time.perf_counter()
        scheduler.resume()
        submitted.wait()
        took = time.perf_counter() - started
        executed.wait()
        with store.engine.connect() as connection:
            (left,) = connection.execute(
                text("SELECT count(*) FROM apscheduler_jobs WHERE next_run_time <= :now"), {"now": due.timestamp()}
            ).one()
        if left:
            raise RuntimeError(f"{left} jobs are still due")
        return took
    finally:
        scheduler.remove_all_jobs()
        scheduler.shutdown()
        # A race: its thread may query once more while it ends, and the server waits for open connections.
        store.engine.dispose()


class _Count:
    """Counts events until there are enough."""

    def __init__(self, wanted: int) -> None:
        self._left = wanted
        self._guard = threading.Lock()
        self._complete = threading.Event()

    def hear(self, _event: object) -> None:
        with self._guard:
            self._left -= 1
            if not self._left:
                self._complete.set()

    def wait(self) -> None:
        if not self._complete.wait(_TIMEOUT):
            raise TimeoutError(f"{self._left} events are missing")
