"""Backlogs: many triggers due at once, Commits that take long, and the continuations that work them off."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from google.cloud.tasks_v2 import ListTasksRequest, Task

from app.rig import AGENT, AUTHOR, Rig
from tock.app.services import Services
from tock.app.tick.tick import tick
from tock.core.health.scheduler_state import TickCounters
from tock.core.ids.derived import shard_of
from tock.core.time.stamp import Stamp
from tock.core.trigger.plan import first_fire_time
from tock.core.trigger.trigger import Trigger, TriggerSpec
from tock.ports.store import Create

SECOND = timedelta(seconds=1)
#: How many triggers a tick reads at once in these tests, so that a few hundred are a backlog.
PAGE = 300


async def due_triggers(
    rig: Rig,
    project: str,
    count: int,
    *,
    after: timedelta = SECOND,
    apart: timedelta = timedelta(),
    shard: int | None = None,
    exists: bool = True,
) -> list[Trigger]:
    """Store triggers that fire daily, next `after` this much time, and that no tick has claimed; return them.

    Each one fires `apart` from the one before. They are spread over the shards unless `shard` names one. The project is
    created too, unless `exists` is False.
    """
    if exists:
        await rig.create_project(project)
    present = rig.clock.present
    stamp = Stamp(at=present, by=AUTHOR)
    triggers = []
    for number in range(count):
        identifier = f"t{number:04d}"
        spec = TriggerSpec.model_validate(
            {
                "agent": AGENT,
                "schedule": {"every": "24h", "anchor": present + after + number * apart},
                "overlap": "parallel",
                "catch_up": {"mode": "latest", "window": "24h"},
            }
        )
        spread = shard_of(f"{project}/{identifier}", shards=rig.timing.shards)
        trigger = Trigger(
            **dict(spec),
            project=project,
            id=identifier,
            created=stamp,
            updated=stamp,
            shard=spread if shard is None else shard,
        )
        triggers.append(trigger.model_copy(update={"next_run_at": first_fire_time(trigger, after=present)}))
    for first in range(0, len(triggers), 250):
        await rig.store.commit([Create(trigger) for trigger in triggers[first : first + 250]])
    return triggers


def slow_claims(rig: Rig, length: timedelta, *, times: int | None = None) -> Callable[[str], Awaitable[None]]:
    """Return a `before_effect` that moves the clock by `length` at each Commit of claims, or at the first `times`."""
    left = times

    async def before_effect(text: str) -> None:
        nonlocal left
        if text.startswith("commit change Trigger") and left != 0:
            left = None if left is None else left - 1
            rig.clock.move(rig.clock.present + length)

    return before_effect


def ticks_queue(rig: Rig) -> str:
    return rig.queue_name.replace("/queues/runs", "/queues/ticks")


async def waiting_continuations(rig: Rig) -> list[Task]:
    """Return the tasks of continuations that are in the queue."""
    request = ListTasksRequest(parent=ticks_queue(rig), response_view=Task.View.FULL)
    return [task async for task in await rig.tasks.list_tasks(request=request)]


async def deliver_continuations(
    rig: Rig, *, services: Callable[[], Services] | None = None, times: int = 1
) -> list[TickCounters]:
    """Deliver every continuation in the queue, all at once and each `times` times; return what they did."""
    begun = []
    tasks = await waiting_continuations(rig)
    for task in tasks:
        body = json.loads(task.http_request.body)
        for _ in range(times):
            made = services() if services else rig.services()
            begun.append(tick(made, shards=body["shards"], name=body["tick"]))
    done = await asyncio.gather(*begun)
    for task in tasks:
        await rig.tasks.delete_task(name=task.name)
    return done


async def continued_tick(rig: Rig, shard: int, *, services: Services | None = None) -> TickCounters:
    """Run a continuation of this shard, whether or not a tick has enqueued one."""
    return await tick(services or rig.services(), shards=[shard], name="further")


async def claimed_occurrences(rig: Rig, *projects: str) -> list[tuple[str, str | None, datetime]]:
    """Return the occurrence of every run of these projects, in the order in which they were claimed."""
    runs = [run for project in projects for run in await rig.runs(project)]
    return [(run.project, run.trigger, run.scheduled_for) for run in sorted(runs, key=lambda run: run.created.at)]


def occurrences(triggers: list[Trigger]) -> set[tuple[str, str | None, datetime | None]]:
    return {(trigger.project, trigger.id, trigger.next_run_at) for trigger in triggers}
