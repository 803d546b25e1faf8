"""APScheduler 3 with its jobs in PostgreSQL: a background scheduler. It has no worker, since it stores no runs."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, EVENT_JOB_SUBMITTED
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from benchmarks.peer_programs.program import INPUT, Measured, check, main, measured

#: Seconds after which it counts as hanging.
_TIMEOUT = 300.0


async def due(database: str, count: int) -> Measured:
    """Fire due jobs and reschedule them.

    The time starts when the scheduler looks for due jobs. It ends when the last job is in the thread pool and the last
    row is written, as a tick ends when the last task is accepted. The pool begins to run the jobs, which do nothing,
    meanwhile.
    """
    now = datetime.now(UTC)  # noqa: TID251 - another scheduler's clock is this machine's
    result = await asyncio.to_thread(_fire_all, database, count, now - timedelta(seconds=1))
    left = f"SELECT count(*) FROM apscheduler_jobs WHERE next_run_time <= {now.timestamp()}"  # noqa: S608 - a number
    await check(database, left, expected=0)
    return result


def _fire_all(database: str, count: int, due: datetime) -> Measured:
    store = SQLAlchemyJobStore(url=database.replace("postgresql://", "postgresql+psycopg://"))
    scheduler = BackgroundScheduler(jobstores={"default": store}, timezone=UTC)
    for number in range(count):
        scheduler.add_job(
            _nothing,
            CronTrigger(minute=due.minute, hour=due.hour, timezone=UTC),
            id=f"t{number}",
            kwargs=INPUT,
            misfire_grace_time=None,
            next_run_time=due,
        )
    executed, submitted = _Count(count), _Count(count)
    scheduler.add_listener(executed.hear, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
    # This event comes once, for all jobs, after the last row was written.
    scheduler.add_listener(submitted.hear, EVENT_JOB_SUBMITTED)
    scheduler.start(paused=True)
    try:
        with measured() as result:
            scheduler.resume()
            submitted.wait()
        executed.wait()
        return result
    finally:
        scheduler.shutdown()
        # A race: its thread may query once more while it ends, and the server waits for open connections.
        store.engine.dispose()


def _nothing(**_: Any) -> None:
    """Do nothing, since the scheduler is measured."""


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


if __name__ == "__main__":
    main({"due": due})
