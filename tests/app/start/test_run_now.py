"""Manual runs: one per idempotency key, one active run per subject, and locks that are released in the end."""

import asyncio
from datetime import timedelta

import pytest

from app.checks import checked_runs, nothing_is_stuck
from app.rig import AGENT, Rig, delivery_of
from app.scripted_executor import DONE, Behaviour
from tock.app.execution.cancel import cancel
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.app.start.launch import Launched
from tock.app.start.retry import ConfigChoice, RetryOptions, retry
from tock.app.start.run_now import RunOptions, run_agent, run_trigger
from tock.core.errors import ActiveRun, InvalidArgument, KeyReused, NotFound, RunNotSettled
from tock.core.run.outcome import Failed
from tock.core.run.status import RunSource, RunStatus

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
FINAL = Failed(type="no", message="No.", retryable=False)


async def start(
    rig: Rig, *, key: str | None = None, subject: str | None = None, message: str | None = None
) -> Launched:
    options = RunOptions(subject=subject, message=message)
    return await run_agent(rig.services(), project="p", agent=AGENT, options=options, key=key, by="ada")


async def test_twenty_starts_with_one_key_at_once_are_one_run(rig: Rig) -> None:
    await rig.create_project("p")

    launched = await asyncio.gather(*(start(rig, key="k", subject="s") for _ in range(20)))
    await rig.recover()

    [run] = await nothing_is_stuck(rig, project="p")
    assert {each.run.id for each in launched} == {run.id}
    assert sum(each.created for each in launched) == 1
    assert (run.status, len(rig.executor.started)) == (RunStatus.SUCCEEDED, 1)


async def test_of_twenty_starts_on_one_subject_at_once_one_begins_and_the_others_are_told_of_it(rig: Rig) -> None:
    await rig.create_project("p")

    ended = await asyncio.gather(*(rig.attempt(start(rig, subject="s")) for _ in range(20)))

    [launched] = [each for each in ended if isinstance(each, Launched)]
    refused = [each for each in ended if isinstance(each, ActiveRun)]
    assert len(refused) == 19
    assert {each.run for each in refused} == {launched.run.id}
    await rig.recover()
    await nothing_is_stuck(rig, project="p")
    assert len(rig.executor.started) == 1


async def test_starts_without_a_subject_run_beside_each_other(rig: Rig) -> None:
    await rig.create_project("p")

    launched = await asyncio.gather(*(start(rig) for _ in range(5)))
    await rig.recover()

    assert len({each.run.id for each in launched}) == 5
    assert len(rig.executor.started) == 5


async def test_a_key_that_comes_again_later_gives_the_same_run_and_another_request_is_refused(rig: Rig) -> None:
    await rig.create_project("p")
    first = await start(rig, key="k", message="one")
    await rig.recover()

    again = await start(rig, key="k", message="one")

    assert (again.run.id, again.created) == (first.run.id, False)
    with pytest.raises(KeyReused, match=first.run.id):
        await start(rig, key="k", message="two")
    assert len(rig.executor.started) == 1


@pytest.mark.parametrize("end", ["success", "failure", "cancelled at work", "cancelled in the queue", "dead runner"])
async def test_a_subject_is_free_again_however_its_run_ended(rig: Rig, end: str) -> None:
    await rig.create_project("p")
    plays = {"success": Behaviour(DONE), "failure": Behaviour(FINAL)}
    rig.executor.behaviour = lambda _: plays.get(end, Behaviour(until_released=True))
    rig.timing = rig.timing.__class__(max_lost=0)
    run = (await start(rig, subject="s")).run
    if end != "cancelled in the queue":
        await rig.deliver()
    if end.startswith("cancelled"):
        await cancel(rig.services(), project="p", run=run.id, reason="enough", by="ada")
        await rig.advance(rig.timing.heartbeat)
    if end == "dead runner":
        rig.clock.freeze()
        await rig.advance(MINUTE)
        await rig.tick()

    rig.executor.behaviour = lambda _: Behaviour()
    again = await start(rig, subject="s")
    await rig.recover()

    ended = await rig.run(run)
    assert ended.status is {
        "success": RunStatus.SUCCEEDED,
        "failure": RunStatus.FAILED,
        "dead runner": RunStatus.FAILED,
    }.get(end, RunStatus.CANCELLED)
    assert (await rig.run(again.run)).status is RunStatus.SUCCEEDED
    assert await rig.locks() == []


async def test_a_subject_stays_taken_between_the_attempts_of_its_run(rig: Rig) -> None:
    await rig.create_project("p")
    rig.executor.behaviour = lambda _: Behaviour(Failed(type="broke", message="It broke.", retryable=True))
    run = (await start(rig, subject="s")).run
    await rig.deliver()

    with pytest.raises(ActiveRun, match=run.id):
        await start(rig, subject="s")


async def test_run_now_touches_no_schedule_and_the_trigger_is_its_subject(rig: Rig) -> None:
    await rig.create_project("p")
    trigger = await rig.create_trigger("p", lasts=10 * MINUTE, schedule={"every": "5m"})
    options = RunOptions(message="by hand")

    launched = await run_trigger(rig.services(), project="p", trigger="t", options=options, key=None, by="ada")

    found = await rig.store.trigger("p", "t")
    assert found is not None
    assert found.value == trigger
    assert (launched.run.source, launched.run.input.message) == (RunSource.MANUAL, "by hand")
    with pytest.raises(ActiveRun, match=launched.run.id):
        await run_trigger(rig.services(), project="p", trigger="t", options=options, key=None, by="bob")
    await rig.deliver()
    assert (await rig.run(launched.run)).status is RunStatus.SUCCEEDED


