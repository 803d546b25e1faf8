"""Tock itself, measured as its peers are: in a process of its own, after a tenth of the runs.

The executor of async agents looks for all children of its process. A deployed function has no emulators among them, so
this process uses those that the environment names. `python -m benchmarks.peer_programs.tock KIND COUNT` prints seconds
as a peer's program does.
"""

import asyncio
import json
import logging
import sys

from benchmarks.figures.tick import measure_tick
from benchmarks.rounds.throughput_rounds import measure_runs
from benchmarks.stack.emulators import THIS_PROCESS, Emulators, emulators

#: The same share as of a peer's.
_WARMUP = 10


async def _warm(kind: str, count: int) -> dict[str, float]:
    measure = {"due": _due, "settled": _settled}[kind]
    async with emulators() as running:
        await measure(running, max(count // _WARMUP, 1))
        return await measure(running, count)


async def _due(running: Emulators, count: int) -> dict[str, float]:
    seconds = await measure_tick(running, count)
    return {"wall": seconds["tick"], "processor": seconds[f"tick, {THIS_PROCESS}"]}


async def _settled(running: Emulators, count: int) -> dict[str, float]:
    wall, used = await measure_runs(running, runs=count)
    return {"wall": wall, "processor": used[THIS_PROCESS]}


if __name__ == "__main__":
    logging.getLogger("tock").setLevel(logging.ERROR)
    sys.stdout.write(json.dumps(asyncio.run(_warm(sys.argv[1], int(sys.argv[2])))))
