"""Builds small valid values of core, with defaults for what a test does not name."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tock.core.agent.agent import Agent
from tock.core.run import transition
from tock.core.run.run import Run
from tock.core.run.status import RunSource, RunStatus
from tock.core.schedule.schedule import CronSchedule, IntervalSchedule, OnceSchedule, Schedule
from tock.core.time.stamp import Stamp
from tock.core.timing import Timing
from tock.core.trigger.trigger import Trigger

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
TIMING = Timing()
EVERY_MINUTE = CronSchedule(cron="* * * * *")


def at(clock: str) -> datetime:
    """Return a time of the test day in UTC: `12:05` or `12:05:30`."""
    return datetime.fromisoformat(f"2027-01-01T{clock}+00:00")


def every(**interval: int) -> Schedule:
    return IntervalSchedule(every=timedelta(**interval))


def once(instant: datetime) -> Schedule:
    return OnceSchedule(at=instant)


def a_trigger(**changes: Any) -> Trigger:
    """Return an enabled trigger that fires every minute, next at noon."""
    stamp = Stamp(at=NOON - timedelta(days=30), by="ada@example.com")
    given = {
        "project": "library",
        "id": "digest",
        "agent": "reader",
        "schedule": EVERY_MINUTE,
        "next_run_at": NOON,
        "shard": 3,
        "created": stamp,
        "updated": stamp,
    }
    return Trigger.model_validate(given | changes)


def an_agent(**changes: Any) -> Agent:
    stamp = Stamp(at=NOON, by="ada@example.com")
    given = {"project": "library", "id": "reader", "kind": "http", "created": stamp, "updated": stamp}
    return Agent.model_validate(given | changes)


def a_run(**changes: Any) -> Run:
    """Return a queued run of the trigger's occurrence at noon."""
    given = {
        "project": "library",
        "id": "run-1",
        "agent": "reader",
        "trigger": "digest",
        "source": RunSource.SCHEDULE,
        "scheduled_for": NOON,
        "due_at": NOON,
        "status": RunStatus.QUEUED,
        "input": {"message": "Read."},
        "retry": {"max_retries": 2, "delay": "60s"},
        "timeout": "5m",
        "overlap": "skip",
        "generation": 1,
        "claimed_by": "tick-1",
        "created": Stamp(at=NOON, by="schedule"),
        "root": "run-1",
        "check_at": NOON + TIMING.grace,
        "shard": 3,
    }
    return Run.model_validate(given | changes)


def a_started_run(*, now: datetime = NOON, **changes: Any) -> Run:
    """The same run under the lease of `runner-1`, since `now`."""
    return transition.start(a_run(**changes), now=now, owner="runner-1", agent_revision=7, timing=TIMING)


def a_run_that_is(status: RunStatus) -> Run:
    """A run in any status, as the machine would have left it."""
    match status:
        case RunStatus.QUEUED:
            return a_run()
        case RunStatus.HELD:
            return transition.hold(a_run(), blocked_by="run-0", now=NOON, timing=TIMING)
        case RunStatus.RUNNING:
            return a_started_run()
        case RunStatus.WAITING:
            waiting = {"status": status, "lease": None, "check_at": NOON + timedelta(hours=1)}
            return a_started_run().model_copy(update=waiting)
        case _:
            ended = {"status": status, "lease": None, "check_at": None, "finished": NOON}
            return a_started_run().model_copy(update=ended)