async def test_run_now_works_on_a_disabled_trigger(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=10 * MINUTE, schedule={"every": "5m"}, enabled=False)

    launched = await run_trigger(rig.services(), project="p", trigger="t", options=RunOptions(), key=None, by="ada")
    await rig.deliver()

    assert (await rig.run(launched.run)).status is RunStatus.SUCCEEDED


async def test_a_manual_run_beside_the_schedule_leaves_the_proof_intact(rig: Rig) -> None:
    await rig.create_project("p")
    rig.executor.behaviour = lambda context: Behaviour(works=25 * SECOND if context.source == "manual" else SECOND)
    trigger = await rig.create_trigger("p", lasts=MINUTE, schedule={"every": "20s"}, overlap="skip")

    await run_trigger(rig.services(), project="p", trigger="t", options=RunOptions(), key=None, by="ada")
    await rig.recover()

    runs = await checked_runs(rig, trigger)
    assert {run.status for run in runs} == {RunStatus.SUCCEEDED}
    last = await rig.store.trigger("p", "t")
    assert last is not None
    assert last.value.last_run == runs[-1].id


async def test_a_retry_repeats_what_was_given_then_or_what_is_said_now(rig: Rig) -> None:
    await rig.create_project("p")
    rig.executor.behaviour = lambda context: Behaviour(FINAL if context.source == "schedule" else DONE)
    await rig.create_trigger("p", lasts=15 * SECOND, input={"message": "then", "model": "small"})
    await rig.recover()
    [source] = await rig.runs("p")
    changes = {"input": {"message": "now"}}
    await edit_trigger(rig.services(), project="p", trigger="t", changes=changes, by="ada")

    repeated = {}
    for config in ConfigChoice:
        options = RetryOptions(config=config, model="large")
        launched = await retry(rig.services(), project="p", run=source.id, options=options, key=None, by="ada")
        await rig.recover()
        repeated[config] = await rig.run(launched.run)

    assert [(run.input.message, run.input.model) for run in repeated.values()] == [("then", "large"), ("now", "large")]
    assert {run.status for run in repeated.values()} == {RunStatus.SUCCEEDED}
    assert (await rig.run(source)).retried_by == tuple(run.id for run in repeated.values())
    assert {(run.retry_of, run.root) for run in repeated.values()} == {(source.id, source.id)}
    await nothing_is_stuck(rig, project="p")


async def test_of_ten_retries_of_one_run_at_once_one_begins(rig: Rig) -> None:
    await rig.create_project("p")
    rig.executor.behaviour = lambda _: Behaviour(FINAL)
    source = (await start(rig)).run
    await rig.deliver()

    ended = await asyncio.gather(
        *(
            rig.attempt(retry(rig.services(), project="p", run=source.id, options=RetryOptions(), key=None, by="ada"))
            for _ in range(10)
        )
    )

    assert sorted(type(each).__name__ for each in ended) == ["ActiveRun"] * 9 + ["Launched"]
    await rig.recover()
    await nothing_is_stuck(rig, project="p")


@pytest.mark.parametrize("overlap", ["skip", "queue", "parallel"])
async def test_a_retry_is_refused_while_a_scheduled_run_of_its_trigger_is_at_work(rig: Rig, overlap: str) -> None:
    await rig.create_project("p")
    spec = {"schedule": {"every": "20s"}, "overlap": overlap, "retry": {"max_retries": 0}}
    await rig.create_trigger("p", lasts=45 * SECOND, **spec)
    failed, at_work = await rig.runs("p")
    rig.executor.behaviour = lambda context: Behaviour(FINAL, until_released=context.run == at_work.id)
    for run in (failed, at_work):
        await rig.advance(run.due_at - rig.clock.present)
        await rig.deliver()
    options = {"options": RetryOptions(), "key": None, "by": "ada"}

    beside = await rig.attempt(retry(rig.services(), project="p", run=failed.id, **options))  # type: ignore[arg-type]  # one of each
    rig.executor.release(at_work.id)
    await rig.recover()
    after = await rig.attempt(retry(rig.services(), project="p", run=at_work.id, **options))  # type: ignore[arg-type]  # as above

    if overlap == "parallel":
        assert isinstance(beside, Launched)
    else:
        assert isinstance(beside, ActiveRun)
        assert (beside.subject, beside.run) == ("trigger:t", at_work.id)
    assert isinstance(after, Launched)
    await rig.recover()
    await nothing_is_stuck(rig, project="p")


async def test_what_cannot_be_started_or_repeated_says_so(rig: Rig) -> None:
    await rig.create_project("p")
    active = (await start(rig)).run
    retried = {"options": RetryOptions(), "key": None, "by": "ada"}

    with pytest.raises(RunNotSettled, match="queued"):
        await retry(rig.services(), project="p", run=active.id, **retried)  # type: ignore[arg-type]  # one of each
    with pytest.raises(NotFound):
        await retry(rig.services(), project="p", run="nobody", **retried)  # type: ignore[arg-type]  # as above
    with pytest.raises(NotFound):
        await run_trigger(rig.services(), project="p", trigger="none", options=RunOptions(), key=None, by="ada")
    await rig.recover()
    current = RetryOptions(config=ConfigChoice.CURRENT)
    with pytest.raises(InvalidArgument, match="no trigger"):
        await retry(rig.services(), project="p", run=active.id, options=current, key=None, by="ada")


async def test_a_run_whose_agent_is_gone_fails_at_once_saying_so(rig: Rig) -> None:
    await rig.create_project("p")
    run = (await start(rig, subject="s")).run
    await rig.firestore.document("projects", "p", "agents", AGENT).delete()

    await rig.execute(delivery_of(run))

    stored = await rig.run(run)
    assert stored.error is not None
    assert (stored.status, stored.error.type, stored.attempts) == (RunStatus.FAILED, "agent_missing", ())
    assert await rig.locks() == []
