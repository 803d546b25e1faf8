"""Each reason for which a run cannot be resumed is told, and says what to do instead."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from app.rig import AGENT, Rig
from app.scripted_executor import ScriptedExecutor
from tock.app.execution.cancel import cancel
from tock.app.manage.agents import delete_agent, edit_agent
from tock.app.services import Services
from tock.app.start.launch import Launched
from tock.app.start.resume import ResumeOptions, resume
from tock.app.start.run_now import RunOptions, run_agent
from tock.core.errors import TockError
from tock.core.run.outcome import AgentOutcome, Failed, Succeeded, Workspace
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.executor import Ability, RunContext
from tock.ports.store import Change

pytestmark = pytest.mark.anyio
UNKEPT = Workspace("shop", "tock/r", None, warning="The workspace could not be kept: no disk.")
BROKE = Failed("broke", "It broke.", retryable=False)


@dataclass
class Talker(ScriptedExecutor):
    """Runs an agent that saves what it was told, unless it was told to fail."""

    able: frozenset[Ability] = frozenset(Ability)
    left: Workspace | None = None

    def abilities(self, _config: Mapping[str, Any]) -> frozenset[Ability]:
        return self.able

    async def execute(self, _config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
        if context.message == "fail":
            return BROKE
        said = [*(await context.load_session() or []), context.message]
        if context.message != "forget":
            await context.save_session(said)
        if self.left is not None:
            context.host.leave(self.left)
        return Succeeded(result=said)


def talker(rig: Rig, **values: Any) -> Talker:
    rig.executor = made = Talker(rig.clock, **values)
    return made


async def begun(rig: Rig, message: str = "Hello") -> Run:
    launched = await run_agent(
        rig.services(), project="p", agent=AGENT, options=RunOptions(message=message), key=None, by="ada"
    )
    return launched.run


async def ended(rig: Rig, message: str = "Hello") -> Run:
    run = await begun(rig, message)
    await rig.deliver()
    return await rig.run(run)


async def resumed(rig: Rig, run: Run, feedback: str = "", *, services: Services | None = None) -> Launched:
    options = ResumeOptions(feedback=feedback)
    return await resume(services or rig.services(), project="p", run=run.id, options=options, key=None, by="ada")


async def _active(rig: Rig) -> Run:
    return await begun(rig)


async def _agent_gone(rig: Rig) -> Run:
    run = await ended(rig)
    await delete_agent(rig.services(), project="p", agent=AGENT, by="ada")
    return run


async def _agent_disabled(rig: Rig) -> Run:
    run = await ended(rig)
    await edit_agent(rig.services(), project="p", agent=AGENT, changes={"enabled": False}, by="ada")
    return run


async def _unable(rig: Rig) -> Run:
    run = await ended(rig)
    talker(rig, able=frozenset())
    return run


async def _never_started(rig: Rig) -> Run:
    run = await begun(rig)
    await cancel(rig.services(), project="p", run=run.id, reason="enough", by="ada")
    return run


async def _saved_none(rig: Rig) -> Run:
    return await ended(rig, "forget")


async def _went_on(rig: Rig) -> Run:
    run = await ended(rig)
    await resumed(rig, run, "More")
    await rig.deliver()
    return run


async def _went_on_and_saved_nothing(rig: Rig) -> Run:
    run = await ended(rig)
    await resumed(rig, run, "fail")
    await rig.deliver()
    return run


async def _resumed_meanwhile(rig: Rig) -> Run:
    run = await ended(rig)
    await resumed(rig, run, "More")
    return run


async def _workspace_unkept(rig: Rig) -> Run:
    talker(rig, left=UNKEPT)
    return await ended(rig)


Prepare = Callable[[Rig], Awaitable[Run]]
#: For each reason the code of its error and a part of its sentence, which no other has.
REASONS: dict[Prepare, tuple[str, str]] = {
    _active: ("RunNotSettled", "resume needs a settled run. Wait for it, or cancel it first"),
    _agent_gone: ("FailedPrecondition", "there is no agent 'worker' any more: create it again, then resume the run"),
    _agent_disabled: ("FailedPrecondition", "the agent 'worker' is disabled: enable it, then resume the run"),
    _unable: ("AbilityMissing", "which cannot resume. The kinds that can: none in this deployment"),
    _never_started: ("FailedPrecondition", "it never started. Retry it instead"),
    _saved_none: ("FailedPrecondition", "saved no conversation, or it has expired: retry the run instead"),
    _went_on: ("FailedPrecondition", "it was resumed by run"),
    _went_on_and_saved_nothing: ("FailedPrecondition", "it was resumed by run"),
    _resumed_meanwhile: ("ActiveRun", "has an active run"),
    _workspace_unkept: ("FailedPrecondition", "nothing of its workspace was kept"),
}


@pytest.mark.parametrize("prepare", REASONS, ids=lambda prepare: prepare.__name__.strip("_"))
async def test_a_run_that_cannot_be_resumed_says_why(rig: Rig, prepare: Prepare) -> None:
    await rig.create_project("p")
    talker(rig)
    run = await prepare(rig)
    before = len(await rig.runs("p"))

    with pytest.raises(TockError) as refused:
        await resumed(rig, run)

    kind, sentence = REASONS[prepare]
    assert (type(refused.value).__name__, sentence in str(refused.value)) == (kind, True), str(refused.value)
    assert len(await rig.runs("p")) == before


async def test_the_conversation_of_another_kind_of_agent_cannot_be_resumed(rig: Rig) -> None:
    await rig.create_project("p")
    here = talker(rig)
    run = await ended(rig)
    services = replace(rig.services(), executors={"scripted": here, "other": Talker(rig.clock, kind="other")})
    await edit_agent(services, project="p", agent=AGENT, changes={"kind": "other"}, by="ada")

    with pytest.raises(TockError, match="its agent was of kind 'scripted' then and is of kind 'other' now"):
        await resumed(rig, run, services=services)


async def test_a_run_of_a_conversation_that_went_on_without_it_names_the_one_to_resume(rig: Rig) -> None:
    await rig.create_project("p")
    talker(rig)
    await rig.create_trigger("p", lasts=rig.timing.look_ahead, session="continue", schedule={"every": "30s"})
    first, second, *_ = await rig.runs("p")
    for run in (first, second):
        await rig.advance(run.due_at - rig.clock.present)
        await rig.deliver()

    with pytest.raises(TockError, match=f"its conversation went on in run {second.id}: resume that one"):
        await resumed(rig, first)


async def test_a_run_that_failed_before_it_saved_anything_can_be_resumed(rig: Rig) -> None:
    await rig.create_project("p")
    talker(rig)
    first = await ended(rig)
    for feedback in ("fail", "fail", "Now"):
        launched = await resumed(rig, first, feedback)
        await rig.advance(rig.timing.heartbeat)
        await rig.deliver()
        first = await rig.run(launched.run)

    assert (first.status, first.result) == (RunStatus.SUCCEEDED, ["Hello", "Now"])


async def test_clocks_that_differ_do_not_make_an_earlier_save_a_later_one(rig: Rig) -> None:
    await rig.create_project("p")
    talker(rig)
    first = await ended(rig)
    failed = (await resumed(rig, first, "fail")).run
    await rig.deliver()
    found = await rig.store.session("p", first.id)
    assert found is not None
    ahead = found.value.model_copy(update={"updated": rig.clock.present + rig.timing.heartbeat})
    await rig.store.commit([Change(found, ahead)])

    assert (await resumed(rig, failed, "Now")).created
