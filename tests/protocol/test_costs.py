"""What a scheduled run costs in documents read and written, from the tick that claims it to its settlement."""

from datetime import timedelta

import pytest

from protocol.rig import Rig
from protocol.script import Play
from tock.core.status import RunStatus

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("overlap", "most_reads", "most_writes"), [("parallel", 2, 4), ("skip", 3, 4)], ids=["parallel", "skip"]
)
async def test_a_scheduled_run_costs_at_most(rig: Rig, overlap: str, most_reads: int, most_writes: int) -> None:
    await rig.tenant("p")
    start = rig.clock.present + 2 * MINUTE
    await rig.trigger("p", lasts=9 * MINUTE, schedule={"every": "2m"}, start=start, overlap=overlap)
    ticks, runners = rig.process(), rig.process()
    ticker, runner = rig.parts(ticks), rig.parts(runners)
    rig.executor.plays = lambda _: Play(works=timedelta(seconds=5))

    async def minute() -> None:
        await rig.tick(ticker)
        for _ in range(4):
            await rig.deliver(runner)
            await rig.advance(timedelta(seconds=15))

    for _ in range(3):
        await minute()
    before = [ticks.reads.total() + runners.reads.total(), ticks.writes.total() + runners.writes.total()]
    agents = runners.reads["agent"]
    settled = len(rig.executor.started)
    for _ in range(4):
        await minute()

    ran = len(rig.executor.started) - settled
    assert ran == 2
    # A warm instance knows its agent; here two minutes lie between two runs.
    read = ticks.reads.total() + runners.reads.total() - before[0] - (runners.reads["agent"] - agents)
    written = ticks.writes.total() + runners.writes.total() - before[1]
    assert read / ran <= most_reads
    assert written / ran <= most_writes
    assert {run.status for run in await rig.runs() if run.scheduled_for < rig.clock.present} == {RunStatus.SUCCEEDED}


async def test_a_tick_with_nothing_due_reads_no_document(rig: Rig) -> None:
    await rig.tenant("p")
    for number in range(20):
        later = rig.clock.present + timedelta(hours=1)
        await rig.trigger("p", f"t{number}", lasts=timedelta(hours=2), start=later)
    process = rig.process()

    counters = await rig.tick(rig.parts(process))

    assert (counters.due, process.reads.total(), process.effects) == (0, 0, ["record_tick"])
