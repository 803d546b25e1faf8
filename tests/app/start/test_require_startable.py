"""Before a run is created: its agent is enabled, and has versions if the run asks for one."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from app.rig import AGENT, Rig
from app.scripted_executor import ScriptedExecutor
from app.single_trigger import SECOND
from tock.app.manage.agents import edit_agent
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.app.services import Services
from tock.app.start.resume import ResumeOptions, resume
from tock.app.start.retry import RetryOptions, retry
from tock.app.start.run_now import RunOptions, run_agent, run_trigger
from tock.core.errors import FailedPrecondition
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.executor import Ability

pytestmark = pytest.mark.anyio
Request = Callable[[Services, Run], Awaitable[Any]]


class Versionless(ScriptedExecutor):
    """Runs agents that have no versions."""

    def abilities(self, _config: Mapping[str, Any]) -> frozenset[Ability]:
        return frozenset(Ability) - {Ability.REF}


async def _run_agent(services: Services, _run: Run) -> None:
    await run_agent(services, project="p", agent=AGENT, options=RunOptions(), key=None, by="ada")


async def _run_trigger(services: Services, _run: Run) -> None:
    await run_trigger(services, project="p", trigger="t", options=RunOptions(), key=None, by="ada")


async def _retry(services: Services, run: Run) -> None:
    await retry(services, project="p", run=run.id, options=RetryOptions(), key=None, by="ada")


async def _resume(services: Services, run: Run) -> None:
    await resume(services, project="p", run=run.id, options=ResumeOptions(), key=None, by="ada")


async def ended(rig: Rig) -> Run:
    """Return a settled run of the agent; its trigger `t` is disabled."""
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=15 * SECOND, enabled=False)
    launched = await run_agent(rig.services(), project="p", agent=AGENT, options=RunOptions(), key=None, by="ada")
    await rig.deliver()
    return await rig.run(launched.run)


@pytest.mark.parametrize("request_run", [_run_agent, _run_trigger, _retry, _resume])
async def test_a_disabled_agent_is_told_before_a_run_is_created(rig: Rig, request_run: Request) -> None:
    run = await ended(rig)
    await edit_agent(rig.services(), project="p", agent=AGENT, changes={"enabled": False}, by="ada")

    with pytest.raises(FailedPrecondition, match="the agent 'worker' is disabled: enable it, then"):
        await request_run(rig.services(), run)

    assert [each.id for each in await rig.runs("p")] == [run.id]


async def test_a_version_is_refused_where_agents_have_none(rig: Rig) -> None:
    await rig.create_project("p")
    kinds = {"scripted": rig.executor, "versionless": Versionless(rig.clock, kind="versionless")}
    services = replace(rig.services(), executors=kinds)
    await edit_agent(services, project="p", agent=AGENT, changes={"kind": "versionless"}, by="ada")
    with_ref: dict[str, Any] = {"input": {"ref": "v2"}}

    with pytest.raises(FailedPrecondition) as refused:
        await rig.create_trigger("p", services=services, lasts=15 * SECOND, **with_ref)
    await rig.create_trigger("p", services=services, lasts=15 * SECOND, enabled=False)
    with pytest.raises(FailedPrecondition, match="which has no versions or branches"):
        await edit_trigger(services, project="p", trigger="t", changes=with_ref, by="ada")
    options = RunOptions(ref="v2")
    with pytest.raises(FailedPrecondition, match="which has no versions or branches"):
        await run_agent(services, project="p", agent=AGENT, options=options, key=None, by="ada")

    assert (refused.value.field, refused.value.value) == ("input.ref", "v2")
    assert refused.value.remedy == (
        "the agent 'worker' is of kind 'versionless', which has no versions or branches: leave ref out, or use an "
        "agent of a kind that takes one: scripted"
    )
    assert await rig.runs("p") == []


async def test_a_run_that_asks_for_a_version_never_gets_the_default_one(rig: Rig) -> None:
    await rig.create_project("p")
    options = RunOptions(ref="v2")
    launched = await run_agent(rig.services(), project="p", agent=AGENT, options=options, key=None, by="ada")
    versionless = Versionless(rig.clock)

    await rig.deliver(replace(rig.services(), executors={"scripted": versionless}))

    run = await rig.run(launched.run)
    assert run.error is not None
    assert (run.status, run.error.type, run.error.retryable) == (RunStatus.FAILED, "ref_unsupported", False)
    assert "which has no versions or branches" in run.error.message
    assert (versionless.started, run.attempts) == ([], ())
