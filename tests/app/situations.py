"""What there is before a use case is called. Each function prepares one new project."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from google.cloud.firestore import DELETE_FIELD

from app.rig import Rig, delivery_of
from app.scripted_executor import DONE, Behaviour
from tock.core.run.outcome import Failed
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.trigger.trigger import Trigger
from tock.ports.executor import RunContext

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
RETRYABLE = Failed(type="broke", message="It broke.", retryable=True)
FINAL = Failed(type="refused", message="It will never work.", retryable=False)


@dataclass
class Case:
    """A use case on a new project, with the trigger and run that it is about and the status expected in the end."""

    rig: Rig
    project: str
    trigger: Trigger | None = None
    run: Run | None = None
    expected: RunStatus = RunStatus.SUCCEEDED


#: Prepares a situation.
Prepare = Callable[[Case], Awaitable[None]]


async def scheduled(case: Case) -> None:
    """A trigger whose first fire times have just come within the look-ahead, and are not claimed."""
    rig = case.rig
    start = rig.clock.present + 3 * MINUTE
    lasts = 3 * MINUTE + 25 * SECOND
    case.trigger = await rig.create_trigger(case.project, lasts=lasts, start=start, overlap="parallel")
    await rig.advance(2 * MINUTE)


async def claimed(case: Case, **spec: Any) -> None:
    """A trigger whose three occurrences are claimed, none due yet."""
    rig = case.rig
    case.trigger = await rig.create_trigger(case.project, lasts=35 * SECOND, **{"overlap": "parallel"} | spec)


async def due(case: Case, **spec: Any) -> None:
    """A trigger with one occurrence, which is claimed and due now."""
    rig = case.rig
    case.trigger = await rig.create_trigger(case.project, lasts=10 * SECOND, **{"overlap": "parallel"} | spec)
    [case.run] = await rig.runs(case.project)
    await rig.advance(case.run.due_at - rig.clock.present)


async def with_follower(case: Case) -> None:
    """A due run, with the next one held behind it."""
    rig = case.rig
    case.trigger = await rig.create_trigger(case.project, lasts=20 * SECOND, overlap="queue", retry={"max_retries": 0})
    case.run, follower = await rig.runs(case.project)
    await rig.advance(follower.due_at - rig.clock.present)
    await rig.execute(delivery_of(follower))
    assert (await rig.run(follower)).status is RunStatus.HELD


def behaving(prepare: Prepare, *behaviours: Behaviour) -> Prepare:
    """Return the same preparation, with a behaviour for the first attempt of each run, the second, and so on."""

    def behaviour(context: RunContext) -> Behaviour:
        return behaviours[min(context.attempt, len(behaviours)) - 1]

    async def prepared(case: Case) -> None:
        case.rig.executor.behaviour = behaviour
        await prepare(case)

    return prepared


async def failing_with_follower(case: Case) -> None:
    await with_follower(case)
    case.rig.executor.behaviour = lambda context: Behaviour(FINAL if context.run == run_id(case) else DONE)


async def task_lost(case: Case) -> None:
    await due(case)
    for task in await case.rig.waiting():
        await case.rig.tasks.delete_task(name=task.name)
    await case.rig.advance(MINUTE)


async def runner_died(case: Case) -> None:
    case.rig.executor.behaviour = lambda context: Behaviour(until_released=context.attempt == 1)
    await due(case)
    await case.rig.deliver()
    case.rig.clock.freeze()
    await case.rig.advance(MINUTE)


async def runner_died_with_follower(case: Case) -> None:
    case.rig.executor.behaviour = lambda context: Behaviour(
        until_released=context.run == run_id(case) and context.attempt == 1
    )
    case.rig.timing = case.rig.timing.__class__(max_lost=0)
    await with_follower(case)
    await case.rig.deliver()
    case.rig.clock.freeze()
    await case.rig.advance(MINUTE)
    case.expected = RunStatus.FAILED


async def held_and_forgotten(case: Case) -> None:
    """A held run that the run before it does not name as its follower, so that its settlement does not promote it."""
    rig = case.rig
    await with_follower(case)
    document = rig.firestore.document("projects", case.project, "runs", run_id(case))
    await document.update({"followed_by": DELETE_FIELD})
    await rig.deliver()
    await rig.advance(rig.timing.held_recheck)


def run_id(case: Case) -> str:
    return "" if case.run is None else case.run.id


async def settled_run(case: Case) -> None:
    case.rig.executor.behaviour = lambda context: Behaviour(FINAL if context.source == "schedule" else DONE)
    await due(case)
    await case.rig.deliver()


async def at_work(case: Case) -> None:
    case.rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    await due(case)
    await case.rig.deliver()


async def nothing(case: Case) -> None:
    assert case.trigger is None
