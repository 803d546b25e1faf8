"""Evidence: what a run must show to succeed, by agent or trigger; and progress, every so often."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from app.rig import AGENT, Rig
from app.scripted_executor import Behaviour
from app.single_trigger import one_due_run
from tock.app.manage.agents import edit_agent
from tock.app.start.answer import answer
from tock.app.start.retry import ConfigChoice, RetryOptions, retry
from tock.app.start.run_now import RunOptions, run_agent, run_trigger
from tock.core.agent.evidence import Evidence
from tock.core.errors import StoreUnavailable
from tock.core.fields.types import STORED
from tock.core.mask import Mask
from tock.core.run.outcome import Continue, Failed, Succeeded, Usage, WaitFor, Waiting, Workspace
from tock.core.run.run import Run, RunUsage, RunWorkspace
from tock.core.run.status import AttemptStatus, RunStatus
from tock.ports.executor import RunContext
from tock.ports.store import Change, Store

pytestmark = pytest.mark.anyio
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
STARS = {"type": "object", "properties": {"stars": {"type": "integer"}}, "required": ["stars"]}
ALL = {"output_schema": STARS, "events": ["read", "pull_request"], "min_tokens": 10}
GOOD = Behaviour(
    Succeeded({"stars": 5}, usage=Usage(input_tokens=4)),
    emits=[("read", None), ("pull_request", {"number": 7}), ("read", None)],
    uses=[Usage(3, 3)],
)


async def a_run(rig: Rig, *, by: str, evidence: Any, **spec: Any) -> Run:
    """Return a due run whose trigger, or agent, asks for this evidence."""
    if by == "trigger":
        return await one_due_run(rig, **{"retry": {"max_retries": 0}, "evidence": evidence} | spec)
    run = await one_due_run(rig, **{"retry": {"max_retries": 0}} | spec)
    await edit_agent(rig.services(), project="p", agent=AGENT, changes={"evidence": evidence}, by="ada")
    return run


def error_of(run: Run) -> tuple[RunStatus, str, bool]:
    assert run.error is not None
    return run.status, run.error.type, run.error.retryable


@pytest.mark.parametrize("by", ["agent", "trigger"])
async def test_a_run_that_shows_everything_succeeds(rig: Rig, by: str) -> None:
    rig.executor.behaviour = lambda _: GOOD
    run = await a_run(rig, by=by, evidence=ALL)

    await rig.recover()

    assert (await rig.run(run)).status is RunStatus.SUCCEEDED


MISSING: dict[str, tuple[Behaviour, str]] = {
    "a result": (
        replace(GOOD, outcome=Succeeded({"stars": "five"}, usage=Usage(4))),
        "a result that fits its schema ($.stars: 'five' is not of type 'integer')",
    ),
    "an event": (replace(GOOD, emits=[("read", None), ("run.pull_request", 7)]), "events of kind pull_request"),
    "usage": (replace(GOOD, uses=[Usage(3, 2)]), "usage of 10 tokens (it used 9)"),
    "everything": (
        Behaviour(Succeeded("done")),
        (
            "a result that fits its schema ($: 'done' is not of type 'object'); "
            "events of kind read, pull_request; usage of 10 tokens (it used 0)"
        ),
    ),
}


@pytest.mark.parametrize("by", ["agent", "trigger"])
@pytest.mark.parametrize("case", MISSING)
async def test_a_success_without_it_is_a_final_failure_that_names_what_is_missing(rig: Rig, case: str, by: str) -> None:
    behaviour, missing = MISSING[case]
    rig.executor.behaviour = lambda _: behaviour
    run = await a_run(rig, by=by, evidence=ALL, retry={"max_retries": 3, "delay": "5s"})

    await rig.recover()

    stored = await rig.run(run)
    assert error_of(stored) == (RunStatus.FAILED, "no_evidence", False)
    assert stored.error is not None
    assert stored.error.message == f"The agent ended without what it must show: {missing}."
    assert (len(stored.attempts), stored.result) == (1, None)


async def test_a_stored_schema_that_is_no_longer_accepted_fails_the_run_and_loses_it_not(rig: Rig) -> None:
    run = await one_due_run(rig, retry={"max_retries": 0})
    store = rig.services().store
    found = await store.run("p", run.id)
    assert found is not None
    asked = Evidence.model_validate({"output_schema": {"patternProperties": {}}}, context=STORED)
    await store.commit([Change(before=found, after=found.value.model_copy(update={"evidence": asked}))])

    await rig.recover()

    stored = await rig.run(run)
    assert error_of(stored) == (RunStatus.FAILED, "no_evidence", False)
    assert stored.error is not None
    assert "its schema cannot be applied: leave patternProperties out" in stored.error.message


async def test_a_trigger_asks_instead_of_the_agent_and_may_ask_for_nothing(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(Succeeded("done"), emits=[("read", None)])
    run = await one_due_run(rig, evidence={"events": ["read"]})
    nothing = await run_with(rig, evidence={})
    await edit_agent(rig.services(), project="p", agent=AGENT, changes={"evidence": {"events": ["never"]}}, by="ada")

    await rig.recover()

    assert [(await rig.run(each)).status for each in (run, nothing)] == [RunStatus.SUCCEEDED] * 2


async def run_with(rig: Rig, **spec: Any) -> Run:
    await rig.create_trigger("p", "other", lasts=15 * SECOND, **spec)
    launched = await run_trigger(rig.services(), project="p", trigger="other", options=RunOptions(), key=None, by="ada")
    return launched.run


async def test_what_was_consumed_and_left_is_kept_with_the_failure(rig: Rig) -> None:
    left = Workspace(repository="r", branch="b", commit=None, changed=2)
    rig.executor.behaviour = lambda _: Behaviour(Succeeded("done", usage=Usage(5)), leaves=left)
    run = await a_run(rig, by="trigger", evidence={"events": ["pull_request"]})

    await rig.recover()

    stored = await rig.run(run)
    assert error_of(stored)[1] == "no_evidence"
    assert stored.usage == RunUsage(input_tokens=5, unpriced_tokens=5)
    assert stored.workspace is not None
    assert isinstance(stored.workspace, RunWorkspace)
    assert stored.workspace.changed == 2


async def test_no_sign_of_work_at_all_is_no_progress_whatever_is_asked_for(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(Succeeded(None))
    run = await a_run(rig, by="agent", evidence=ALL)

    await rig.recover()

    assert error_of(await rig.run(run)) == (RunStatus.FAILED, "no_progress", False)


LEFT = Workspace(repository="r", branch="b", commit=None, changed=1)
WORKED = {
    "an event": Behaviour(Continue(), emits=[("read", 1)]),
    "usage": Behaviour(Continue(), uses=[Usage(1)]),
    "files": Behaviour(Continue(), leaves=LEFT),
    "a failed attempt": Behaviour(Failed(type="busy", message="later", retryable=True), emits=[("read", 1)]),
}


@pytest.mark.parametrize("case", WORKED)
async def test_work_of_an_earlier_attempt_or_leg_is_a_sign_too(rig: Rig, case: str) -> None:
    rig.executor.behaviour = lambda context: WORKED[case] if context.attempt == 1 else Behaviour(Succeeded(None))
    run = await one_due_run(rig, retry={"max_retries": 1, "delay": "5s"})

    await rig.recover()

    assert (await rig.run(run)).status is RunStatus.SUCCEEDED


async def test_what_an_earlier_leg_printed_is_no_sign(rig: Rig) -> None:
    def behaviour(context: RunContext) -> Behaviour:
        context.host.log("still here", level="info")
        return Behaviour(Continue() if context.attempt == 1 else Succeeded(None))

    rig.executor.behaviour = behaviour
    run = await one_due_run(rig)

    await rig.recover()

    assert error_of(await rig.run(run)) == (RunStatus.FAILED, "no_progress", False)


async def test_earlier_attempts_and_legs_of_the_run_count(rig: Rig) -> None:
    def behaviour(context: RunContext) -> Behaviour:
        legs: Sequence[Behaviour] = (
            Behaviour(
                Failed(type="busy", message="later", retryable=True), emits=[("read", 1)], uses=[Usage(9, model="m")]
            ),
            Behaviour(Continue(), emits=[("pull_request", 7)] + [("step", number) for number in range(1200)]),
            Behaviour(Succeeded({"stars": 1}, usage=Usage(1))),
        )
        return legs[context.attempt - 1]

    rig.executor.behaviour = behaviour
    run = await a_run(rig, by="trigger", evidence=ALL, retry={"max_retries": 1, "delay": "5s"})

    await rig.recover()

    assert (await rig.run(run)).status is RunStatus.SUCCEEDED


async def test_a_callback_must_show_it_too(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: Behaviour(
        Waiting(WaitFor.CALLBACK) if context.answer is None else Succeeded(context.answer.value)
    )
    run = await a_run(rig, by="trigger", evidence={"output_schema": STARS})
    await rig.deliver()

    await answer(rig.services(), project="p", run=run.id, wait_for=WaitFor.CALLBACK, value={"stars": None}, by="x")
    await rig.recover()

    assert error_of(await rig.run(run)) == (RunStatus.FAILED, "no_evidence", False)


class SilentOnce:
    """A store that does not answer the first time that it is asked for events."""

    def __init__(self, store: Store) -> None:
        self.asked = 0
        self._store = store

    async def events(self, *args: Any, **given: Any) -> Any:
        self.asked += 1
        if self.asked == 1:
            raise StoreUnavailable("no answer")
        return await self._store.events(*args, **given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


async def test_an_unreachable_store_is_asked_again_for_the_events_before(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: Behaviour(
        Continue() if context.attempt == 1 else Succeeded("done"), emits=[("read", 1)] if context.attempt == 1 else 0
    )
    run = await a_run(rig, by="trigger", evidence={"events": ["read"]})
    await rig.deliver()
    silent = SilentOnce(rig.services().store)
    services = replace(rig.services(), store=cast("Store", silent))
    await rig.tick()
    await rig.deliver(services)
    await rig.advance(5 * SECOND)

    assert silent.asked == 2
    assert (await rig.run(run)).status is RunStatus.SUCCEEDED


async def test_a_secret_in_a_result_that_does_not_fit_is_masked(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(Succeeded({"stars": "hunter2-hunter2"}))
    run = await a_run(rig, by="trigger", evidence={"output_schema": STARS})

    await rig.deliver(replace(rig.services(), mask=Mask(["hunter2-hunter2"])))

    stored = await rig.run(run)
    assert stored.error is not None
    assert "$.stars: '***' is not of type 'integer'" in stored.error.message


@pytest.mark.parametrize("config", ConfigChoice)
async def test_a_retry_asks_for_what_its_run_was_asked_or_for_what_the_trigger_asks_now(
    rig: Rig, config: ConfigChoice
) -> None:
    rig.executor.behaviour = lambda _: Behaviour(Succeeded("done"), emits=[("read", None)])
    run = await a_run(rig, by="trigger", evidence={"events": ["pull_request"]}, progress_every="2m")
    await rig.recover()

    again = await retry(
        rig.services(), project="p", run=run.id, options=RetryOptions(config=config), key=None, by="ada"
    )

    source = await rig.run(run)
    assert (again.run.evidence, again.run.progress_every) == (source.evidence, 2 * MINUTE)
    assert source.evidence is not None


@pytest.mark.parametrize("by", ["agent", "trigger"])
async def test_an_attempt_without_progress_is_stopped_and_tried_again_like_one_that_timed_out(
    rig: Rig, by: str
) -> None:
    rig.executor.behaviour = lambda context: Behaviour(until_released=context.attempt == 1)
    spec = {"progress_every": "20s"} if by == "trigger" else {}
    run = await one_due_run(rig, retry={"max_retries": 1, "delay": "5s"}, timeout="5m", **spec)
    if by == "agent":
        changes = {"progress_every": timedelta(seconds=20)}
        await edit_agent(rig.services(), project="p", agent=AGENT, changes=changes, by="ada")

    await rig.deliver()
    await rig.advance(19 * SECOND)
    assert (await rig.run(run)).status is RunStatus.RUNNING
    await rig.advance(2 * SECOND)

    stored = await rig.run(run)
    [attempt] = stored.attempts
    assert attempt.error is not None
    assert (attempt.status, attempt.error.type, attempt.error.retryable) == (AttemptStatus.FAILED, "no_progress", True)
    assert "no progress for 0:00:20" in attempt.error.message
    assert rig.executor.started[0].stopped
    assert rig.executor.at_work == []
    await rig.recover()
    assert (await rig.run(run)).status is RunStatus.SUCCEEDED


SIGNS = {
    "an event": lambda context: context.emit("step", 1),
    "usage": lambda context: context.usage(input_tokens=1),
    "a line of output": lambda context: context.host.log("still here", level="info"),
}


@pytest.mark.parametrize("sign", SIGNS)
async def test_every_sign_of_progress_begins_the_time_anew(rig: Rig, sign: str) -> None:
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    run = await one_due_run(rig, progress_every="20s", retry={"max_retries": 0})
    await rig.deliver()

    for _ in range(4):
        await rig.advance(15 * SECOND)
        SIGNS[sign](rig.executor.contexts[-1])
    working = (await rig.run(run)).status
    await rig.advance(21 * SECOND)

    assert working is RunStatus.RUNNING
    assert error_of(await rig.run(run)) == (RunStatus.FAILED, "no_progress", True)


async def test_a_checkpoint_is_progress(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    run = await one_due_run(rig, progress_every="20s")
    await rig.deliver()

    await rig.advance(15 * SECOND)
    await rig.executor.contexts[-1].checkpoint({"step": 1})
    await rig.advance(15 * SECOND)

    assert (await rig.run(run)).status is RunStatus.RUNNING


async def test_a_waiting_run_shows_no_progress_and_need_not(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(Waiting(WaitFor.CALLBACK))
    run = await one_due_run(rig, progress_every="20s")
    await rig.deliver()

    await rig.advance(10 * MINUTE)
    await rig.tick()

    assert (await rig.run(run)).status is RunStatus.WAITING


async def test_progress_that_is_asked_for_costs_no_write(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(Succeeded("done"))
    await one_due_run(rig, progress_every="20s", evidence={"output_schema": {"type": "string"}})
    process = rig.process()

    await rig.deliver(rig.services(process))

    assert process.writes == {"change Run": 2}
    assert dict(process.reads) == {"run": 1, "agent": 1}


async def test_a_run_of_an_agent_alone_must_show_what_the_agent_asks_for(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(Succeeded("done"))
    await rig.create_project("p")
    await edit_agent(rig.services(), project="p", agent=AGENT, changes={"evidence": {"min_tokens": 1}}, by="ada")
    launched = await run_agent(rig.services(), project="p", agent=AGENT, options=RunOptions(), key=None, by="ada")

    await rig.deliver()

    assert error_of(await rig.run(launched.run)) == (RunStatus.FAILED, "no_evidence", False)
