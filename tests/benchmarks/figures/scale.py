"""What a due trigger costs when very many are due, and what idle triggers cost.

Compared are the processor time of the process that ticks, and the documents that it reads. The emulator has no indexes
and looks at every document at each query, so the time that this takes says nothing about Firestore.
"""

import time
from datetime import timedelta
from statistics import median

from benchmarks.instruments.operation_counter import OperationCounter
from benchmarks.load.seeding import create_triggers, next_minute
from benchmarks.report import Figure, Report, Target
from benchmarks.rounds.backlog import worked_off
from benchmarks.stack.deployment import deployed
from benchmarks.stack.emulators import Emulators, emulators
from tock.app.tick.tick import tick
from tock.core.timing import Timing

#: Linear: a due trigger among a hundred thousand costs at most this many times what it costs among fewer. A process's
#: fixed cost weighs on each trigger if there are a thousand, and hardly if there are ten thousand.
_LINEAR = Target(kind="at most", bound=1.5)
#: Idle triggers are not read and take no time.
_NOT_READ = Target(kind="at most", bound=1)
_NO_TIME = Target(kind="at most", bound=1.25)
_NEXT_YEAR = timedelta(days=365)
#: No sweep sends the undelivered tasks of earlier ticks again.
_NO_RESENDING = Timing(grace=timedelta(days=1))
_NO_INDEX = "without an index, as the emulator is"


async def measure(*, quick: bool) -> Report:
    """Work off more and more due triggers; then tick over a few, with and without many idle ones."""
    sizes, idle, few, times = ((50, 100, 400), 400, 20, 1) if quick else ((1000, 10_000, 100_000), 100_000, 100, 7)
    async with emulators() as running:
        done = [await worked_off(running, triggers=size) for size in sizes]
        alone = await _few(running, few=few, idle=0, times=times)
        beside = await _few(running, few=few, idle=idle, times=times)
    each = {
        "processor time": ("ms", _LINEAR, [1000 * one.processor / one.triggers for one in done], ""),
        "documents read": ("documents", _LINEAR, [one.reads / one.triggers for one in done], ""),
        "time": ("ms", None, [1000 * one.took / one.triggers for one in done], _NO_INDEX),
    }
    figures = [
        Figure(
            name=f"a due trigger among {done[-1].triggers:,} against one among {fewer.triggers:,}: {what}",
            value=values[-1] / value,
            unit="x",
            target=target,
            sides={f"{fewer.triggers:,} due, {unit} each": value, f"{done[-1].triggers:,} due": values[-1]},
            note=note,
        )
        for what, (unit, target, values, note) in each.items()
        for fewer, value in zip(done[:-1], values[:-1], strict=True)
    ]
    figures += [
        Figure(
            name=f"{few} due beside {idle:,} idle triggers against {few} alone: {what}",
            value=beside[what] / alone[what],
            unit="x",
            target=target,
            sides={"beside": beside[what], "alone": alone[what]},
            note=note,
        )
        for what, target, note in (
            ("documents read", _NOT_READ, ""),
            ("processor time", _NO_TIME, "seconds"),
            ("time", None, f"seconds; {_NO_INDEX}"),
        )
    ]
    return Report(benchmark="scale", figures=figures, details={"worked_off": [each.model_dump() for each in done]})


async def _few(running: Emulators, *, few: int, idle: int, times: int) -> dict[str, float]:
    """Return the median of several ticks over few due triggers, beside this many idle ones."""
    counter = OperationCounter()
    took, processor, reads = [], [], []
    async with deployed(running, interceptors=counter.interceptors, timing=_NO_RESENDING) as deployment:
        await create_triggers(deployment, idle, next_run_at=deployment.services.clock.now() + _NEXT_YEAR, prefix="idle")
        for number in range(times + 1):
            due = next_minute(deployment.services.clock.now())
            await create_triggers(deployment, few, next_run_at=due, prefix=f"due{number}-")
            counter.take()
            started, used = time.perf_counter(), time.process_time()
            counters = await tick(deployment.services)
            if counters.enqueued != few:
                raise RuntimeError(f"a tick over {few} due triggers enqueued others: {counters}")
            took.append(time.perf_counter() - started)
            processor.append(time.process_time() - used)
            counts = counter.take()
            reads.append(counts["reads"] + counts["empty_reads"])
    # The first warms up.
    return {
        "time": median(took[1:]),
        "processor time": median(processor[1:]),
        "documents read": median(reads[1:]),
    }
