"""A runner hears of signals at once, while no heartbeat is due: the clock stands still in these tests."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from app.execution.attempt.news import CountedChanges, settled, steer
from app.rig import Rig, delivery_of
from app.scripted_executor import Behaviour, ScriptedExecutor
from app.single_trigger import one_due_run
from tock.app.execution.attempt.leased_attempt import LISTEN_AFTER
from tock.app.execution.cancel import cancel
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.core.run.outcome import AgentOutcome, Succeeded
from tock.core.run.status import RunStatus
from tock.core.trigger.cancel_choice import CancelChoice
from tock.ports.changes import SignalChanges
from tock.ports.executor import RunContext
from tock.store.changes import FirestoreChanges
from waiting import until

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)


class Listener(ScriptedExecutor):
    """Runs an agent that ends with the first messages that it takes."""

    async def execute(self, _config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
        return Succeeded(result=[signal.message for signal in await context.messages()])


@pytest.fixture
async def live(rig: Rig) -> AsyncIterator[Rig]:
    """The rig, whose processes hear of changes from the emulator."""
    changes = rig.changes = FirestoreChanges(rig.firestore)
    yield rig
    await rig.close()
    await until(lambda: changes.streams == 0)


async def test_news_alone_brings_a_message_to_the_agent(live: Rig) -> None:
    live.executor = Listener(live.clock)
    run = await one_due_run(live)
    await live.deliver()
    await live.advance(LISTEN_AFTER)
    await _told_so_far(live)

    await steer(live, run, "left")

    await settled(live, run)
    assert (await live.run(run)).result == ["left"]


async def test_news_alone_stops_a_cancelled_agent(live: Rig) -> None:
    live.executor.behaviour = lambda _: Behaviour(until_released=True)
    run = await one_due_run(live)
    await live.deliver()
    await live.advance(LISTEN_AFTER)
    await _told_so_far(live)

    await cancel(live.services(), project="p", run=run.id, reason="enough", by="ada")

    await settled(live, run)
    assert (await live.run(run)).status is RunStatus.CANCELLED
    assert [start.stopped for start in live.executor.started] == [True]


async def test_news_alone_stops_an_agent_whose_run_is_replaced(live: Rig) -> None:
    live.executor.behaviour = lambda _: Behaviour(until_released=True)
    await live.create_project("p")
    await live.create_trigger("p", lasts=20 * SECOND, overlap="replace")
    first, second = await live.runs("p")
    await live.advance(first.due_at - live.clock.present)
    await live.deliver()
    await live.advance(second.due_at - live.clock.present)
    await _told_so_far(live)
    process = live.process()

    await live.execute(delivery_of(second), services=live.services(process))

    await settled(live, first)
    assert (await live.run(first)).reason == f"replaced by run {second.id}"
    assert process.effects == ["commit change Run, change Run, create Signal"]


async def test_news_alone_stops_an_agent_whose_trigger_is_disabled_with_all_its_runs(live: Rig) -> None:
    live.executor.behaviour = lambda _: Behaviour(until_released=True)
    run = await one_due_run(live)
    await live.deliver()
    await live.advance(LISTEN_AFTER)
    await _told_so_far(live)

    await edit_trigger(
        live.services(), project="p", trigger="t", changes={"enabled": False}, by="ada", cancel=CancelChoice.ALL
    )

    await settled(live, run)
    assert (await live.run(run)).reason == "the trigger was disabled"
    assert [start.stopped for start in live.executor.started] == [True]


async def test_a_cancellation_before_the_runner_listens_is_news(live: Rig) -> None:
    live.executor.behaviour = lambda _: Behaviour(until_released=True)
    run = await one_due_run(live)
    await live.deliver()
    await cancel(live.services(), project="p", run=run.id, reason="enough", by="ada")

    await live.advance(LISTEN_AFTER)

    await settled(live, run)
    assert (await live.run(run)).status is RunStatus.CANCELLED


async def test_a_short_run_does_not_listen(rig: Rig) -> None:
    rig.changes = changes = CountedChanges()
    rig.executor.behaviour = lambda _: Behaviour(works=LISTEN_AFTER - SECOND)
    run = await one_due_run(rig)
    await rig.deliver()

    await rig.advance(LISTEN_AFTER)

    assert (await rig.run(run)).status is RunStatus.SUCCEEDED
    assert changes.listened == []


async def test_a_long_run_listens_for_the_signals_that_it_does_not_know(rig: Rig) -> None:
    rig.changes = changes = CountedChanges()
    rig.executor.behaviour = lambda _: Behaviour(works=LISTEN_AFTER + SECOND)
    run = await one_due_run(rig)
    await steer(rig, run, "before the start")
    await rig.deliver()

    await rig.advance(LISTEN_AFTER)

    assert changes.listened == [SignalChanges("p", run.id, since=1)]


async def test_news_without_a_change_disturbs_nothing(rig: Rig) -> None:
    rig.changes = changes = CountedChanges()
    rig.executor.behaviour = lambda _: Behaviour(works=3 * rig.timing.lease)
    run = await one_due_run(rig)
    await rig.deliver()
    await rig.advance(LISTEN_AFTER)

    for _ in range(3):
        changes.news[0].tell()
        await rig.quiet()
    await rig.advance(3 * rig.timing.lease)

    assert (await rig.run(run)).status is RunStatus.SUCCEEDED
    assert len(rig.executor.started) == 1


async def test_a_heartbeat_finds_what_there_was_no_news_of(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    run = await one_due_run(rig)
    await rig.deliver()
    await rig.advance(LISTEN_AFTER)
    await cancel(rig.services(), project="p", run=run.id, reason="enough", by="ada")
    assert (await rig.run(run)).status is RunStatus.RUNNING

    await rig.advance(rig.timing.heartbeat - LISTEN_AFTER)

    assert (await rig.run(run)).status is RunStatus.CANCELLED


async def _told_so_far(live: Rig) -> None:
    """Return once the emulator has told what there was: it forgets what is written while it begins to listen."""
    changes = live.changes
    assert isinstance(changes, FirestoreChanges)
    await until(lambda: changes.is_current)
