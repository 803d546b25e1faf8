"""Overlap policies with look-ahead: nine runs are claimed at once; the policy decides when one is about to start."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.checks import checked_runs
from app.faults import Process
from app.rig import Rig, delivery_of
from app.scripted_executor import DONE, Behaviour, Started
from tock.app.execution.cancel import cancel
from tock.core.run.outcome import Failed
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.trigger.trigger import Trigger
from tock.ports.executor import RunContext

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
FAILED = Failed(type="broke", message="It broke.", retryable=True)


async def nine(rig: Rig, *, plays: Callable[[RunContext], Behaviour], **spec: Any) -> tuple[Trigger, list[Run]]:
    """A trigger of nine occurrences ten seconds apart, all claimed."""
    rig.executor.behaviour = plays
    await rig.create_project("p")
    trigger = await rig.create_trigger("p", lasts=90 * SECOND, **spec)
    runs = await rig.runs("p")
    assert len(runs) == 9
    return trigger, runs


async def play_out(rig: Rig, *, seconds: int = 240) -> None:
    """Deliver at every second, as Cloud Tasks does, and tick at every minute."""
    for second in range(seconds):
        if second % 60 == 0:
            await rig.tick()
        await rig.deliver()
        await rig.advance(SECOND)
        if second % 60 == 59 and not await rig.unfinished():
            return


def most_at_once(started: list[Started]) -> int:
    edges = [(start.at, 1) for start in started] + [(start.ended, -1) for start in started if start.ended is not None]
    level = highest = 0
    for _, step in sorted(edges):
        level += step
        highest = max(highest, level)
    return highest


async def test_skip_lets_the_occurrences_go_that_come_while_one_is_at_work(rig: Rig) -> None:
    trigger, _ = await nine(rig, plays=lambda _: Behaviour(works=34 * SECOND), overlap="skip")

    await play_out(rig)

    runs = await checked_runs(rig, trigger)
    ran = [run for run in runs if run.status is RunStatus.SUCCEEDED]
    skipped = [run for run in runs if run.status is RunStatus.SKIPPED]
    assert [runs.index(run) for run in ran] == [0, 4, 8]
    assert [run.blocked_by for run in skipped] == [ran[0].id] * 3 + [ran[1].id] * 3
    assert all(run.reason and run.blocked_by in run.reason for run in skipped if run.blocked_by)
    assert most_at_once(rig.executor.started) == 1


async def test_skip_finds_the_run_that_is_truly_active_in_at_most_two_reads(rig: Rig) -> None:
    _, runs = await nine(rig, plays=lambda _: Behaviour(until_released=True), overlap="skip")
    reads = []

    for run in runs:
        await rig.advance(run.due_at - rig.clock.present)
        process = rig.process()
        await rig.deliver(rig.services(process))
        reads.append(process.reads["run"])

    # Its own record first; a first run has none before it.
    assert reads == [1, 2, *[3] * 7]
    assert {(await rig.run(run)).blocked_by for run in runs[1:]} == {runs[0].id}


@pytest.mark.parametrize("depth", [1, 2, 3])
async def test_queue_holds_up_to_its_depth_and_starts_each_when_the_one_before_ended(rig: Rig, depth: int) -> None:
    trigger, _ = await nine(rig, plays=lambda _: Behaviour(works=45 * SECOND), overlap="queue", queue_depth=depth)
    held: list[int] = []

    for second in range(60):
        if second % 60 == 0:
            await rig.tick()
        await rig.deliver()
        await rig.advance(SECOND)
        held.append(sum(run.status is RunStatus.HELD for run in await rig.runs("p")))
    await play_out(rig, seconds=600)

    runs = await checked_runs(rig, trigger)
    assert {run.status for run in runs} == {RunStatus.SUCCEEDED, RunStatus.SKIPPED}
    assert max(held) == depth
    assert most_at_once(rig.executor.started) == 1
    order = [start.scheduled_for for start in rig.executor.started]
    assert order == sorted(order)
    for before, after in zip(rig.executor.started, rig.executor.started[1:], strict=False):
        assert before.ended is not None
        assert after.at - before.ended < 2 * SECOND


async def test_a_held_run_is_promoted_in_the_commit_that_settles_the_one_before(rig: Rig) -> None:
    _, runs = await nine(rig, plays=lambda _: Behaviour(until_released=True), overlap="queue")
    await rig.advance(runs[0].due_at - rig.clock.present)
    process = rig.process()
    await rig.deliver(rig.services(process))
    await rig.advance(10 * SECOND)
    await rig.deliver()
    assert (await rig.run(runs[1])).status is RunStatus.HELD
    before = len(process.effects)

    rig.executor.release(runs[0].id)
    await rig.quiet()

    # The first try conflicts: the held run has written its name on this one since the last heartbeat.
    assert process.effects[before:] == ["commit change Run", "commit change Run, change Run", "enqueue"]
    assert (await rig.run(runs[1])).status is RunStatus.QUEUED


async def test_replace_stops_the_one_at_work_and_starts_after_it_ended(rig: Rig) -> None:
    trigger, _ = await nine(rig, plays=lambda _: Behaviour(works=2 * MINUTE, stops_after=3 * SECOND), overlap="replace")

    await play_out(rig, seconds=400)

    runs = await checked_runs(rig, trigger)
    assert runs[-1].status is RunStatus.SUCCEEDED
    assert {run.status for run in runs[:-1]} == {RunStatus.CANCELLED}
    assert all(run.reason and run.reason.startswith("replaced by run ") for run in runs[:-1])
    assert most_at_once(rig.executor.started) == 1
    assert [start.stopped for start in rig.executor.started[:-1]] == [True] * (len(rig.executor.started) - 1)


async def test_replacing_a_whole_backlog_reads_each_run_of_it_once(rig: Rig) -> None:
    _, runs = await nine(rig, plays=lambda _: Behaviour(), overlap="replace")
    await rig.advance(runs[-1].due_at - rig.clock.present)
    process: Process = rig.process()

    while (await rig.run(runs[-1])).status is RunStatus.QUEUED:
        await rig.execute(delivery_of(runs[-1]), services=rig.services(process))

    assert {(await rig.run(run)).status for run in runs[:-1]} == {RunStatus.CANCELLED}
    assert (await rig.run(runs[-1])).status is RunStatus.SUCCEEDED
    # Itself once per decision, and one before it, whatever was replaced already.
    assert process.reads["run"] <= 2 * len(runs)


async def test_parallel_starts_every_one_at_its_second(rig: Rig) -> None:
    trigger, _ = await nine(rig, plays=lambda _: Behaviour(works=35 * SECOND), overlap="parallel")

    await play_out(rig)

    runs = await checked_runs(rig, trigger)
    assert {run.status for run in runs} == {RunStatus.SUCCEEDED}
    assert most_at_once(rig.executor.started) == 4
    assert all(run.lateness is not None and run.lateness <= SECOND for run in runs)


@pytest.mark.parametrize("overlap", ["skip", "queue", "replace"])
async def test_a_predecessor_between_its_retries_is_still_active(rig: Rig, overlap: str) -> None:
    trigger, runs = await nine(
        rig,
        plays=lambda context: Behaviour(FAILED if context.attempt == 1 and context.run == runs[0].id else DONE),
        overlap=overlap,
        retry={"max_retries": 1, "delay": "25s"},
    )

    await play_out(rig)

    ended = await checked_runs(rig, trigger)
    assert (
        ended[1].status
        is {
            "skip": RunStatus.SKIPPED,
            "queue": RunStatus.SUCCEEDED,
            "replace": RunStatus.SUCCEEDED,
        }[overlap]
    )
    first = RunStatus.CANCELLED if overlap == "replace" else RunStatus.SUCCEEDED
    assert ended[0].status is first
    assert most_at_once(rig.executor.started) == 1


@pytest.mark.parametrize("overlap", ["skip", "queue", "replace"])
async def test_a_cancelled_predecessor_is_in_nobodys_way(rig: Rig, overlap: str) -> None:
    trigger, runs = await nine(rig, plays=lambda _: Behaviour(works=5 * SECOND), overlap=overlap)
    for run in runs[:3]:
        await cancel(rig.services(), project="p", run=run.id, reason="enough", by="ada")

    await play_out(rig)

    ended = await checked_runs(rig, trigger)
    assert [run.status for run in ended] == [RunStatus.CANCELLED] * 3 + [RunStatus.SUCCEEDED] * 6
    assert all(run.lateness is not None and run.lateness <= SECOND for run in ended[3:])


async def test_a_cancelled_predecessor_hands_on_the_run_before_it(rig: Rig) -> None:
    trigger, runs = await nine(rig, plays=lambda _: Behaviour(works=24 * SECOND), overlap="skip")
    await cancel(rig.services(), project="p", run=runs[1].id, reason="enough", by="ada")

    await play_out(rig)

    ended = await checked_runs(rig, trigger)
    assert [run.status for run in ended[:4]] == [
        RunStatus.SUCCEEDED,
        RunStatus.CANCELLED,
        RunStatus.SKIPPED,
        RunStatus.SUCCEEDED,
    ]
    assert ended[2].blocked_by == ended[0].id
    assert most_at_once(rig.executor.started) == 1


@pytest.mark.parametrize("depth", [2, 3])
async def test_a_held_run_that_is_cancelled_keeps_the_queue_in_order(rig: Rig, depth: int) -> None:
    trigger, runs = await nine(rig, plays=lambda _: Behaviour(works=35 * SECOND), overlap="queue", queue_depth=depth)
    for second in range(45):
        await rig.deliver()
        await rig.advance(SECOND)
        if second == 31:
            assert (await rig.run(runs[1])).status is RunStatus.HELD
            await cancel(rig.services(), project="p", run=runs[1].id, reason="enough", by="ada")

    await play_out(rig, seconds=600)

    ended = await checked_runs(rig, trigger)
    assert ended[1].status is RunStatus.CANCELLED
    assert {run.status for run in ended} <= {RunStatus.SUCCEEDED, RunStatus.SKIPPED, RunStatus.CANCELLED}
    assert most_at_once(rig.executor.started) == 1
    order = [start.scheduled_for for start in rig.executor.started]
    assert order == sorted(order)


@pytest.mark.parametrize("overlap", ["skip", "queue", "replace"])
async def test_a_predecessor_whose_runner_died_blocks_only_until_it_is_rescued(rig: Rig, overlap: str) -> None:
    trigger, runs = await nine(
        rig,
        plays=lambda context: Behaviour(works=HOURS if (context.run, context.attempt) == (runs[0].id, 1) else SECOND),
        overlap=overlap,
    )
    await rig.advance(runs[0].due_at - rig.clock.present)
    await rig.deliver()
    rig.clock.freeze()

    await play_out(rig, seconds=300)

    ended = await checked_runs(rig, trigger)
    assert ended[0].lost == 1
    assert ended[-1].status in {RunStatus.SUCCEEDED, RunStatus.SKIPPED}
    if overlap == "skip":
        assert ended[0].status is RunStatus.SUCCEEDED
        assert {run.status for run in ended[1:4]} == {RunStatus.SKIPPED}
    if overlap == "queue":
        assert [run.status for run in ended[:2]] == [RunStatus.SUCCEEDED] * 2
    if overlap == "replace":
        assert ended[0].status is RunStatus.CANCELLED


async def test_two_runs_that_start_in_one_moment_do_not_both_start(rig: Rig) -> None:
    _, runs = await nine(rig, plays=lambda _: Behaviour(until_released=True), overlap="skip")
    await rig.advance(runs[1].due_at - rig.clock.present)

    await rig.deliver()

    assert [start.run for start in rig.executor.started] == [runs[0].id]
    assert (await rig.run(runs[1])).status is RunStatus.SKIPPED


async def test_a_run_held_while_the_one_before_settles_is_decided_again(rig: Rig) -> None:
    _, runs = await nine(rig, plays=lambda _: Behaviour(until_released=True), overlap="queue")
    await rig.advance(runs[0].due_at - rig.clock.present)
    await rig.deliver()
    await rig.advance(10 * SECOND)

    async def before_effect(text: str) -> None:
        if text == "commit change Run, change Run":
            rig.executor.release(runs[0].id)
            rig.executor.release(runs[1].id)
            await rig.quiet()

    process: Process = rig.process(before_effect=before_effect)
    await rig.execute(delivery_of(runs[1]), services=rig.services(process))

    assert [(await rig.run(run)).status for run in runs[:2]] == [RunStatus.SUCCEEDED] * 2


HOURS = timedelta(hours=3)
