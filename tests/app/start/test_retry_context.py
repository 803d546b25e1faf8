"""A retry has what its source had: input, ref, model, conversation and start; or it says what it has not."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from app.rig import AGENT, Rig
from app.scripted_executor import Behaviour, ScriptedExecutor
from app.single_trigger import edit
from tock.app.manage.agents import delete_agent
from tock.app.start.launch import Launched
from tock.app.start.resume import ResumeOptions, resume
from tock.app.start.retry import ConfigChoice, RetryOptions, retry
from tock.app.start.run_now import RunOptions, run_agent
from tock.core.errors import ActiveRun, FailedPrecondition
from tock.core.run.outcome import AgentOutcome, Failed, Succeeded, Workspace
from tock.core.run.run import Run
from tock.core.run.status import RunSource, RunStatus
from tock.ports.executor import Ability, RunContext
from tock.ports.store import Delete

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("talker")]
SECOND = timedelta(seconds=1)
START = "1" * 40
LEFT = Workspace("shop", "tock/r", "2" * 40, START, ref="refs/tock/runs/r")
INPUT = RunOptions(message="Hello", payload={"shop": 1}, model="small", ref="main")


class Talker(ScriptedExecutor):
    """Runs an agent that saves what it was told, then does as its behaviour says."""

    saves: bool = True
    able: frozenset[Ability] = frozenset(Ability)

    def abilities(self, _config: Mapping[str, Any]) -> frozenset[Ability]:
        return self.able

    async def execute(self, config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
        said = [*(await context.load_session() or []), context.message]
        if self.saves:
            await context.save_session(said)
        outcome: AgentOutcome = await super().execute(config, context)
        return outcome if isinstance(outcome, Failed) else Succeeded(result=said)


@pytest.fixture
def talker(rig: Rig) -> Talker:
    rig.executor = made = Talker(rig.clock)
    made.behaviour = lambda _: Behaviour(leaves=LEFT)
    return made


async def begun(rig: Rig, options: RunOptions = INPUT) -> Run:
    await rig.create_project("p")
    launched = await run_agent(rig.services(), project="p", agent=AGENT, options=options, key=None, by="ada")
    return await done(rig, launched)


async def done(rig: Rig, launched: Launched) -> Run:
    await rig.advance(SECOND)
    await rig.deliver()
    return await rig.run(launched.run)


async def resumed(rig: Rig, run: Run, feedback: str) -> Run:
    options = ResumeOptions(feedback=feedback)
    return await done(rig, await resume(rig.services(), project="p", run=run.id, options=options, key=None, by="ada"))


async def retried(rig: Rig, run: Run, **options: Any) -> Launched:
    return await retry(rig.services(), project="p", run=run.id, options=RetryOptions(**options), key=None, by="ada")


async def test_it_restores_the_input_and_a_conversation_of_its_own(rig: Rig) -> None:
    first = await begun(rig)

    again = await done(rig, await retried(rig, first))

    assert (again.source, again.retry_of, again.input) == (RunSource.RETRY, first.id, first.input)
    assert (again.input.model, again.input.ref, again.warnings) == ("small", "main", ())
    assert (again.session, again.result) == (again.id, ["Hello"])


async def test_it_begins_with_the_commit_that_its_source_began_with(rig: Rig, talker: Talker) -> None:
    first = await begun(rig)
    talker.behaviour = lambda _: Behaviour()

    again = await done(rig, await retried(rig, first))
    last = await done(rig, await retried(rig, again))

    assert [context.start_commit for context in talker.contexts] == [None, START, START]
    assert (again.start_commit, last.start_commit, last.warnings) == (START, START, ())


async def test_an_unknown_start_is_a_warning_where_there_are_workspaces(rig: Rig, talker: Talker) -> None:
    talker.behaviour = lambda _: Behaviour()
    first = await begun(rig)

    with_workspaces = (await retried(rig, first)).run
    await rig.deliver()
    talker.able = frozenset({Ability.RESUME, Ability.REF})
    without = (await retried(rig, first)).run

    text = f"It is not known at which commit run {first.id} began: this run begins at its ref's head."
    assert (with_workspaces.warnings, without.warnings) == ((text,), ())


async def test_it_goes_on_with_the_conversation_of_a_resumed_run_as_that_one_found_it(rig: Rig, talker: Talker) -> None:
    first = await begun(rig)
    talker.saves = False
    second = await resumed(rig, first, "Shorter")
    talker.saves = True

    again = await done(rig, await retried(rig, second, model="large"))

    assert (again.session, again.resumed_from, again.retry_of) == (first.id, first.id, second.id)
    assert (again.result, again.warnings, again.input.model) == (["Hello", "Shorter"], (), "large")
    assert (await rig.run(second)).retried_by == (again.id,)
    assert (await rig.run(first)).resumed_by == second.id


async def test_a_conversation_that_went_on_is_a_warning(rig: Rig) -> None:
    first = await begun(rig)
    second = await resumed(rig, first, "Shorter")
    third = await resumed(rig, second, "Longer")

    again = await done(rig, await retried(rig, second))

    assert again.result == ["Hello", "Shorter", "Longer", "Shorter"]
    assert again.warnings == (
        f"The conversation went on since run {second.id} began, last in run {third.id}: this run goes on from there.",
    )


async def test_a_conversation_that_has_expired_is_a_refusal(rig: Rig) -> None:
    first = await begun(rig)
    second = await resumed(rig, first, "Shorter")
    found = await rig.store.session("p", first.id)
    assert found is not None
    await rig.store.commit([Delete(found.value)])

    with pytest.raises(FailedPrecondition, match="the conversation that it went on with has expired: start a new run"):
        await retried(rig, second)


async def test_one_run_at_a_time_goes_on_with_the_conversation(rig: Rig) -> None:
    first = await begun(rig)
    second = await resumed(rig, first, "Shorter")
    beside = await resume(
        rig.services(), project="p", run=second.id, options=ResumeOptions(feedback="Longer"), key=None, by="ada"
    )

    with pytest.raises(ActiveRun, match=beside.run.id):
        await retried(rig, second)


async def test_a_scheduled_run_is_retried_in_its_trigger_s_conversation(rig: Rig, talker: Talker) -> None:
    await rig.create_project("p")
    spec = {"session": "continue", "schedule": {"every": "20s"}, "retry": {"max_retries": 0}}
    await rig.create_trigger("p", lasts=45 * SECOND, input={"message": "Day {{scheduled_for}}"}, **spec)
    first, second = await rig.runs("p")
    await rig.advance(first.due_at - rig.clock.present)
    await rig.deliver()
    talker.saves, talker.behaviour = False, lambda _: Behaviour(Failed("broke", "It broke.", retryable=False))
    await rig.advance(second.due_at - rig.clock.present)
    await rig.deliver()
    talker.saves, talker.behaviour = True, lambda _: Behaviour(leaves=LEFT)

    again = await done(rig, await retried(rig, second))

    assert (await rig.run(second)).status is RunStatus.FAILED
    assert again.session == (await rig.run(first)).session
    assert again.result == [(await rig.run(first)).input.message, second.input.message]


async def test_the_current_configuration_has_its_own_conversation_and_says_so(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=15 * SECOND, overlap="parallel", input={"message": "Old"})
    [first] = await rig.runs("p")
    await rig.advance(first.due_at - rig.clock.present)
    await rig.deliver()
    second = await resumed(rig, await rig.run(first), "Shorter")
    await edit(rig, input={"message": "New"}, end=rig.clock.present + 3600 * SECOND, enabled=True)

    again = await done(rig, await retried(rig, second, config=ConfigChoice.CURRENT))

    assert (again.result, again.session, again.start_commit) == (["New"], again.id, None)
    assert again.subject == "trigger:t"
    assert again.warnings == (
        f"The conversation of run {second.id} is no part of that configuration: this run begins its own.",
    )


async def test_a_run_whose_agent_is_gone_says_what_to_create(rig: Rig) -> None:
    first = await begun(rig)
    await delete_agent(rig.services(), project="p", agent=AGENT, by="ada")

    with pytest.raises(FailedPrecondition, match="there is no agent 'worker' any more: create it again, then retry"):
        await retried(rig, first)
