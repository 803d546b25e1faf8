"""The verbs that are offered for a run are those that its use cases accept, in every situation of a run."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from app.rig import AGENT, Rig
from app.scripted_executor import ScriptedExecutor
from tock.app.execution.cancel import cancel
from tock.app.manage.agents import delete_agent, edit_agent
from tock.app.start.answer import answer
from tock.app.start.possible_verbs import Verb, possible_verbs
from tock.app.start.resume import ResumeOptions, resume
from tock.app.start.retry import RetryOptions, retry
from tock.app.start.run_command import CommandOptions, run_command
from tock.app.start.run_now import RunOptions, run_agent, run_trigger
from tock.app.start.send_signal import send_signal
from tock.core.errors import TockError
from tock.core.run.messages.signal import SignalKind
from tock.core.run.outcome import Failed, Succeeded, WaitFor, Waiting, Workspace
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.executor import Ability, Command, RunContext
from tock.ports.store import Change

pytestmark = pytest.mark.anyio
KEPT = Workspace("shop", "tock/r", "2" * 40, "1" * 40, ref="refs/tock/runs/r")
UNKEPT = Workspace("shop", "tock/r", None, warning="The workspace could not be kept: no disk.")
OUTCOMES = {
    "fail": Failed("broke", "It broke.", retryable=False),
    "fail once": Failed("broke", "It broke.", retryable=True),
    "approval": Waiting(WaitFor.APPROVAL, question="Publish it?"),
    "input": Waiting(WaitFor.INPUT, question="How many?"),
    "callback": Waiting(WaitFor.CALLBACK),
}


@dataclass
class Obedient(ScriptedExecutor):
    """Runs an agent that does what its message says, and commands in its workspace."""

    able: frozenset[Ability] = frozenset(Ability)

    def abilities(self, _config: Mapping[str, Any]) -> frozenset[Ability]:
        return self.able

    def command_config(self, command: Command, *, project: str) -> Mapping[str, Any]:
        return {"command": command.command, "project": project}

    async def execute(self, _config: Mapping[str, Any], context: RunContext) -> Any:
        said = context.message or ""
        if said == "work":
            await self.clock.sleep(timedelta(minutes=2))
        if said in {"kept", "unkept"}:
            context.host.leave(KEPT if said == "kept" else UNKEPT)
        if said != "forget":
            await context.save_session([said])
        context.emit("progress", {})
        return OUTCOMES.get(said, Succeeded(result="done"))


async def begun(rig: Rig, project: str, message: str) -> Run:
    options = RunOptions(message=message)
    launched = await run_agent(rig.services(), project=project, agent=AGENT, options=options, key=None, by="ada")
    return launched.run


async def delivered(rig: Rig, project: str, message: str) -> Run:
    run = await begun(rig, project, message)
    await rig.deliver()
    return await rig.run(run)


Situation = Callable[[Rig, str], Awaitable[Run]]


def after(message: str) -> Situation:
    async def situation(rig: Rig, project: str) -> Run:
        return await delivered(rig, project, message)

    return situation


async def queued(rig: Rig, project: str) -> Run:
    return await begun(rig, project, "say")


async def asked_to_stop(rig: Rig, project: str) -> Run:
    run = await delivered(rig, project, "work")
    await cancel(rig.services(), project=project, run=run.id, reason="enough", by="ada")
    return run


async def cancelled_before_it_began(rig: Rig, project: str) -> Run:
    run = await begun(rig, project, "say")
    await cancel(rig.services(), project=project, run=run.id, reason="enough", by="ada")
    return run


async def missed(rig: Rig, project: str) -> Run:
    run = await delivered(rig, project, "say")
    found = await rig.store.run(project, run.id)
    assert found is not None
    await rig.store.commit([Change(before=found, after=found.value.model_copy(update={"status": RunStatus.MISSED}))])
    return run


async def of_an_agent_that_is_gone(rig: Rig, project: str) -> Run:
    run = await delivered(rig, project, "kept")
    await delete_agent(rig.services(), project=project, agent=AGENT, by="ada")
    return run


async def of_a_disabled_agent(rig: Rig, project: str) -> Run:
    run = await delivered(rig, project, "kept")
    await edit_agent(rig.services(), project=project, agent=AGENT, changes={"enabled": False}, by="ada")
    return run


async def repeated_by_an_active_run(rig: Rig, project: str) -> Run:
    run = await delivered(rig, project, "kept")
    await _done(Verb.RETRY, rig, run)
    return run


async def repeated_by_a_settled_run(rig: Rig, project: str) -> Run:
    run = await repeated_by_an_active_run(rig, project)
    await rig.deliver()
    return run


async def resumed_by_an_active_run(rig: Rig, project: str) -> Run:
    run = await delivered(rig, project, "kept")
    await _done(Verb.RESUME, rig, run)
    return run


async def resumed_by_a_settled_run(rig: Rig, project: str) -> Run:
    run = await resumed_by_an_active_run(rig, project)
    await rig.deliver()
    return run


async def whose_workspace_is_at_work(rig: Rig, project: str) -> Run:
    run = await delivered(rig, project, "kept")
    await _done(Verb.EXEC, rig, run)
    return run


async def a_command_in_a_workspace(rig: Rig, project: str) -> Run:
    await whose_workspace_is_at_work(rig, project)
    await rig.deliver()
    return next(run for run in await rig.runs(project) if run.follow_up is not None)


async def of_a_trigger_at_work(rig: Rig, project: str) -> Run:
    await rig.create_trigger(project, lasts=timedelta(hours=1), overlap="skip", schedule={"every": "30m"})
    launched = await run_trigger(
        rig.services(), project=project, trigger="t", options=RunOptions(message="say"), key=None, by="ada"
    )
    await rig.deliver()
    await run_trigger(
        rig.services(), project=project, trigger="t", options=RunOptions(message="work"), key=None, by="ada"
    )
    return launched.run


SITUATIONS: dict[str, Situation] = {
    "queued": queued,
    "queued for its retry": after("fail once"),
    "running": after("work"),
    "asked to stop": asked_to_stop,
    "waits for an approval": after("approval"),
    "waits for an answer": after("input"),
    "waits for a callback": after("callback"),
    "succeeded": after("say"),
    "without a conversation": after("forget"),
    "failed": after("fail"),
    "with a workspace": after("kept"),
    "with a workspace that was not kept": after("unkept"),
    **{
        each.__name__.replace("_", " "): each
        for each in (
            *(cancelled_before_it_began, missed, of_an_agent_that_is_gone, of_a_disabled_agent),
            *(repeated_by_an_active_run, repeated_by_a_settled_run, resumed_by_an_active_run),
            *(resumed_by_a_settled_run, whose_workspace_is_at_work, a_command_in_a_workspace, of_a_trigger_at_work),
        )
    },
}


#: The others are looked at by the slow tests.
_QUICK = {"running", "waits for an answer", "succeeded", "with a workspace", "resumed by an active run"}
_ALL = [pytest.param(name, marks=() if name in _QUICK else pytest.mark.slow) for name in SITUATIONS]


@pytest.mark.parametrize("name", _ALL)
async def test_a_verb_is_offered_if_and_only_if_its_use_case_accepts_it(rig: Rig, name: str) -> None:
    await _compare(rig, SITUATIONS[name], able=frozenset(Ability))


@pytest.mark.parametrize("name", ["running", "waits for an approval", "with a workspace"])
async def test_what_agents_of_a_kind_cannot_do_is_not_offered(rig: Rig, name: str) -> None:
    await _compare(rig, SITUATIONS[name], able=frozenset())


async def _compare(rig: Rig, situation: Situation, *, able: frozenset[Ability]) -> None:
    """Compare what is offered with what is accepted; an accepted verb changes the run, so each has a run of its own."""
    run = await _prepared(rig, situation, project="p", able=able)
    offered = await possible_verbs(rig.services(), run)
    # A second request to stop a run changes nothing, so there is no button for it.
    changes_nothing = {Verb.CANCEL} if run.cancel_requested is not None else set()

    wrongly_refused = [verb for verb in set(Verb) - offered - changes_nothing if await _is_accepted(verb, rig, run)]
    wrongly_offered = [
        verb
        for verb in offered
        if not await _is_accepted(verb, rig, await _prepared(rig, situation, project=f"p-{verb}", able=able))
    ]

    assert (wrongly_offered, wrongly_refused) == ([], [])


async def _prepared(rig: Rig, situation: Situation, *, project: str, able: frozenset[Ability]) -> Run:
    rig.executor = obedient = Obedient(rig.clock)
    run = await rig.run(await situation(rig, await rig.create_project(project)))
    obedient.able = able
    return run


async def _is_accepted(verb: Verb, rig: Rig, run: Run) -> bool:
    try:
        await _done(verb, rig, run)
    except TockError:
        return False
    return True


async def _done(verb: Verb, rig: Rig, run: Run) -> None:
    services, this = rig.services(), {"project": run.project, "run": run.id}
    match verb:
        case Verb.CANCEL:
            await cancel(services, **this, reason="enough", by="ada")
        case Verb.STEER:
            await send_signal(services, **this, kind=SignalKind.STEER, message="Stop", key=None, by="ada")
        case Verb.DECIDE:
            await answer(services, run=run.id, project=run.project, wait_for=WaitFor.APPROVAL, approved=True, by="ada")
        case Verb.ANSWER:
            await answer(services, run=run.id, project=run.project, wait_for=WaitFor.INPUT, value=3, by="ada")
        case Verb.RETRY:
            await retry(services, **this, options=RetryOptions(), key=None, by="ada")
        case Verb.RESUME:
            await resume(services, **this, options=ResumeOptions(), key=None, by="ada")
        case Verb.EXEC:
            await run_command(services, **this, options=CommandOptions(command="build"), key=None, by="ada")
