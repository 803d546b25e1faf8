"""The frame of a program that measures one of Tock's peers, in a process and an environment of its own.

`python -m benchmarks.peer_programs.NAME ADDRESS KIND COUNT SYNCHRONOUS_COMMIT` prints a `Measured` as JSON. KIND is
`due` (due schedules turned into persisted runs) or `settled` (persisted runs executed to their end).
"""

import asyncio
import gc
import json
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass

import psycopg

#: What each schedule passes to its runs.
INPUT = {"message": "Digest of acme/site", "payload": {"repo": "acme/site", "branch": "main", "days": 7}}
#: A tenth of the runs warms the process up: connections, prepared statements, imports at first use.
_WARMUP = 10


@dataclass(slots=True)
class Measured:
    """The seconds that a side took, and those of its own process's processor time."""

    wall: float = 0.0
    processor: float = 0.0


#: Measures this many due schedules or runs in the empty database with this URL.
Measure = Callable[[str, int], Awaitable[Measured]]


def main(measures: Mapping[str, Measure]) -> None:
    """Run the measure that the command line names, once to warm up and once for its result."""
    address, kind, count, synchronous_commit = sys.argv[1:]
    done = asyncio.run(_warm(measures[kind], address, int(count), synchronous_commit=synchronous_commit))
    sys.stdout.write(json.dumps(asdict(done)))


async def _warm(measure: Measure, address: str, count: int, *, synchronous_commit: str) -> Measured:
    async with _database(address, synchronous_commit=synchronous_commit) as database:
        await measure(database, max(count // _WARMUP, 1))
    async with _database(address, synchronous_commit=synchronous_commit) as database:
        return await measure(database, count)


@asynccontextmanager
async def _database(address: str, *, synchronous_commit: str) -> AsyncIterator[str]:
    """Give the URL of a new database, which is dropped afterwards."""
    server, name = f"postgresql://bench@{address}", f"peer_{uuid.uuid4().hex}"
    async with await psycopg.AsyncConnection.connect(f"{server}/postgres", autocommit=True) as connection:
        await connection.execute(f"CREATE DATABASE {name}")
        try:
            await connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = {synchronous_commit}")
            yield f"{server}/{name}"
        finally:
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def measured() -> Iterator[Measured]:
    """Measure the block."""
    gc.collect()
    result = Measured()
    started, used = time.perf_counter(), time.process_time()
    yield result
    result.wall, result.processor = time.perf_counter() - started, time.process_time() - used


async def check(database: str, query: str, *, expected: int) -> None:
    """Raise RuntimeError if the query does not count what it should."""
    async with await psycopg.AsyncConnection.connect(database) as connection:
        found = await (await connection.execute(query)).fetchone()
    if found != (expected,):
        raise RuntimeError(f"{query}: {found}, not {expected}")
