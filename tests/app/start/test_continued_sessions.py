"""Triggers whose fire times go on with one conversation: one run at a time, whoever else talks in it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from app.faults import Fault, Kind
from app.rig import AGENT, Rig
from app.scripted_executor import DONE, Behaviour, ScriptedExecutor
from app.single_trigger import edit, stored
from tock.app.manage.agents import edit_agent
from tock.app.manage.triggers.delete_trigger import delete_trigger
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.app.start.resume import ResumeOptions, resume
from tock.core.agent.session import session_subject
from tock.core.errors import ActiveRun, FailedPrecondition
from tock.core.ids.derived import lock_id
from tock.core.run.admission.lock import Lock
from tock.core.run.outcome import AgentOutcome, Failed, Succeeded
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.executor import Ability, RunContext
from tock.ports.store import Create

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("diary")]
SECOND = timedelta(seconds=1)
CONTINUE: dict[str, Any] = {"session": "continue", "schedule": {"every": "20s"}, "lasts": 65 * SECOND}
BROKE = Failed("broke", "It broke.", retryable=False)


class Diary(ScriptedExecutor):
    """Runs an agent that adds to its conversation what it is told, or else its run, once its work is done."""

    async def execute(self, config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
        said = [*(await context.load_session() or []), context.message or context.run]
        done = await super().execute(config, context)
        if isinstance(done, Failed):
            return done
        await context.save_session(said)
        return Succeeded(result=said)


@pytest.fixture
def diary(rig: Rig) -> Diary:
    rig.executor = made = Diary(rig.clock)
    return made


async def three(rig: Rig, **spec: Any) -> list[Run]:
    await rig.create_project("p")
    await rig.create_trigger("p", **CONTINUE | spec)
    runs = await rig.runs("p")
    assert len(runs) == 3
    return runs


async def fire(rig: Rig, run: Run) -> Run:
    """Deliver the run at its time, and return it as it is then."""
    await rig.advance(max(run.due_at - rig.clock.present, timedelta()))
    await rig.deliver()
    return await rig.run(run)


async def resumed(rig: Rig, run: Run, feedback: str) -> Run:
    options = ResumeOptions(feedback=feedback)
    return (await resume(rig.services(), project="p", run=run.id, options=options, key=None, by="ada")).run


async def test_each_fire_time_goes_on_with_the_conversation(rig: Rig) -> None:
    runs = await three(rig)

    ended = [await fire(rig, run) for run in runs]

    assert [run.result for run in ended] == [[run.id for run in runs[: n + 1]] for n in range(3)]
    assert {run.session for run in ended} == {(await stored(rig)).conversation}
    assert await rig.locks("p") == []


async def test_without_it_each_fire_time_begins_its_own(rig: Rig) -> None:
    runs = await three(rig, session="new")

    ended = [await fire(rig, run) for run in runs]

    assert [run.result for run in ended] == [[run.id] for run in runs]
    assert (await stored(rig)).conversation is None


async def test_a_run_that_fails_leaves_the_conversation_as_it_was(rig: Rig, diary: Diary) -> None:
    runs = await three(rig, retry={"max_retries": 0})
    diary.behaviour = lambda context: Behaviour(BROKE if context.run == runs[1].id else DONE)

    ended = [await fire(rig, run) for run in runs]

    assert [run.status for run in ended] == [RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.SUCCEEDED]
    assert ended[2].result == [runs[0].id, runs[2].id]


@pytest.mark.parametrize(
    ("overlap", "expected"),
    [("skip", RunStatus.SKIPPED), ("queue", RunStatus.HELD), ("replace", RunStatus.HELD)],
)
async def test_a_fire_time_meets_a_resumed_run_by_the_overlap_policy(
    rig: Rig, diary: Diary, overlap: str, expected: RunStatus
) -> None:
    runs = await three(rig, overlap=overlap)
    first = await fire(rig, runs[0])
    diary.behaviour = lambda context: Behaviour(until_released=context.message == "More")
    beside = await resumed(rig, first, "More")
    await rig.deliver()

    met = await fire(rig, runs[1])

    assert (met.status, met.blocked_by) == (expected, beside.id)
    assert ((await rig.run(beside)).cancel_requested is not None) == (overlap == "replace")
    if overlap != "replace":
        diary.release(beside.id)
    await rig.advance(rig.timing.heartbeat)
    await rig.deliver()
    last = await fire(rig, runs[2])
    said = [first.id] if overlap == "replace" else [first.id, "More"]
    assert last.result == [*said, *([] if overlap == "skip" else [runs[1].id]), runs[2].id]


async def test_a_resumed_run_meets_a_fire_time_at_work_by_a_refusal(rig: Rig, diary: Diary) -> None:
    runs = await three(rig)
    first = await fire(rig, runs[0])
    diary.behaviour = lambda _: Behaviour(until_released=True)
    await fire(rig, runs[1])

    with pytest.raises(ActiveRun, match=f"has an active run, {runs[1].id}"):
        await resumed(rig, first, "More")


@pytest.mark.parametrize("kind", [Kind.REPEATED, Kind.LOST_ACKNOWLEDGEMENT, Kind.CRASH_AFTER, Kind.CRASH_BEFORE])
async def test_the_lock_is_taken_and_given_up_whatever_happens_to_the_claim(
    rig: Rig,
    kind: Kind,
) -> None:
    runs = await three(rig, overlap="queue", queue_depth=2, catch_up={"mode": "all"})
    await rig.advance(runs[0].due_at - rig.clock.present)
    await rig.deliver(rig.services(rig.process(Fault(1, kind))))

    await rig.recover()

    assert [(await rig.run(run)).status for run in runs] == [RunStatus.SUCCEEDED] * 3
    assert await rig.locks("p") == []


async def test_the_lock_of_a_run_whose_record_is_gone_is_taken_over(rig: Rig) -> None:
    [first, *_] = await three(rig)
    subject = session_subject(first.session or "")
    left = Lock(project="p", id=lock_id(subject=subject), subject=subject, run="gone")
    await rig.store.commit([Create(left)])

    ended = await fire(rig, first)

    assert (ended.status, await rig.locks("p")) == (RunStatus.SUCCEEDED, [])


async def test_another_agent_begins_a_new_conversation_and_says_so(rig: Rig) -> None:
    await rig.create_project("p", agents=(AGENT, "other"))
    await rig.create_trigger("p", **CONTINUE | {"lasts": 200 * SECOND})
    [first, *_] = await rig.runs("p")
    await fire(rig, first)

    await edit(rig, agent="other")
    second, third, *_ = [run for run in await rig.runs("p") if run.status is RunStatus.QUEUED]
    second, third = await fire(rig, second), await fire(rig, third)

    assert (second.result, third.result) == ([second.id], [second.id, third.id])
    text = "The conversation was one of the agent 'worker' of kind 'scripted': this run begins a new one."
    assert await warnings(rig, second) == [text]
    assert await warnings(rig, third) == []


async def warnings(rig: Rig, run: Run) -> list[str]:
    page = await rig.store.events("p", run.id, since=0, limit=100)
    return [event.data["text"] for event in page.events if event.kind == "run.warning"]


async def test_who_switches_it_off_and_on_begins_a_new_conversation(rig: Rig) -> None:
    await three(rig)
    before = (await stored(rig)).conversation

    await edit(rig, timeout="4m")
    same = (await stored(rig)).conversation
    await edit(rig, session="new")
    none = (await stored(rig)).conversation
    await edit(rig, session="continue")

    assert before is not None
    assert (same, none) == (before, None)
    assert (await stored(rig)).conversation not in {before, None}


async def test_a_trigger_that_takes_the_id_of_a_deleted_one_begins_anew(rig: Rig) -> None:
    await three(rig)
    before = (await stored(rig)).conversation
    await delete_trigger(rig.services(), project="p", trigger="t", by="ada")

    await rig.create_trigger("p", **CONTINUE)

    assert (await stored(rig)).conversation != before


async def test_parallel_runs_cannot_go_on_with_one_conversation(rig: Rig) -> None:
    await rig.create_project("p")

    with pytest.raises(ValidationError, match=r"session: continue lets one run at a time .* choose the overlap skip"):
        await rig.create_trigger("p", **CONTINUE | {"overlap": "parallel"})


class Mute(ScriptedExecutor):
    """Runs agents without conversations."""

    def abilities(self, _config: Mapping[str, Any]) -> frozenset[Ability]:
        return frozenset()


async def test_agents_without_conversations_are_refused_with_the_kinds_that_have_them(rig: Rig, diary: Diary) -> None:
    await rig.create_project("p")
    services = replace(rig.services(), executors={"scripted": diary, "mute": Mute(rig.clock, kind="mute")})
    await edit_agent(services, project="p", agent=AGENT, changes={"kind": "mute"}, by="ada")

    with pytest.raises(FailedPrecondition) as refused:
        await rig.create_trigger("p", services=services, **CONTINUE)
    await rig.create_trigger("p", services=services, **CONTINUE | {"session": "new"})
    with pytest.raises(FailedPrecondition, match="which has no conversations"):
        await edit_trigger(services, project="p", trigger="t", changes={"session": "continue"}, by="ada")

    assert (refused.value.field, refused.value.value) == ("session", "continue")
    assert refused.value.remedy == (
        "the agent 'worker' is of kind 'mute', which has no conversations: use 'new', or an agent of a kind that has "
        "them: scripted"
    )


async def test_a_run_whose_agent_has_no_conversations_any_more_is_warned(rig: Rig, diary: Diary) -> None:
    [first, *_] = await three(rig)
    mute = Mute(rig.clock, kind="mute")
    services = replace(rig.services(), executors={"scripted": diary, "mute": mute})
    await edit_agent(services, project="p", agent=AGENT, changes={"kind": "mute"}, by="ada")

    await rig.advance(first.due_at - rig.clock.present)
    await rig.deliver(services)

    assert (await rig.run(first)).status is RunStatus.SUCCEEDED
    [text] = await warnings(rig, first)
    assert text == "Agents of kind 'mute' have no conversation, so this run does not go on with its trigger's."
