"""A backlog of due triggers, worked off by a process of its own as the minute's tick and its further ticks would."""

import asyncio
import sys
import time

from pydantic import BaseModel, ConfigDict

from benchmarks.bill import Bill
from benchmarks.emulators import Emulators
from benchmarks.machine import peak_memory
from benchmarks.seeding import create_triggers, next_minute
from benchmarks.site import Site, opened
from tock.app.tick.tick import tick


class WorkedOff(BaseModel):
    """What it took to fire every due trigger: seconds of the clock and of the processor, bytes at the peak."""

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
    """Return what a fresh process needs for so many due triggers; asked a second time, what it needed the first."""
    if triggers not in _done:
        async with opened(running) as site:
            await create_triggers(site, triggers, next_run_at=next_minute(site.services.clock.now()))
            addresses = [running.firestore, running.cloud_tasks, site.google_project]
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "benchmarks.backlog", *addresses, str(triggers)),
                stdout=asyncio.subprocess.PIPE,
            )
            said, _ = await child.communicate()
        if child.returncode:
            raise RuntimeError(f"the process that ticks ended with {child.returncode}")
        _done[triggers] = WorkedOff.model_validate_json(said)
    return _done[triggers]


async def _work_off(running: Emulators, *, project: str, triggers: int) -> WorkedOff:
    bill = Bill()
    async with opened(running, google_project=project, interceptors=bill.interceptors) as site:
        bill.taken()
        started, processor = time.perf_counter(), time.process_time()
        ticks, enqueued = await _every_tick(site)
        took, processor = time.perf_counter() - started, time.process_time() - processor
    if enqueued != triggers:
        raise RuntimeError(f"of {triggers} due triggers, {enqueued} were fired")
    counts = bill.taken()
    reads = counts["reads"] + counts["empty_reads"]
    return WorkedOff(triggers=triggers, ticks=ticks, took=took, processor=processor, peak=peak_memory(), reads=reads)


async def _every_tick(site: Site) -> tuple[int, int]:
    """The minute's tick, then the further ticks of each shard, one after the other; how many, and the runs enqueued."""
    counters = await tick(site.services)
    ticks, enqueued = 1, counters.enqueued
    for shard in range(site.services.timing.shards) if counters.unfinished else ():
        unfinished = True
        while unfinished:
            counters = await tick(site.services, shards=(shard,), name="further")
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
