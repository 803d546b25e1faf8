"""Commands in the workspace of a settled run: runs of their own, one at a time in a workspace."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from app.rig import AGENT, Rig
from app.scripted_executor import Behaviour, ScriptedExecutor
from tock.app.execution.cancel import cancel
from tock.app.manage.agents import delete_agent, edit_agent
from tock.app.start.launch import Launched
from tock.app.start.resume import ResumeOptions, resume
from tock.app.start.retry import RetryOptions, retry
from tock.app.start.run_command import CommandOptions, run_command
from tock.app.start.run_now import RunOptions, run_agent
from tock.core.errors import ActiveRun, FailedPrecondition, InvalidArgument, TockError
from tock.core.run.follow_up import FollowUp
from tock.core.run.outcome import Failed, Succeeded, Workspace
from tock.core.run.run import Run
from tock.core.run.status import RunSource, RunStatus
from tock.ports.executor import Command, RunContext

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
LEFT = Workspace("shop", "tock/r", "2" * 40, "1" * 40, ref="refs/tock/runs/r")
UNKEPT = Workspace("shop", "tock/r", None, warning="The workspace could not be kept: no disk.")


@dataclass
class Shop(ScriptedExecutor):
    """Runs agents with workspaces, and the command `build` in them."""

    configs: list[Mapping[str, Any]] = field(default_factory=list)
    allowed: tuple[str, ...] = ("build",)

    def command_config(self, command: Command, *, project: str) -> Mapping[str, Any]:
        if command.command not in self.allowed:
            raise InvalidArgument(field="command", value=command.command, remedy=f"{project} may not")
        return {"command": command.command, "arguments": list(command.arguments), "repository": command.repository}

    async def execute(self, config: Mapping[str, Any], context: RunContext) -> Any:
        self.configs.append(config)
        return await super().execute(config, context)


@pytest.fixture
async def shop(rig: Rig) -> Shop:
    rig.executor = made = Shop(rig.clock)
    made.behaviour = lambda _: Behaviour(leaves=LEFT)
    await rig.create_project("p")
    return made


async def begun(rig: Rig) -> Run:
    launched = await run_agent(rig.services(), project="p", agent=AGENT, options=RunOptions(), key=None, by="ada")
    return launched.run


async def ended(rig: Rig) -> Run:
    run = await begun(rig)
    await rig.deliver()
    return await rig.run(run)


async def command(rig: Rig, run: Run, name: str = "build", *, key: str | None = None, **options: Any) -> Launched:
    wanted = CommandOptions(command=name, **options)
    return await run_command(rig.services(), project="p", run=run.id, options=wanted, key=key, by="ada")


async def test_a_command_is_a_run_of_its_own_in_the_workspace(rig: Rig, shop: Shop) -> None:
    source = await ended(rig)

    launched = await command(rig, source, arguments=("--all",), timeout="90s")
    await rig.deliver()

    run = await rig.run(launched.run)
    assert (run.status, run.source, run.timeout) == (RunStatus.SUCCEEDED, RunSource.EXEC, 90 * SECOND)
    assert run.follow_up == FollowUp(of=source.id, repository="shop", command="build", arguments=("--all",))
    assert (run.session, run.trigger, run.input.message) == (None, None, None)
    assert shop.configs[-1] == {"command": "build", "arguments": ["--all"], "repository": "shop"}
    assert (shop.contexts[-1].workspace_of, shop.contexts[0].workspace_of) == (source.id, None)


async def test_a_command_need_not_show_what_its_agent_must(rig: Rig, shop: Shop) -> None:
    source = await ended(rig)
    changes = {"evidence": {"events": ["pull_request"]}, "progress_every": 20 * SECOND}
    await edit_agent(rig.services(), project="p", agent=AGENT, changes=changes, by="ada")
    shop.behaviour = lambda _: Behaviour(until_released=True)
    run = (await command(rig, source)).run
    await rig.deliver()

    await rig.advance(60 * SECOND)
    shop.release(run.id)
    await rig.advance(SECOND)

    assert (await rig.run(run)).status is RunStatus.SUCCEEDED


async def test_a_failed_command_is_not_repeated(rig: Rig, shop: Shop) -> None:
    source = await ended(rig)
    shop.behaviour = lambda _: Behaviour(Failed("command_failed", "It failed.", retryable=True))

    run = (await command(rig, source)).run
    await rig.recover()

    assert ((await rig.run(run)).status, len(shop.of(run.id))) == (RunStatus.FAILED, 1)


async def test_one_command_at_a_time_works_in_a_workspace(rig: Rig, shop: Shop) -> None:
    source, other = await ended(rig), await ended(rig)
    shop.behaviour = lambda _: Behaviour(until_released=True)

    both = await asyncio.gather(command(rig, source), command(rig, source), return_exceptions=True)
    [first] = [each for each in both if isinstance(each, Launched)]
    assert [type(each) for each in both if not isinstance(each, Launched)] == [ActiveRun]
    await rig.deliver()
    with pytest.raises(ActiveRun, match=first.run.id):
        await command(rig, source)
    await command(rig, other)
    shop.release(first.run.id)
    await rig.quiet()

    assert (await command(rig, source)).created


async def test_a_command_after_a_command_works_in_the_same_workspace(rig: Rig, shop: Shop) -> None:  # noqa: ARG001
    source = await ended(rig)
    first = (await command(rig, source)).run
    await rig.deliver()

    second = (await command(rig, first)).run

    assert second.follow_up == first.follow_up
    assert second.subject == first.subject == f"workspace:{source.id}"


async def test_it_is_cancelled_like_any_run(rig: Rig, shop: Shop) -> None:
    source = await ended(rig)
    shop.behaviour = lambda _: Behaviour(until_released=True)
    run = (await command(rig, source)).run
    await rig.deliver()

    await cancel(rig.services(), project="p", run=run.id, reason="enough", by="ada")
    await rig.advance(rig.timing.heartbeat)

    assert (await rig.run(run)).status is RunStatus.CANCELLED
    assert await rig.locks("p") == []


async def test_the_same_key_gives_the_same_run(rig: Rig, shop: Shop) -> None:  # noqa: ARG001
    source = await ended(rig)

    first, again = await command(rig, source, key="k"), await command(rig, source, key="k")

    assert (first.run.id, first.created, again.created) == (again.run.id, True, False)


async def test_it_can_be_retried_and_not_resumed(rig: Rig, shop: Shop) -> None:
    source = await ended(rig)
    run = (await command(rig, source)).run
    await rig.deliver()

    again = await retry(rig.services(), project="p", run=run.id, options=RetryOptions(), key=None, by="ada")
    await rig.deliver()

    assert (again.run.follow_up, again.run.retry) == (run.follow_up, run.retry)
    assert (shop.contexts[-1].workspace_of, shop.configs[-1]["command"]) == (source.id, "build")
    with pytest.raises(FailedPrecondition, match=f"is a command in the workspace of run {source.id}: resume that one"):
        await resume(rig.services(), project="p", run=run.id, options=ResumeOptions(), key=None, by="ada")


async def test_a_command_that_the_deployment_no_longer_allows_fails_the_run_finally(rig: Rig, shop: Shop) -> None:
    source = await ended(rig)
    run = (await command(rig, source)).run
    shop.allowed = ()

    await rig.deliver()

    stored = await rig.run(run)
    assert stored.error is not None
    assert (stored.error.type, stored.error.message) == ("invalid_config", "command: p may not")
    assert len(shop.configs) == 1


async def _active(rig: Rig) -> Run:
    return await begun(rig)


async def _no_workspace(rig: Rig) -> Run:
    rig.executor.behaviour = lambda _: Behaviour(Succeeded("done"))
    return await ended(rig)


async def _unkept(rig: Rig) -> Run:
    rig.executor.behaviour = lambda _: Behaviour(leaves=UNKEPT)
    return await ended(rig)


async def _agent_gone(rig: Rig) -> Run:
    run = await ended(rig)
    await delete_agent(rig.services(), project="p", agent=AGENT, by="ada")
    return run


async def _agent_disabled(rig: Rig) -> Run:
    run = await ended(rig)
    await edit_agent(rig.services(), project="p", agent=AGENT, changes={"enabled": False}, by="ada")
    return run


async def _other_kind(rig: Rig) -> Run:
    run = await ended(rig)
    rig.executor = ScriptedExecutor(rig.clock)
    return run


#: For each reason the code of its error and a part of its sentence, which no other has.
REASONS: dict[Callable[[Rig], Awaitable[Run]], tuple[str, str]] = {
    _active: ("RunNotSettled", "exec needs a settled run. Wait for it, or cancel it first"),
    _no_workspace: ("FailedPrecondition", "has no workspace: only a run that worked in a repository has one"),
    _unkept: ("FailedPrecondition", "start a new run: The workspace could not be kept: no disk."),
    _agent_gone: ("FailedPrecondition", "there is no agent 'worker' any more: create it again, then exec the run"),
    _agent_disabled: ("FailedPrecondition", "the agent 'worker' is disabled: enable it, then exec the run"),
    _other_kind: ("AbilityMissing", "cannot run a command in a workspace. The kinds that can: none"),
}


@pytest.mark.parametrize("prepare", REASONS, ids=lambda prepare: prepare.__name__.strip("_"))
@pytest.mark.usefixtures("shop")
async def test_what_cannot_be_done_says_why(rig: Rig, prepare: Callable[[Rig], Awaitable[Run]]) -> None:
    run = await prepare(rig)

    with pytest.raises(TockError) as refused:
        await command(rig, run)

    kind, sentence = REASONS[prepare]
    assert (type(refused.value).__name__, sentence in str(refused.value)) == (kind, True), str(refused.value)
