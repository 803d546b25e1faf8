"""A backlog of due triggers, which a separate process works off with a tick and its continuations."""

import asyncio
import sys
import time

from pydantic import BaseModel, ConfigDict

from benchmarks.instruments.machine import peak_memory
from benchmarks.instruments.operation_counter import OperationCounter
from benchmarks.load.seeding import create_triggers, next_minute
from benchmarks.stack.deployment import Deployment, deployed
from benchmarks.stack.emulators import Emulators
from tock.app.tick.tick import tick


class WorkedOff(BaseModel):
    """What it took to fire every due trigger: seconds, seconds of processor time, peak memory in bytes."""

    model_config = ConfigDict(frozen=True)

    triggers: int
    ticks: int
    took: float
    processor: float
    peak: int
    #: Documents read.
    reads: int


_done: dict[int, WorkedOff] = {}


async def worked_off(running: Emulators, *, triggers: int) -> WorkedOff:
    """Return what a new process needs for this many due triggers; it is measured once and then remembered."""
    if triggers not in _done:
        async with deployed(running) as deployment:
            await create_triggers(deployment, triggers, next_run_at=next_minute(deployment.services.clock.now()))
            addresses = [running.firestore, running.cloud_tasks, deployment.google_project]
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "benchmarks.rounds.backlog", *addresses, str(triggers)),
                stdout=asyncio.subprocess.PIPE,
            )
            said, _ = await child.communicate()
        if child.returncode:
            raise RuntimeError(f"the process that ticks ended with {child.returncode}")
        _done[triggers] = WorkedOff.model_validate_json(said)
    return _done[triggers]


async def _work_off(running: Emulators, *, project: str, triggers: int) -> WorkedOff:
    counter = OperationCounter()
    async with deployed(running, google_project=project, interceptors=counter.interceptors) as deployment:
        counter.take()
        started, processor = time.perf_counter(), time.process_time()
        ticks, enqueued = await _every_tick(deployment)
        took, processor = time.perf_counter() - started, time.process_time() - processor
    if enqueued != triggers:
        raise RuntimeError(f"of {triggers} due triggers, {enqueued} were fired")
    counts = counter.take()
    reads = counts["reads"] + counts["empty_reads"]
    return WorkedOff(triggers=triggers, ticks=ticks, took=took, processor=processor, peak=peak_memory(), reads=reads)


async def _every_tick(deployment: Deployment) -> tuple[int, int]:
    """Run a tick, then the continuations of each shard; return the number of ticks and of runs enqueued."""
    counters = await tick(deployment.services)
    ticks, enqueued = 1, counters.enqueued
    for shard in range(deployment.services.timing.shards) if counters.unfinished else ():
        unfinished = True
        while unfinished:
            counters = await tick(deployment.services, shards=(shard,), name="continuation")
            unfinished = counters.unfinished
            ticks += 1
            enqueued += counters.enqueued
    return ticks, enqueued


async def _main(arguments: list[str]) -> None:
    firestore, cloud_tasks, project, triggers = arguments
    running = Emulators(firestore=firestore, cloud_tasks=cloud_tasks, processes={})
    done = await _work_off(running, project=project, triggers=int(triggers))
    sys.stdout.write(done.model_dump_json())


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1:]))
