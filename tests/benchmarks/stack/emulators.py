"""The two emulators that benchmarks run on, each in its own process."""

import asyncio
import functools
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import tock
from benchmarks.instruments.machine import processor_seconds
from tock.local.firestore.emulator import FirestoreEmulator
from tock.local.process import Process
from tock.local.stack.probe import listens
from tock.local.tcp_ports import unused_port
from waiting import TIMEOUT

#: The environment variables with the host:port of an emulator that is already running.
FIRESTORE = "FIRESTORE_EMULATOR_HOST"
CLOUD_TASKS = "TOCK_BENCH_CLOUD_TASKS"
#: The name of the process that measures, beside those of the emulators.
THIS_PROCESS = "this process"
#: `tock dev` starts Java without its optimizing compiler, to start fast. A benchmark needs the full speed.
_FULL_SPEED = "-XX:TieredStopAtLevel=4"


@dataclass(frozen=True, slots=True)
class Emulators:
    """The host:port of each emulator, and the ids of the processes that were started."""

    firestore: str
    cloud_tasks: str
    processes: Mapping[str, int]


@asynccontextmanager
async def emulators() -> AsyncIterator[Emulators]:
    """Start both emulators, with data in memory, and stop them afterwards.

    An emulator that the environment names is used instead. Inside the block the environment names both, so that
    Google's client finds Firestore.
    """
    environment = {**os.environ, "_JAVA_OPTIONS": _FULL_SPEED}
    async with FirestoreEmulator.start(environment=environment) as firestore, _cloud_tasks() as (address, tasks):
        started = {"cloud_tasks": tasks, "firestore": firestore.process}
        pids = {name: process.pid for name, process in started.items() if process is not None}
        processes = {name: pid for name, pid in pids.items() if pid is not None}
        with named(FIRESTORE, firestore.host), named(CLOUD_TASKS, address):
            yield Emulators(firestore=firestore.host, cloud_tasks=address, processes=processes)


def processor_time(running: Emulators) -> dict[str, float]:
    """Return the seconds of processor time that this process and the emulators have used, by name."""
    emulated = {name: processor_seconds(pid) for name, pid in running.processes.items()}
    return {THIS_PROCESS: time.process_time()} | emulated


@contextmanager
def named(variable: str, address: str) -> Iterator[None]:
    """Set a variable of the environment to the address inside the block."""
    before = os.environ.get(variable)
    os.environ[variable] = address
    try:
        yield
    finally:
        del os.environ[variable]
        if before is not None:
            os.environ[variable] = before


@asynccontextmanager
async def _cloud_tasks() -> AsyncIterator[tuple[str, Process | None]]:
    if running := os.environ.get(CLOUD_TASKS):
        yield running, None
        return
    port = unused_port()
    functions = str(Path(tock.__file__).parents[1])
    process = Process(
        "cloud_tasks",
        command=[sys.executable, "-c", _QUIET_SERVER, str(port)],
        environment={**os.environ, "PYTHONPATH": functions},
        log=lambda _name, _text: None,
    )
    await process.start()
    try:
        await process.answers(functools.partial(listens, port), timeout=timedelta(seconds=TIMEOUT))
        yield f"127.0.0.1:{port}", process
    finally:
        await asyncio.shield(process.stop())


#: Without the line of log per task that `python -m tock.local.cloud_tasks` writes, which would be measured too.
_QUIET_SERVER = """
import asyncio, signal, sys
from tock.local.cloud_tasks.server import CloudTasksEmulator

async def serve():
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with CloudTasksEmulator(port=int(sys.argv[1])):
        await stopped.wait()

asyncio.run(serve())
"""
