"""The use cases whose every effect is made to fail, each with its preparation and the check of its result."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.checks import checked_runs, nothing_is_stuck
from app.rig import AGENT
from app.scripted_executor import DONE, Behaviour
from app.situations import (
    FINAL,
    MINUTE,
    RETRYABLE,
    SECOND,
    Case,
    Prepare,
    at_work,
    behaving,
    claimed,
    due,
    failing_with_follower,
    held_and_forgotten,
    nothing,
    run_id,
    runner_died,
    runner_died_with_follower,
    scheduled,
    settled_run,
    task_lost,
    with_follower,
)
from tock.app.execution.cancel import cancel
from tock.app.manage.triggers.create_trigger import create_trigger
from tock.app.manage.triggers.delete_trigger import delete_trigger
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.app.services import Services
from tock.app.start.retry import RetryOptions, retry
from tock.app.start.run_now import RunOptions, run_agent, run_trigger
from tock.app.tick.tick import tick
from tock.core.errors import AlreadyExists, NotFound
from tock.core.run.status import RunStatus
from tock.core.trigger.trigger import TriggerSpec

Act = Callable[[Case, Services], Awaitable[object]]
Check = Callable[[Case], Awaitable[None]]


@dataclass(frozen=True)
class UseCase:
    """How a use case is prepared, called and checked; `repeats` says whether its caller tries again after an error."""

    prepare: Prepare
    act: Act
    check: Check
    repeats: bool = False


async def _deliver_first(case: Case, services: Services) -> object:
    """Deliver the run, and let time pass."""
    assert case.run is not None
    begun = await case.rig.deliver(services)
    await case.rig.advance(2 * MINUTE)
    return begun


async def _hand_back(case: Case, services: Services) -> object:
    """Deliver the run, and send SIGTERM to its process while the agent works."""
    begun = await case.rig.deliver(services)
    await case.rig.advance(10 * SECOND)
    services.shutdown.set()
    await case.rig.quiet()
    assert not case.rig.executor.at_work
    await case.rig.advance(2 * MINUTE)
    return begun


async def _holds(case: Case) -> None:
    assert case.trigger is not None
    runs = await checked_runs(case.rig, case.trigger)
    for run in runs:
        assert run.status is case.expected, f"{run.status}: {run.error} {run.reason}"


async def _expecting_failure(case: Case) -> None:
    case.expected = RunStatus.FAILED
    await _holds(case)


async def _follower_ran(case: Case) -> None:
    assert case.trigger is not None
    runs = await checked_runs(case.rig, case.trigger)
    assert [run.status for run in runs][1:] == [RunStatus.SUCCEEDED]
    # Missed if it could not start before the next fire time: catch-up is `latest`.
    assert runs[0].status in {RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.MISSED}
    first = case.rig.executor.of(runs[0].id)
    second = case.rig.executor.of(runs[1].id)
    assert all(start.ended is None or start.ended <= second[0].at for start in first)


async def _tick(_: Case, services: Services) -> object:
    return await tick(services)


async def _launch_trigger(case: Case, services: Services) -> object:
    return await run_trigger(services, project=case.project, trigger="t", options=RunOptions(), key="k1", by="ada")


async def _launch_agent(case: Case, services: Services) -> object:
    return await run_agent(services, project=case.project, agent=AGENT, options=RunOptions(), key=None, by="ada")


async def _launch_subject(case: Case, services: Services) -> object:
    options = RunOptions(subject="one-at-a-time")
    return await run_agent(services, project=case.project, agent=AGENT, options=options, key=None, by="ada")


async def _one_manual_run(case: Case) -> None:
    runs = await nothing_is_stuck(case.rig, project=case.project)
    assert [run.status for run in runs if run.source == "manual"] == [RunStatus.SUCCEEDED]


async def _at_most_one_manual_run(case: Case) -> None:
    """Without a key, a caller who got no answer may have started a run or none, but never one that gets stuck."""
    runs = await nothing_is_stuck(case.rig, project=case.project)
    assert [run.status for run in runs] in ([], [RunStatus.SUCCEEDED])


async def _retry(case: Case, services: Services) -> object:
    run = run_id(case)
    return await retry(services, project=case.project, run=run, options=RetryOptions(), key="again", by="ada")


async def _one_retry(case: Case) -> None:
    runs = await nothing_is_stuck(case.rig, project=case.project)
    source, again = sorted(runs, key=lambda run: run.created.at)
    assert (source.status, again.status, again.retry_of) == (RunStatus.FAILED, RunStatus.SUCCEEDED, source.id)
    assert source.retried_by == (again.id,)


async def _cancel(case: Case, services: Services) -> object:
    return await cancel(services, project=case.project, run=run_id(case), reason="enough", by="ada")


async def _cancelled(case: Case) -> None:
    runs = await nothing_is_stuck(case.rig, project=case.project)
    assert [run.status for run in runs if run.id == run_id(case)] == [RunStatus.CANCELLED]
    assert case.rig.executor.of(run_id(case)) == []


async def _cancelled_before_follower(case: Case) -> None:
    await _cancelled(case)
    runs = await case.rig.runs(case.project)
    assert [run.status for run in runs][1:] == [RunStatus.SUCCEEDED]


async def _cancel_at_work(case: Case, services: Services) -> object:
    done = await _cancel(case, services)
    await case.rig.advance(15 * SECOND)
    return done


async def _stopped(case: Case) -> None:
    runs = await nothing_is_stuck(case.rig, project=case.project)
    assert [run.status for run in runs] == [RunStatus.CANCELLED]
    assert [start.stopped for start in case.rig.executor.of(run_id(case))] == [True]


async def _create(case: Case, services: Services) -> object:
    rig = case.rig
    spec = TriggerSpec.model_validate(
        {
            "agent": AGENT,
            "schedule": {"every": "10s"},
            "overlap": "parallel",
            "end": rig.clock.present + 35 * SECOND,
        }
    )
    try:
        return await create_trigger(services, project=case.project, identifier="t", spec=spec, by="ada")
    except AlreadyExists:
        return None


async def _created(case: Case) -> None:
    [case.trigger] = await case.rig.triggers_of(case.project)
    await _holds(case)


async def _edit(case: Case, services: Services) -> object:
    changes = {"input": {"message": "changed"}}
    return await edit_trigger(services, project=case.project, trigger="t", changes=changes, by="ada")


async def _edited(case: Case) -> None:
    await _holds(case)
    live = [run for run in await case.rig.runs(case.project) if run.status is RunStatus.SUCCEEDED]
    assert {run.input.message for run in live} == {"changed"}


async def _pause(case: Case, services: Services) -> object:
    return await edit_trigger(services, project=case.project, trigger="t", changes={"enabled": False}, by="ada")


async def _delete(case: Case, services: Services) -> object:
    try:
        await delete_trigger(services, project=case.project, trigger="t", by="ada")
    except NotFound:
        return None
    return None


async def _nothing_ran(case: Case) -> None:
    runs = await nothing_is_stuck(case.rig, project=case.project)
    assert {run.status for run in runs} == {RunStatus.CANCELLED}
    assert len(runs) == 3
    assert all(case.rig.executor.of(run.id) == [] for run in runs)


USE_CASES = {
    "tick": UseCase(scheduled, _tick, _holds),
    "execute to success": UseCase(behaving(due, Behaviour(DONE, works=25 * SECOND, emits=3)), _deliver_first, _holds),
    "execute to a retry": UseCase(
        behaving(due, Behaviour(RETRYABLE, works=15 * SECOND, emits=1), Behaviour(DONE)), _deliver_first, _holds
    ),
    "execute to failure": UseCase(behaving(due, Behaviour(FINAL)), _deliver_first, _expecting_failure),
    "execute with a held successor": UseCase(
        behaving(with_follower, Behaviour(DONE, works=12 * SECOND)), _deliver_first, _follower_ran
    ),
    "fail with a held successor": UseCase(failing_with_follower, _deliver_first, _follower_ran),
    "hand back": UseCase(behaving(due, Behaviour(DONE, works=25 * SECOND, emits=3)), _hand_back, _holds),
    "hand back with a held successor": UseCase(
        behaving(with_follower, Behaviour(DONE, works=25 * SECOND)), _hand_back, _follower_ran
    ),
    "sweep of a lost task": UseCase(task_lost, _tick, _holds),
    "sweep of a dead runner": UseCase(runner_died, _tick, _holds),
    "sweep of a dead runner with a follower": UseCase(runner_died_with_follower, _tick, _follower_ran),
    "sweep of a held run that was forgotten": UseCase(held_and_forgotten, _tick, _follower_ran),
    "start of a trigger with a key": UseCase(claimed, _launch_trigger, _one_manual_run, repeats=True),
    "start of an agent": UseCase(nothing, _launch_agent, _at_most_one_manual_run),
    "start of an agent on a subject": UseCase(nothing, _launch_subject, _at_most_one_manual_run),
    "retry": UseCase(settled_run, _retry, _one_retry, repeats=True),
    "cancel of a queued run": UseCase(due, _cancel, _cancelled, repeats=True),
    "cancel of a run with a follower": UseCase(with_follower, _cancel, _cancelled_before_follower, repeats=True),
    "cancel of a run at work": UseCase(at_work, _cancel_at_work, _stopped, repeats=True),
    "create of a trigger": UseCase(nothing, _create, _created, repeats=True),
    "edit of a trigger with claimed runs": UseCase(claimed, _edit, _edited, repeats=True),
    "pause of a trigger with claimed runs": UseCase(claimed, _pause, _nothing_ran, repeats=True),
    "delete of a trigger with claimed runs": UseCase(claimed, _delete, _nothing_ran, repeats=True),
}
