"""Evidence: what a run must show to succeed, by agent or trigger."""

from dataclasses import replace
from typing import Any

import pytest

from app.execution.attempt.asked_evidence import ALL, GOOD, SECOND, STARS, a_run, error_of
from app.rig import AGENT, Rig
from app.scripted_executor import Behaviour
from app.single_trigger import one_due_run
from tock.app.manage.agents import edit_agent
from tock.app.start.run_now import RunOptions, run_agent, run_trigger
from tock.core.agent.evidence import Evidence
from tock.core.fields.types import STORED
from tock.core.mask import Mask
from tock.core.run.outcome import Succeeded, Usage, Workspace
from tock.core.run.run import Run, RunUsage, RunWorkspace
from tock.core.run.status import RunStatus
from tock.ports.store import Change

pytestmark = pytest.mark.anyio


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


async def test_a_secret_in_a_result_that_does_not_fit_is_masked(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(Succeeded({"stars": "hunter2-hunter2"}))
    run = await a_run(rig, by="trigger", evidence={"output_schema": STARS})

    await rig.deliver(replace(rig.services(), mask=Mask(["hunter2-hunter2"])))

    stored = await rig.run(run)
    assert stored.error is not None
    assert "$.stars: '***' is not of type 'integer'" in stored.error.message


async def test_a_run_of_an_agent_alone_must_show_what_the_agent_asks_for(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(Succeeded("done"))
    await rig.create_project("p")
    await edit_agent(rig.services(), project="p", agent=AGENT, changes={"evidence": {"min_tokens": 1}}, by="ada")
    launched = await run_agent(rig.services(), project="p", agent=AGENT, options=RunOptions(), key=None, by="ada")

    await rig.deliver()

    assert error_of(await rig.run(launched.run)) == (RunStatus.FAILED, "no_evidence", False)
