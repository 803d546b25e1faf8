"""Resumed runs: the same conversation, one run at a time, and a clear reason when it cannot go on."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from app.faults import Fault, Kind
from app.rig import AGENT, Rig
from app.scripted_executor import Behaviour, ScriptedExecutor
from app.single_trigger import one_due_run
from tock.app.execution.cancel import cancel
from tock.app.start.launch import Launched
from tock.app.start.resume import DEFAULT_FEEDBACK, ResumeOptions, resume
from tock.app.start.run_now import RunOptions, run_agent
from tock.core.errors import ActiveRun, FailedPrecondition, InvalidArgument, RunNotSettled
from tock.core.run.outcome import AgentOutcome, Succeeded
from tock.core.run.run import Run
from tock.core.run.status import RunSource, RunStatus
from tock.ports.executor import RunContext

pytestmark = pytest.mark.anyio


class Talker(ScriptedExecutor):
    """Runs an agent that appends each message to its conversation, and returns the whole."""

    async def execute(self, _config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
        said = [*(await context.load_session() or []), context.message]
        await context.save_session(said)
        return Succeeded(result=said)


async def talked(rig: Rig, message: str) -> Run:
    rig.executor = Talker(rig.clock)
    launched = await run_agent(
        rig.services(), project="p", agent=AGENT, options=RunOptions(message=message), key=None, by="ada"
    )
    await rig.deliver()
    return await rig.run(launched.run)


async def resumed(rig: Rig, run: Run, feedback: str = "", *, key: str | None = None) -> Launched:
    options = ResumeOptions(feedback=feedback)
    return await resume(rig.services(), project="p", run=run.id, options=options, key=key, by="ada")


async def test_a_resumed_run_goes_on_with_the_conversation_and_can_be_resumed_itself(rig: Rig) -> None:
    await rig.create_project("p")
    first = await talked(rig, "Hello")

    second = (await resumed(rig, first, "Shorter")).run
    await rig.deliver()
    third = (await resumed(rig, await rig.run(second))).run
    await rig.deliver()

    assert (await rig.run(second)).result == ["Hello", "Shorter"]
    assert (await rig.run(third)).result == ["Hello", "Shorter", DEFAULT_FEEDBACK]
    assert (second.source, second.resumed_from, second.session) == (RunSource.RESUME, first.id, first.id)
    assert (await rig.run(first)).resumed_by == second.id
    sessions = [[attempt.session for attempt in (await rig.run(run)).attempts] for run in (first, second, third)]
    assert sessions == [[first.id]] * 3


async def test_of_two_requests_one_wins_and_the_same_request_gets_the_same_run(rig: Rig) -> None:
    await rig.create_project("p")
    first = await talked(rig, "Hello")

    both = await asyncio.gather(resumed(rig, first, "a", key="k"), resumed(rig, first, "b"), return_exceptions=True)

    [launched] = [each for each in both if isinstance(each, Launched)]
    assert [type(each) for each in both if not isinstance(each, Launched)] == [ActiveRun]
    assert (await rig.run(first)).resumed_by == launched.run.id


async def test_a_conversation_that_went_on_is_resumed_at_its_end_only(rig: Rig) -> None:
    await rig.create_project("p")
    first = await talked(rig, "Hello")
    second = (await resumed(rig, first, "Shorter")).run
    await rig.deliver()

    with pytest.raises(FailedPrecondition, match=f"run {second.id}: resume that one"):
        await resumed(rig, first, "Longer")


async def test_an_active_run_and_one_without_a_conversation_cannot_be_resumed(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour()
    run = await one_due_run(rig)
    with pytest.raises(RunNotSettled, match="resume needs a settled run"):
        await resumed(rig, run)
    await rig.deliver()

    with pytest.raises(FailedPrecondition, match="saved no conversation"):
        await resumed(rig, run)


async def test_a_cancellation_ends_the_turn_and_not_the_conversation(rig: Rig) -> None:
    class Interrupted(Talker):
        async def execute(self, config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
            outcome = await super().execute(config, context)
            return outcome if context.message != "Hang" else await asyncio.get_running_loop().create_future()

    await rig.create_project("p")
    rig.executor = Interrupted(rig.clock)
    options = RunOptions(message="Hang")
    first = (await run_agent(rig.services(), project="p", agent=AGENT, options=options, key=None, by="ada")).run
    await rig.deliver()

    for _ in range(2):
        await cancel(rig.services(), project="p", run=first.id, reason="enough", by="ada")
    await rig.advance(rig.timing.heartbeat)
    await cancel(rig.services(), project="p", run=first.id, reason="enough", by="ada")
    second = (await resumed(rig, first, "Go on")).run
    await rig.deliver()

    assert (await rig.run(first)).status is RunStatus.CANCELLED
    assert (await rig.run(second)).result == ["Hang", "Go on"]


@pytest.mark.parametrize("kind", [Kind.REPEATED, Kind.LOST_ACKNOWLEDGEMENT, Kind.CRASH_AFTER])
@pytest.mark.parametrize("at", [1, 2, 3])
async def test_a_conversation_is_saved_once_whatever_happens_to_the_save(rig: Rig, kind: Kind, at: int) -> None:
    class Careful(Talker):
        async def execute(self, config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
            said = await context.load_session() or []
            return Succeeded(result=said) if context.message in said else await super().execute(config, context)

    await rig.create_project("p")
    rig.executor = Careful(rig.clock)
    launched = await run_agent(
        rig.services(), project="p", agent=AGENT, options=RunOptions(message="Hello"), key=None, by="ada"
    )
    await rig.deliver(services=rig.services(rig.process(Fault(at, kind))))
    for _ in range(6):
        await rig.advance(rig.timing.lease)
        await rig.tick()
        await rig.deliver()

    stored = await rig.run(launched.run)
    assert (stored.status, stored.result) == (RunStatus.SUCCEEDED, ["Hello"])


async def test_a_large_conversation_is_stored_in_parts_and_a_larger_one_refused(rig: Rig) -> None:
    class Storing(ScriptedExecutor):
        async def execute(self, _config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
            await context.save_session("ä" * 400_000)
            again = await context.load_session()
            with pytest.raises(InvalidArgument, match="session: is more than 3600000 bytes of JSON"):
                await context.save_session("ä" * 700_000)
            await context.save_session("short")
            return Succeeded(result=[len(again), await context.load_session()])

    await rig.create_project("p")
    rig.executor = Storing(rig.clock)
    launched = await run_agent(rig.services(), project="p", agent=AGENT, options=RunOptions(), key=None, by="ada")
    await rig.deliver()

    run = await rig.run(launched.run)
    assert run.result == [400_000, "short"]
    assert await rig.store.session_part("p", run.id, "1-2") is None
    assert await rig.store.session_part("p", run.id, "2-0") is not None
