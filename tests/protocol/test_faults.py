"""Every effect of every use case fails in every way: nothing is lost, nothing happens twice, nothing stays locked.

For each use case a clean call is counted first. Then each of its effects is made to fail in each of five ways, the
caller repeats what it was told did not succeed, as callers do, and a healthy deployment goes on until nothing is left.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from google.cloud.firestore import DELETE_FIELD

from protocol.accounts import Version, accounts, nothing_is_stuck
from protocol.faults import Crash, Fault, Kind, Process
from protocol.rig import AGENT, Rig, delivery_of
from protocol.script import DONE, Play
from tock.app.cancel import cancel
from tock.app.create_trigger import create_trigger
from tock.app.edit_trigger import delete_trigger, edit_trigger
from tock.app.parts import Parts
from tock.app.retry import RetryOptions, retry
from tock.app.run_now import RunOptions, run_agent, run_trigger
from tock.app.tick import tick
from tock.core.errors import AlreadyExists, NotFound, TockError
from tock.core.outcome import Failed
from tock.core.run import Run
from tock.core.status import RunStatus
from tock.core.trigger import Trigger, TriggerSpec
from tock.ports.executor import RunContext

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
RETRYABLE = Failed(type="broke", message="It broke.", retryable=True)
FINAL = Failed(type="refused", message="It will never work.", retryable=False)


@dataclass
class Case:
    """One use case on one fresh project: what was there before, the call, and what must hold in the end."""

    rig: Rig
    project: str
    trigger: Trigger | None = None
    run: Run | None = None
    versions: tuple[Version, ...] = ()
    expected: RunStatus = RunStatus.SUCCEEDED


Prepare = Callable[[Case], Awaitable[None]]
Act = Callable[[Case, Parts], Awaitable[object]]
Check = Callable[[Case], Awaitable[None]]


@dataclass(frozen=True)
class UseCase:
    """How a use case is prepared, called and judged; `repeats` says whether its caller tries again."""

    prepare: Prepare
    act: Act
    check: Check
    repeats: bool = False


async def _scheduled(case: Case, **spec: object) -> None:
    """A trigger created while its first fire time was far off, then due within the look-ahead."""
    rig = case.rig
    start = rig.clock.present + 3 * MINUTE
    spec = {"overlap": "parallel", "start": start} | spec
    case.trigger = await rig.trigger(case.project, lasts=3 * MINUTE + 25 * SECOND, **spec)
    await rig.advance(2 * MINUTE)


async def _claimed(case: Case, **spec: object) -> None:
    """A trigger whose three occurrences are claimed, none due yet."""
    rig = case.rig
    case.trigger = await rig.trigger(case.project, lasts=35 * SECOND, **{"overlap": "parallel"} | spec)


async def _due(case: Case, **spec: object) -> None:
    """A trigger with one occurrence, claimed and due now."""
    rig = case.rig
    case.trigger = await rig.trigger(case.project, lasts=10 * SECOND, **{"overlap": "parallel"} | spec)
    [case.run] = await rig.runs(case.project)
    await rig.advance(case.run.due_at - rig.clock.present)


async def _with_follower(case: Case) -> None:
    """A run at work with the next one held behind it."""
    rig = case.rig
    case.trigger = await rig.trigger(case.project, lasts=20 * SECOND, overlap="queue", retry={"max_retries": 0})
    case.run, follower = await rig.runs(case.project)
    await rig.advance(follower.due_at - rig.clock.present)
    await rig.execute(delivery_of(follower))
    assert (await rig.run(follower)).status is RunStatus.HELD


def _plays(*outcomes: Play) -> Callable[[RunContext], Play]:
    return lambda context: outcomes[min(context.attempt, len(outcomes)) - 1]


def _playing(prepare: Prepare, *plays: Play) -> Prepare:
    async def prepared(case: Case) -> None:
        case.rig.executor.plays = _plays(*plays)
        await prepare(case)

    return prepared


async def _deliver_first(case: Case, parts: Parts) -> object:
    """Deliver the run while time goes on."""
    assert case.run is not None
    await case.rig.deliver(parts)
    return await case.rig.advance(2 * MINUTE)


async def _accounted(case: Case) -> None:
    assert case.trigger is not None
    runs = await accounts(case.rig, case.trigger, versions=case.versions)
    for run in runs:
        assert run.status is case.expected, f"{run.status}: {run.error} {run.reason}"


async def _expecting_failure(case: Case) -> None:
    case.expected = RunStatus.FAILED
    await _accounted(case)


async def _follower_ran(case: Case) -> None:
    assert case.trigger is not None
    runs = await accounts(case.rig, case.trigger)
    assert [run.status for run in runs][1:] == [RunStatus.SUCCEEDED]
    assert runs[0].status in {RunStatus.SUCCEEDED, RunStatus.FAILED}
    first = case.rig.executor.of(runs[0].id)
    second = case.rig.executor.of(runs[1].id)
    assert all(start.ended is None or start.ended <= second[0].at for start in first)


async def _failing_with_follower(case: Case) -> None:
    await _with_follower(case)
    case.rig.executor.plays = lambda context: Play(FINAL if context.run == _id(case) else DONE)


async def _tick(case: Case, parts: Parts) -> object:
    return await tick(parts)


# What the sweep finds: a queued run without its task, a dead runner, a held run whose blocker forgot it.


async def _task_lost(case: Case) -> None:
    await _due(case)
    for task in await case.rig.waiting():
        await case.rig.tasks.delete_task(name=task.name)
    await case.rig.advance(MINUTE)


async def _runner_died(case: Case) -> None:
    case.rig.executor.plays = lambda context: Play(until_released=context.attempt == 1)
    await _due(case)
    await case.rig.deliver()
    case.rig.clock.freeze()
    await case.rig.advance(MINUTE)


async def _runner_died_with_follower(case: Case) -> None:
    case.rig.executor.plays = lambda context: Play(until_released=context.run == _id(case) and context.attempt == 1)
    case.rig.timing = case.rig.timing.__class__(most_lost=0)
    await _with_follower(case)
    await case.rig.deliver()
    case.rig.clock.freeze()
    await case.rig.advance(MINUTE)
    case.expected = RunStatus.FAILED


async def _held_and_forgotten(case: Case) -> None:
    """A held run that the run before it does not know of: nobody promotes it."""
    rig = case.rig
    await _with_follower(case)
    document = rig.firestore.document("projects", case.project, "runs", _id(case))
    await document.update({"followed_by": DELETE_FIELD})
    await rig.deliver()
    await rig.advance(rig.timing.patience)


def _id(case: Case) -> str:
    return "" if case.run is None else case.run.id


# What people ask for.


async def _launch_trigger(case: Case, parts: Parts) -> object:
    return await run_trigger(parts, project=case.project, trigger="t", options=RunOptions(), key="k1", by="ada")


async def _launch_agent(case: Case, parts: Parts) -> object:
    return await run_agent(parts, project=case.project, agent=AGENT, options=RunOptions(), key=None, by="ada")


async def _launch_subject(case: Case, parts: Parts) -> object:
    options = RunOptions(subject="one-at-a-time")
    return await run_agent(parts, project=case.project, agent=AGENT, options=options, key=None, by="ada")


async def _one_manual_run(case: Case) -> None:
    runs = await nothing_is_stuck(case.rig, project=case.project)
    assert [run.status for run in runs if run.source == "manual"] == [RunStatus.SUCCEEDED]


async def _at_most_one_manual_run(case: Case) -> None:
    """Without a key, whoever got no answer and does not ask again may have a run or none, and never a stuck one."""
    runs = await nothing_is_stuck(case.rig, project=case.project)
    assert [run.status for run in runs] in ([], [RunStatus.SUCCEEDED])


async def _settled_run(case: Case) -> None:
    case.rig.executor.plays = lambda context: Play(FINAL if context.source == "schedule" else DONE)
    await _due(case)
    await case.rig.deliver()


async def _retry(case: Case, parts: Parts) -> object:
    run = _id(case)
    return await retry(parts, project=case.project, run=run, options=RetryOptions(), key="again", by="ada")


async def _one_retry(case: Case) -> None:
    runs = await nothing_is_stuck(case.rig, project=case.project)
    source, again = sorted(runs, key=lambda run: run.created.at)
    assert (source.status, again.status, again.retry_of) == (RunStatus.FAILED, RunStatus.SUCCEEDED, source.id)
    assert source.retried_by == (again.id,)


async def _cancel(case: Case, parts: Parts) -> object:
    return await cancel(parts, project=case.project, run=_id(case), reason="enough", by="ada")


async def _cancelled(case: Case) -> None:
    runs = await nothing_is_stuck(case.rig, project=case.project)
    assert [run.status for run in runs if run.id == _id(case)] == [RunStatus.CANCELLED]
    assert case.rig.executor.of(_id(case)) == []


async def _cancelled_before_follower(case: Case) -> None:
    await _cancelled(case)
    runs = await case.rig.runs(case.project)
    assert [run.status for run in runs][1:] == [RunStatus.SUCCEEDED]


async def _cancel_at_work(case: Case, parts: Parts) -> object:
    done = await _cancel(case, parts)
    await case.rig.advance(15 * SECOND)
    return done


async def _at_work(case: Case) -> None:
    case.rig.executor.plays = lambda _: Play(until_released=True)
    await _due(case)
    await case.rig.deliver()


async def _stopped(case: Case) -> None:
    runs = await nothing_is_stuck(case.rig, project=case.project)
    assert [run.status for run in runs] == [RunStatus.CANCELLED]
    assert [start.stopped for start in case.rig.executor.of(_id(case))] == [True]


async def _create(case: Case, parts: Parts) -> object:
    rig = case.rig
    spec = TriggerSpec.model_validate(
        {
            "agent": AGENT,
            "schedule": {"every": "10s"},
            "overlap": "parallel",
            "end": case.versions[0].since + 35 * SECOND if case.versions else rig.clock.present + 35 * SECOND,
        }
    )
    try:
        return await create_trigger(parts, project=case.project, identifier="t", spec=spec, by="ada")
    except AlreadyExists:
        return None


async def _created(case: Case) -> None:
    [case.trigger] = await case.rig.triggers_of(case.project)
    await _accounted(case)


async def _edit(case: Case, parts: Parts) -> object:
    changes = {"input": {"message": "changed"}}
    return await edit_trigger(parts, project=case.project, trigger="t", changes=changes, by="ada")


async def _edited(case: Case) -> None:
    await _accounted(case)
    live = [run for run in await case.rig.runs(case.project) if run.status is RunStatus.SUCCEEDED]
    assert {run.input.message for run in live} == {"changed"}


async def _pause(case: Case, parts: Parts) -> object:
    return await edit_trigger(parts, project=case.project, trigger="t", changes={"enabled": False}, by="ada")


async def _delete(case: Case, parts: Parts) -> object:
    try:
        await delete_trigger(parts, project=case.project, trigger="t", by="ada")
    except NotFound:
        return None
    return None


async def _nothing_ran(case: Case) -> None:
    runs = await nothing_is_stuck(case.rig, project=case.project)
    assert {run.status for run in runs} == {RunStatus.CANCELLED}
    assert len(runs) == 3
    assert all(case.rig.executor.of(run.id) == [] for run in runs)


async def _nothing(case: Case) -> None:
    assert case.trigger is None


USE_CASES = {
    "tick": UseCase(_scheduled, _tick, _accounted),
    "execute to success": UseCase(
        _playing(_due, Play(DONE, works=25 * SECOND, emits=3)), _deliver_first, _accounted
    ),
    "execute to a retry": UseCase(
        _playing(_due, Play(RETRYABLE, works=15 * SECOND, emits=1), Play(DONE)), _deliver_first, _accounted
    ),
    "execute to failure": UseCase(_playing(_due, Play(FINAL)), _deliver_first, _expecting_failure),
    "execute with a held successor": UseCase(
        _playing(_with_follower, Play(DONE, works=12 * SECOND)), _deliver_first, _follower_ran
    ),
    "fail with a held successor": UseCase(_failing_with_follower, _deliver_first, _follower_ran),
    "sweep of a lost task": UseCase(_task_lost, _tick, _accounted),
    "sweep of a dead runner": UseCase(_runner_died, _tick, _accounted),
    "sweep of a dead runner with a follower": UseCase(_runner_died_with_follower, _tick, _follower_ran),
    "sweep of a held run that was forgotten": UseCase(_held_and_forgotten, _tick, _follower_ran),
    "start of a trigger with a key": UseCase(_claimed, _launch_trigger, _one_manual_run, repeats=True),
    "start of an agent": UseCase(_nothing, _launch_agent, _at_most_one_manual_run),
    "start of an agent on a subject": UseCase(_nothing, _launch_subject, _at_most_one_manual_run),
    "retry": UseCase(_settled_run, _retry, _one_retry, repeats=True),
    "cancel of a queued run": UseCase(_due, _cancel, _cancelled, repeats=True),
    "cancel of a run with a follower": UseCase(_with_follower, _cancel, _cancelled_before_follower, repeats=True),
    "cancel of a run at work": UseCase(_at_work, _cancel_at_work, _stopped, repeats=True),
    "create of a trigger": UseCase(_nothing, _create, _created, repeats=True),
    "edit of a trigger with claimed runs": UseCase(_claimed, _edit, _edited, repeats=True),
    "pause of a trigger with claimed runs": UseCase(_claimed, _pause, _nothing_ran, repeats=True),
    "delete of a trigger with claimed runs": UseCase(_claimed, _delete, _nothing_ran, repeats=True),
}


async def _played(rig: Rig, use_case: UseCase, *, project: str, fault: Fault | None) -> Process:
    case = Case(rig, await rig.tenant(project))
    rig.executor.plays = lambda _: Play()
    rig.timing = rig.timing.__class__()
    await use_case.prepare(case)
    process = rig.process(fault)
    ended = await rig.attempt(use_case.act(case, rig.parts(process)))
    if isinstance(ended, Crash | TockError) and use_case.repeats:
        again = await rig.attempt(use_case.act(case, rig.parts()))
        assert not isinstance(again, TockError), f"the repeated call failed: {again}"
    assert fault is not None or not isinstance(ended, Crash | TockError), f"the clean call failed: {ended!r}"
    await rig.recover()
    await use_case.check(case)
    return process


@pytest.mark.parametrize("name", USE_CASES)
async def test_a_fault_at_any_effect_loses_and_doubles_nothing(rig: Rig, name: str) -> None:
    use_case = USE_CASES[name]
    clean = await _played(rig, use_case, project="clean", fault=None)
    assert clean.effects

    for at, effect in enumerate(clean.effects, start=1):
        for kind in Kind:
            project = f"at-{at}-{kind.name.lower().replace('_', '-')}"
            try:
                process = await _played(rig, use_case, project=project, fault=Fault(at, kind))
            except BaseException as error:
                error.add_note(f"in {name!r}: {kind} at effect {at} ({effect}) of {clean.effects}")
                raise
            assert len(process.effects) >= at, f"effect {at} was never reached"
