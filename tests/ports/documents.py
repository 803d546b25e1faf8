"""Small valid documents for the suites of the ports, with defaults for what a test does not name."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tock.core.agent.agent import Agent
from tock.core.policies import Overlap, Retry
from tock.core.project import ApiKey, Project
from tock.core.run.admission.lock import Lock
from tock.core.run.events.event import Chunk, Event
from tock.core.run.run import Run, Snapshot
from tock.core.run.status import RunSource, RunStatus
from tock.core.schedule.schedule import CronSchedule
from tock.core.time.stamp import Stamp
from tock.core.trigger.trigger import Trigger
from tock.core.usage.day import UsageDay

NOW = datetime(2027, 3, 28, 1, 0, 0, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = datetime(2027, 3, 28, tzinfo=UTC)
STAMP = Stamp(at=NOW, by="ada@example.com")


def a_project(identifier: str = "acme", **fields: Any) -> Project:
    return Project(**{"id": identifier, "created": STAMP, "updated": STAMP} | fields)


def an_agent(identifier: str = "digest", **fields: Any) -> Agent:
    return Agent(**{"project": "acme", "id": identifier, "kind": "python", "created": STAMP, "updated": STAMP} | fields)


def a_trigger(identifier: str = "morning", **fields: Any) -> Trigger:
    given = {
        "project": "acme",
        "id": identifier,
        "agent": "digest",
        "schedule": CronSchedule(cron="0 9 * * 1-5", time_zone="Europe/Berlin"),
        "next_run_at": NOW,
        "shard": 3,
        "created": STAMP,
        "updated": STAMP,
    }
    return Trigger(**given | fields)


def a_run(identifier: str = "run-1", **fields: Any) -> Run:
    given = {
        "project": "acme",
        "id": identifier,
        "agent": "digest",
        "trigger": "morning",
        "source": RunSource.SCHEDULE,
        "scheduled_for": NOW,
        "due_at": NOW,
        "status": RunStatus.QUEUED,
        "input": Snapshot(message="Digest of tock", payload={"repo": "tock"}),
        "retry": Retry(),
        "timeout": timedelta(minutes=5),
        "overlap": Overlap.SKIP,
        "claimed_by": "tick-1",
        "created": STAMP,
        "check_at": NOW + MINUTE,
        "shard": 5,
    }
    return Run(**given | fields)


def a_usage(identifier: str = "0b1c", **fields: Any) -> UsageDay:
    given = {
        "project": "acme",
        "id": identifier,
        "day": DAY,
        "agent": "digest",
        "trigger": "morning",
        "model": "openai:gpt-5",
        "shard": 5,
        "attempts": 1,
        "input_tokens": 100,
        "output_tokens": 20,
        "cost": 0.25,
        "expire_at": DAY + timedelta(days=400),
    }
    return UsageDay(**given | fields)


def a_lock(identifier: str = "0a1b", **fields: Any) -> Lock:
    return Lock(**{"project": "acme", "id": identifier, "subject": "issue 7", "run": "run-1"} | fields)


def an_api_key(identifier: str = "ci", **fields: Any) -> ApiKey:
    return ApiKey(**{"project": "acme", "id": identifier, "secret_hash": "00ff", "created": STAMP} | fields)


def a_chunk(*numbers: int, run: str = "run-1", **fields: Any) -> Chunk:
    return Chunk(
        **{
            "project": "acme",
            "run": run,
            "first_seq": numbers[0],
            "last_seq": numbers[-1],
            "events": tuple(
                Event(seq=number, at=NOW, attempt=1, kind="progress", data={"read": number}) for number in numbers
            ),
            "expire_at": NOW + timedelta(days=90),
        }
        | fields
    )
