"""Creates any number of triggers fast: one is encoded, the others are copies with another id."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from google.cloud.firestore_v1 import types

from benchmarks.stack.deployment import Deployment
from tock.core.agent.agent import Agent
from tock.core.ids.derived import shard_of
from tock.core.project import Project
from tock.core.schedule.schedule import CronSchedule
from tock.core.time.stamp import Stamp
from tock.core.trigger.trigger import Trigger, TriggerSpec
from tock.ports.store import Create
from tock.store.documents.commit import write_messages

PROJECT = "bench"
AGENT = "worker"
#: The most documents in one Commit.
_BATCH = 400
_BATCHES_AT_ONCE = 4
#: A daily trigger with an input of ordinary size: a message, a payload of a few fields.
_INPUT = {"message": "Digest of {{payload.repo}}", "payload": {"repo": "acme/site", "branch": "main", "days": 7}}


def next_minute(now: datetime) -> datetime:
    """Return a whole minute 20 to 80 seconds ahead: within the look-ahead, and after a round of a benchmark ends."""
    return (now + timedelta(seconds=80)).replace(second=0, microsecond=0)


def a_trigger(deployment: Deployment, identifier: str, *, next_run_at: datetime, **spec: Any) -> Trigger:
    """Return a trigger as if it had just been created. It fires daily unless `spec` says otherwise."""
    stamp = Stamp(at=deployment.services.clock.now(), by="bench")
    daily = CronSchedule(cron=f"{next_run_at.minute} {next_run_at.hour} * * *")
    given = TriggerSpec.model_validate({"agent": AGENT, "schedule": daily, "input": _INPUT} | spec)
    return Trigger.model_validate(
        dict(given)
        | {
            "project": PROJECT,
            "id": identifier,
            "next_run_at": next_run_at,
            "shard": shard_of(identifier, shards=deployment.services.timing.shards),
            "created": stamp,
            "updated": stamp,
        }
    )


async def create_agent(deployment: Deployment, identifier: str = AGENT, *, function: str = "trivial") -> None:
    """Create the project, unless it exists, and an agent that calls this function of `benchmarks.load.agents`."""
    stamp = Stamp(at=deployment.services.clock.now(), by="bench")
    config = {"callable": f"benchmarks.load.agents:{function}"}
    agent = Agent(project=PROJECT, id=identifier, kind="python", config=config, created=stamp, updated=stamp)
    await _create_project(deployment)
    await deployment.services.store.commit([Create(agent)])


async def create_triggers(deployment: Deployment, count: int, *, next_run_at: datetime, prefix: str = "t") -> None:
    """Create this many daily triggers that are due at one time, and their project unless it exists."""
    await _create_project(deployment)
    template = a_trigger(deployment, f"{prefix}0", next_run_at=next_run_at)
    documents = f"projects/{deployment.google_project}/databases/(default)/documents"
    (message,) = write_messages([Create(template)], documents=documents)
    path = message.update.name.removesuffix(template.id)
    running = asyncio.Semaphore(_BATCHES_AT_ONCE)

    async def batch(first: int) -> None:
        async with running:
            copies = [
                _copy(message, path=path, identifier=f"{prefix}{number}", shards=deployment.services.timing.shards)
                for number in range(first, min(first + _BATCH, count))
            ]
            await _commit(deployment, copies)

    await asyncio.gather(*(batch(first) for first in range(0, count, _BATCH)))


async def _create_project(deployment: Deployment) -> None:
    if await deployment.services.store.project(PROJECT) is None:
        stamp = Stamp(at=deployment.services.clock.now(), by="bench")
        await deployment.services.store.commit([Create(Project(id=PROJECT, created=stamp, updated=stamp))])


async def _commit(deployment: Deployment, writes: Sequence[Any]) -> None:
    request = types.CommitRequest.pb()(database=deployment.firestore._database_string, writes=writes)
    await deployment.firestore._firestore_api.commit(
        request=types.CommitRequest.wrap(request), metadata=deployment.firestore._rpc_metadata, timeout=120
    )


def _copy(message: Any, *, path: str, identifier: str, shards: int) -> Any:
    copy = types.Write.pb()()
    copy.CopyFrom(message)
    copy.update.name = f"{path}{identifier}"
    copy.update.fields["shard"].integer_value = shard_of(identifier, shards=shards)
    return copy
