"""Every event that an agent emitted before its end is stored once, even if a write of events fails."""

from datetime import timedelta

import pytest

from app.checks import nothing_is_stuck
from app.faults import Fault, Kind
from app.rig import Rig, receipt_of
from app.scripted_executor import DONE, Behaviour
from app.single_trigger import one_due_run
from tock.app.execution.execute import Receipt
from tock.app.run_events import run_events
from tock.core.run.outcome import Failed
from tock.core.run.run import Run
from tock.core.run.status import RunStatus

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
FAILED = Failed(type="broke", message="It broke.", retryable=True)


async def events_of(rig: Rig, run: Run) -> list[tuple[int, object]]:
    page = await rig.store.events(run.project, run.id, since=0, limit=10_000)
    return [(event.seq, event.data) for event in page.events]


async def test_events_are_numbered_by_attempt_and_kept(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: Behaviour(FAILED if context.attempt == 1 else DONE, emits=450)
    run = await one_due_run(rig, retry={"delay": "5s"})

    await rig.recover()

    expected = [(attempt * 1_000_000 + 1 + number, number) for attempt in (1, 2) for number in range(450)]
    assert await events_of(rig, run) == expected


@pytest.mark.parametrize("kind", [Kind.LOST_ACKNOWLEDGEMENT, Kind.REPEATED, Kind.REFUSED])
async def test_a_chunk_of_events_whose_write_was_not_acknowledged_loses_no_event(rig: Rig, kind: Kind) -> None:
    run = await one_due_run(rig)
    rig.executor.behaviour = lambda _: Behaviour(works=10 * SECOND, emits=3)
    process = rig.process(Fault(2, kind))
    [runner] = await rig.deliver(rig.services(process))
    assert rig.executor.at_work
    context = rig.executor.contexts[-1]
    await rig.advance(SECOND)
    assert process.effects[1:] == ["commit create Chunk"]

    # More comes before the chunk is written again.
    context.emit("progress", 3)
    await rig.advance(10 * SECOND)

    assert receipt_of(runner) is Receipt.SETTLED
    assert await events_of(rig, run) == [(1_000_001 + number, number) for number in range(4)]


async def test_what_a_runner_stored_before_it_died_comes_before_what_the_next_one_stores(rig: Rig) -> None:
    run = await one_due_run(rig)
    rig.executor.behaviour = lambda context: Behaviour(
        emits=[("progress", context.attempt)], until_released=context.attempt == 1
    )
    await rig.deliver()
    await rig.advance(SECOND)
    rig.clock.freeze()

    await rig.recover()

    page = await run_events(rig.services(), await rig.run(run), since=1, limit=10)
    assert [(event.seq, event.kind) for event in page.events] == [
        *((1_000_000, "run.started"), (1_000_001, "progress")),
        *((1_499_998, "run.attempt_ended"), (1_499_999, "run.retry_scheduled")),
        *((2_000_000, "run.started"), (2_000_001, "progress")),
        *((2_499_998, "run.attempt_ended"), (2_999_999, "run.settled")),
    ]


async def test_work_that_ends_while_its_events_are_being_written_settles(rig: Rig) -> None:
    run = await one_due_run(rig)
    rig.executor.behaviour = lambda _: Behaviour(until_released=True, emits=3)

    async def before_effect(text: str) -> None:
        if text == "commit create Chunk":
            rig.executor.release(run.id)

    process = rig.process(before_effect=before_effect)
    [runner] = await rig.deliver(rig.services(process))
    await rig.advance(SECOND)
    await rig.quiet()

    assert process.effects[1] == "commit create Chunk"
    assert receipt_of(runner) is Receipt.SETTLED
    assert (await rig.run(run)).status is RunStatus.SUCCEEDED
    assert await events_of(rig, run) == [(1_000_001 + number, number) for number in range(3)]


async def test_work_that_ends_right_after_an_unacknowledged_chunk_settles(rig: Rig) -> None:
    run = await one_due_run(rig)
    rig.executor.behaviour = lambda _: Behaviour(until_released=True, emits=3)
    [runner] = await rig.deliver(rig.services(rig.process(Fault(2, Kind.LOST_ACKNOWLEDGEMENT))))
    await rig.advance(SECOND)

    rig.executor.release(run.id)
    await rig.quiet()

    assert receipt_of(runner) is Receipt.SETTLED
    assert (await rig.run(run)).status is RunStatus.SUCCEEDED
    assert await events_of(rig, run) == [(1_000_001 + number, number) for number in range(3)]
    await nothing_is_stuck(rig, project="p")
