"""Python agents in the engine: real processes, a real store, and a clock that the test moves."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import anyio
import pytest

from app.rig import AGENT, Rig
from app.scripted_executor import ScriptedExecutor
from executors.python.processes import runs
from tock.app.execution.cancel import cancel
from tock.app.start.answer import answer
from tock.app.start.send_signal import send_signal
from tock.core.agent.agent import Agent
from tock.core.mask import Mask
from tock.core.project import Project
from tock.core.run.events.event import Event
from tock.core.run.messages.signal import SignalKind
from tock.core.run.outcome import WaitFor
from tock.core.run.run import Run
from tock.core.run.status import AttemptStatus, RunStatus
from tock.core.time.stamp import Stamp
from tock.executors.python.executor import PythonExecutor
from tock.ports.store import Create
from waiting import TIMEOUT

pytestmark = pytest.mark.anyio
LOOP, PROCESS, PLAIN = "loop", "process", "plain"
every_way = pytest.mark.parametrize("way", [LOOP, PROCESS, PLAIN])
SECOND = timedelta(seconds=1)
SECRET = "sk-1234567890"


async def _begin(rig: Rig, function: str, *, way: str, **services: Any) -> Run:
    """Start the only run of a trigger, whose agent is this function, in a process with these services."""
    config = {"callable": f"app.execution.python_agents:{function if way == PLAIN else function + '_async'}"}
    if way != PLAIN:
        config["isolation"] = way
    # Of the executor, the rig asks nothing but its kind.
    rig.executor = cast("ScriptedExecutor", PythonExecutor(modules=["app.*"]))
    stamp = Stamp(at=rig.clock.now(), by="ada")
    agent = Agent(project="p", id=AGENT, kind="python", config=config, created=stamp, updated=stamp)
    await rig.store.commit([Create(Project(id="p", created=stamp, updated=stamp)), Create(agent)])
    retry = {"max_retries": 1, "delay": "1s"}
    await rig.create_trigger("p", lasts=15 * SECOND, overlap="parallel", retry=retry)
    [run] = await rig.runs("p")
    await rig.advance(run.due_at - rig.clock.present)
    await rig.deliver(replace(rig.services(), **services))
    return run


async def _once(rig: Rig, run: Run, holds: Callable[[Run], object]) -> Run:
    """Return the run as soon as this holds; the clock goes on meanwhile."""
    with anyio.fail_after(TIMEOUT):
        while not holds(stored := await rig.run(run)):
            await anyio.sleep(0.02)
            await rig.deliver()
        return stored


async def _settled(rig: Rig, run: Run) -> Run:
    return await _once(rig, run, lambda stored: stored.status.terminal)


async def _events(rig: Rig, run: Run) -> list[Event]:
    page = await rig.store.events("p", run.id, since=0, limit=100)
    return list(page.events)


@pytest.mark.parametrize("way", [PROCESS, PLAIN])
async def test_the_attempt_after_one_that_was_killed_gets_what_that_one_saved(rig: Rig, way: str) -> None:
    run = await _begin(rig, "goes_on", way=way)
    saved = (await _once(rig, run, lambda stored: stored.state)).state

    os.kill(saved["process"], signal.SIGKILL)
    await _once(rig, run, lambda stored: stored.attempt == 2)
    await rig.advance(5 * SECOND)
    stored = await _settled(rig, run)

    assert (stored.status, stored.result) == (RunStatus.SUCCEEDED, {"from": 3, "attempt": 2})
    assert [each.status for each in stored.attempts] == [AttemptStatus.FAILED, AttemptStatus.SUCCEEDED]
    assert stored.attempts[0].error is not None
    assert stored.attempts[0].error.type == "process_died"
    assert not runs(saved["process"])


@every_way
async def test_a_message_reaches_the_turn_that_is_under_way(rig: Rig, way: str) -> None:
    run = await _begin(rig, "is_steered", way=way)
    await _once(rig, run, lambda stored: stored.state)

    await send_signal(
        rig.services(), project="p", run=run.id, kind=SignalKind.STEER, message="Only Monday.", key=None, by="ada"
    )
    await rig.advance(rig.timing.heartbeat)

    stored = await _settled(rig, run)
    assert stored.result == [[1, "steer", "Only Monday.", "ada"]]
    [signal_] = await rig.store.signals("p", run.id, since=0, limit=10)
    assert signal_.value.taken_by == 1


@every_way
async def test_a_cancelled_agent_that_waits_for_messages_is_stopped(rig: Rig, way: str) -> None:
    run = await _begin(rig, "saves_at_its_end", way=way)
    process = (await _once(rig, run, lambda stored: stored.state)).state["process"]

    await cancel(rig.services(), project="p", run=run.id, reason="enough", by="ada")
    await rig.advance(rig.timing.heartbeat)

    assert (await _settled(rig, run)).status is RunStatus.CANCELLED
    assert way == LOOP or not runs(process)


@every_way
async def test_an_agent_that_is_handed_back_can_save_its_state_for_the_next_attempt(rig: Rig, way: str) -> None:
    shutdown = anyio.Event()
    run = await _begin(rig, "saves_at_its_end", way=way, shutdown=shutdown)
    await _once(rig, run, lambda stored: stored.state)

    shutdown.set()

    stored = await _once(rig, run, lambda stored: stored.attempt == 2)
    assert (stored.attempts[0].status, stored.state) == (AttemptStatus.LOST, "stopped")


@every_way
async def test_the_leg_after_an_approval_gets_it(rig: Rig, way: str) -> None:
    run = await _begin(rig, "asks", way=way)
    await _once(rig, run, lambda stored: stored.status is RunStatus.WAITING)

    await answer(
        rig.services(), project="p", run=run.id, wait_for=WaitFor.APPROVAL, by="ada", approved=True, note="Go on."
    )
    await rig.advance(SECOND)

    assert (await _settled(rig, run)).result == [True, "Go on."]


@every_way
async def test_the_next_leg_gets_what_the_leg_before_has_saved(rig: Rig, way: str) -> None:
    run = await _begin(rig, "needs_two_legs", way=way)
    await _once(rig, run, lambda stored: stored.attempt == 2)
    await rig.advance(SECOND)

    assert (await _settled(rig, run)).result == {"read": 500}


@every_way
async def test_what_an_agent_prints_is_masked_and_no_sign_of_work(rig: Rig, way: str) -> None:
    run = await _begin(rig, "only_prints", way=way, mask=Mask([SECRET]))
    stored = await _settled(rig, run)

    assert stored.status is RunStatus.FAILED
    assert stored.error is not None
    assert stored.error.type == "no_progress"
    text = "as if it worked, with the key ***"
    assert [(each.kind, each.data) for each in await _events(rig, run)] == [
        ("log", {"level": "info", "text": text, "stream": "stdout"})
    ]


@every_way
async def test_a_traceback_is_masked(rig: Rig, way: str) -> None:
    run = await _begin(rig, "fails_with_a_secret", way=way, mask=Mask([SECRET]))
    await _once(rig, run, lambda stored: stored.attempt == 2)

    [event] = await _events(rig, run)
    assert (event.kind, event.data["level"]) == ("log", "error")
    assert event.data["text"].endswith("ValueError: wrong: ***")
    assert SECRET not in str(event.data)
