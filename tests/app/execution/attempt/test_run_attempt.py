"""The executor beside its watchers: when events begin to be stored, and how the attempt is stopped."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from app.rig import Ended, Rig, receipt_of
from app.scripted_executor import Behaviour
from app.single_trigger import SECOND, one_due_run
from tock.app.execution.execute import Receipt
from tock.core.run.outcome import Failed, Succeeded
from tock.core.run.run import Run
from tock.core.run.status import AttemptStatus, RunStatus
from tock.ports.executor import Ability, RunContext

pytestmark = pytest.mark.anyio


class Emitting:
    """An executor that waits until it is cancelled, and emits events from another thread when the test says so."""

    kind = "scripted"
    config_schema: Mapping[str, Any] = {}

    def __init__(self, *, last_words: bool = False) -> None:
        self.context: RunContext | None = None
        self.stopped = False
        self._last_words = last_words

    def abilities(self, _config: Mapping[str, Any]) -> frozenset[Ability]:
        return frozenset(Ability)

    def check(self, config: Mapping[str, Any], *, project: str) -> None:
        pass

    async def execute(self, _config: Mapping[str, Any], context: RunContext) -> Succeeded | Failed:
        self.context = context
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if self._last_words:
                context.emit("log", "last words")
                # The event begins whatever it begins before the attempt ends.
                for _ in range(5):
                    await asyncio.sleep(0)
            self.stopped = True
            raise
        return Succeeded()

    async def emit(self, text: str) -> None:
        assert self.context is not None
        await asyncio.to_thread(self.context.emit, "log", text)


@pytest.fixture
async def strict_loop() -> AsyncIterator[None]:
    """Let the loop refuse what only its own thread may do; later tests of this process share the loop."""
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    yield
    loop.set_debug(False)


@pytest.mark.usefixtures("strict_loop")
async def test_events_that_a_thread_emits_are_stored_while_the_agent_works(rig: Rig) -> None:
    executor = Emitting()
    run, _ = await _at_work(rig, executor)

    for number in range(3):
        await executor.emit(f"event {number}")
        await rig.quiet()
        await rig.advance(SECOND)

        assert await _texts(rig, run) == [f"event {earlier}" for earlier in range(number + 1)]


async def test_an_executor_that_is_cancelled_by_its_own_work_fails_the_attempt_and_loses_no_run(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(outcome=asyncio.CancelledError("a library left its scope"))
    run = await one_due_run(rig, retry={"max_retries": 0})

    await rig.deliver()

    stored = await rig.run(run)
    assert stored.error is not None
    assert (stored.status, stored.error.type, stored.lost) == (RunStatus.FAILED, "CancelledError", 0)


async def test_an_agent_that_emits_nothing_has_nothing_stored(rig: Rig) -> None:
    run, _ = await _at_work(rig, Emitting())

    await rig.advance(3 * SECOND)

    assert await _texts(rig, run) == []
    assert (await rig.run(run)).status is RunStatus.RUNNING


async def test_a_first_event_while_the_agent_is_stopped_holds_nothing_up(rig: Rig) -> None:
    run, runner = await _at_work(rig, Emitting(last_words=True), timeout="5s")

    await rig.advance(6 * SECOND)

    assert receipt_of(runner) is Receipt.SETTLED
    assert (await rig.run(run)).attempts[0].status is AttemptStatus.TIMED_OUT
    assert await _texts(rig, run) == ["last words"]


async def test_a_request_that_is_cancelled_stops_the_agent_first(rig: Rig) -> None:
    executor = Emitting(last_words=True)
    _, runner = await _at_work(rig, executor)

    runner.cancel()
    await asyncio.wait({runner})

    assert executor.stopped
    assert [task.get_coro() for task in asyncio.all_tasks() if "until_" in repr(task.get_coro())] == []


async def _at_work(rig: Rig, executor: Emitting, **spec: Any) -> tuple[Run, asyncio.Task[Ended]]:
    """Start the only run with this executor; return it with its runner."""
    run = await one_due_run(rig, **spec)
    [runner] = await rig.deliver(replace(rig.services(), executors={executor.kind: executor}))
    assert executor.context is not None
    return run, runner


async def _texts(rig: Rig, run: Run) -> list[object]:
    page = await rig.store.events(run.project, run.id, since=0, limit=100)
    return [event.data for event in page.events]
