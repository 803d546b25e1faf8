"""How many agents that wait for a slow model one `run` process holds: whether heartbeats come in time, and the memory.

The `run` function has one core of its own. The model, the emulators and the other functions have the other cores.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from statistics import median, quantiles
from typing import Any

import httpx
from google.cloud.firestore import AsyncClient

from benchmarks.instruments.heartbeats import Heartbeats
from benchmarks.instruments.machine import processor_seconds
from benchmarks.instruments.pinned import leaving_a_core, memory, pin, tree
from benchmarks.load.slow_model import AT_ONCE
from benchmarks.report import Figure, Report, Target
from benchmarks.stack.emulators import FIRESTORE, named
from benchmarks.stack.local_stack import PYTHON_PATH, client_of, local_stack, posted, read
from tock.core.time.duration import duration_text
from tock.local.process import Process
from tock.local.stack.function_environment import GOOGLE_PROJECT
from tock.local.stack.probe import listens
from tock.local.tcp_ports import unused_port
from waiting import TIMEOUT

_MIB = 1 << 20
_DELAY = Target(kind="below", bound=5)
_MEMORY = Target(kind="below", bound=400)
_STARTS_AT_ONCE = 20


async def measure(*, quick: bool) -> Report:
    """Hold the agents of each kind in a new stack: `count` of them, each of which waits `seconds` for its model."""
    count, seconds, heartbeat = (8, 6.0, timedelta(seconds=1)) if quick else (500, 60.0, timedelta(seconds=10))
    figures: list[Figure] = []
    details: dict[str, Any] = {}
    for kind in ("python", "http", "llm"):
        with leaving_a_core() as core:
            held = await _held(kind, count=count, seconds=seconds, heartbeat=heartbeat, core=core)
        figures += _figures(kind, held, count=count)
        details[kind] = held
    return Report(benchmark="concurrency", figures=figures, details=details)


def _figures(kind: str, held: Mapping[str, Any], *, count: int) -> list[Figure]:
    late, megabytes = held["delays"], held["memory"] / _MIB
    delay = Figure(
        name=f"heartbeat delay of {count} {kind} agents, 99th percentile",
        value=quantiles(late, n=100, method="inclusive")[98],
        unit="s",
        target=_DELAY,
        sides={"median": median(late), "maximum": max(late), "processor used by run": held["processor"]},
        note=f"{len(late)} heartbeats; run has {'one core' if held['pinned'] else 'no core of its own'}",
    )
    much = Figure(
        name=f"peak memory of run with {count} {kind} agents",
        value=megabytes,
        unit="MiB",
        target=_MEMORY,
        sides={"before": held["idle"] / _MIB, "KiB an agent": (held["memory"] - held["idle"]) / count / 1024},
    )
    once = Figure(
        name=f"{kind} agents at once",
        value=held["at_once"],
        unit="",
        target=Target(kind="at least", bound=count),
        sides={"succeeded": held["succeeded"]},
    )
    return [delay, much, once]


async def _held(kind: str, *, count: int, seconds: float, heartbeat: timedelta, core: int | None) -> dict[str, Any]:
    """Start this many runs, and return what was seen of them until all have ended."""
    async with _slow_model(seconds) as model, local_stack(_environment(model, heartbeat=heartbeat)) as stack:
        process = stack.processes["run"].pid
        if process is None:
            raise RuntimeError("the run function has no process")
        if core is not None:
            pin(process, core=core)
        async with client_of(stack) as api:
            await _create_agent(api, kind, model=model)
            # The first run imports what its kind needs.
            await _settled(api, kind, await _start(api, kind, model, message=AT_ONCE))
            idle, used = memory(tree(process)), _used(process)
            with named(FIRESTORE, stack.firestore):
                client = AsyncClient(project=GOOGLE_PROJECT)
            beats = Heartbeats(client, project=_project(kind), heartbeat=heartbeat)
            peak = _Peak(process)
            watchers = [asyncio.create_task(beats.watch()), asyncio.create_task(peak.watch())]
            began = asyncio.get_running_loop().time()
            try:
                runs = await _start_all(api, kind, model, count=count)
                ended = [await _settled(api, kind, run) for run in runs]
                took = asyncio.get_running_loop().time() - began
            finally:
                for watcher in watchers:
                    watcher.cancel()
                for watcher in watchers:
                    with suppress(asyncio.CancelledError):
                        await watcher
                await client._firestore_api.transport.close()
            return {
                "delays": sorted(beats.delays),
                "at_once": beats.at_once,
                "memory": peak.bytes,
                "idle": idle,
                "processor": (_used(process) - used) / took,
                "succeeded": sum(run["status"] == "succeeded" for run in ended),
                "pinned": core is not None,
                "seconds": took,
            }


class _Peak:
    """The most memory that the process tree had at any look."""

    def __init__(self, process: int) -> None:
        self.bytes = 0
        self._process = process

    async def watch(self) -> None:
        while True:
            self.bytes = max(self.bytes, memory(tree(self._process)))
            await asyncio.sleep(1)


def _used(process: int) -> float:
    return sum(map(processor_seconds, tree(process)))


@asynccontextmanager
async def _slow_model(seconds: float) -> AsyncIterator[str]:
    """Run the model in a process of its own, and yield its address."""
    port = unused_port()
    process = Process(
        "slow_model",
        command=[sys.executable, "-m", "benchmarks.load.slow_model", str(port), str(seconds)],
        environment={**os.environ, "PYTHONPATH": PYTHON_PATH},
        log=lambda _name, _text: None,
    )
    await process.start()
    try:
        await process.answers(partial(listens, port), timeout=timedelta(seconds=TIMEOUT))
        yield f"127.0.0.1:{port}"
    finally:
        await asyncio.shield(process.stop())


def _environment(model: str, *, heartbeat: timedelta) -> dict[str, str]:
    return {
        "TOCK_ALLOWED_HOSTS": model,
        "TOCK_HEARTBEAT": duration_text(heartbeat),
        "TOCK_LEASE": duration_text(4 * heartbeat),
        "TOCK_MODEL_PROVIDERS": json.dumps({"openai-chat": {"key": "none", "base_url": f"http://{model}/v1"}}),
    }


async def _create_agent(api: httpx.AsyncClient, kind: str, *, model: str) -> None:
    config = {
        "python": {"callable": "benchmarks.load.asking_agent:ask"},
        "http": {"url": f"http://{model}/"},
        "llm": {"model": "openai-chat:slow", "instructions": "Say that all is well."},
    }[kind]
    await posted(api, "projects", {"id": _project(kind)})
    await posted(api, f"projects/{_project(kind)}/agents", {"id": "waiter", "kind": kind, "config": config})


async def _start_all(api: httpx.AsyncClient, kind: str, model: str, *, count: int) -> list[str]:
    numbers = iter(range(1, count + 1))
    runs: list[str] = []

    async def start_some() -> None:
        runs.extend([await _start(api, kind, model, message=f"Question {number}") for number in numbers])

    await asyncio.gather(*(start_some() for _ in range(_STARTS_AT_ONCE)))
    return runs


async def _start(api: httpx.AsyncClient, kind: str, model: str, *, message: str) -> str:
    body = {"input": {"message": message, "payload": {"url": f"http://{model}/"}}}
    found: str = (await posted(api, f"projects/{_project(kind)}/agents/waiter:run", body))["id"]
    return found


async def _settled(api: httpx.AsyncClient, kind: str, run: str) -> dict[str, Any]:
    while True:
        found = await read(api, f"projects/{_project(kind)}/runs/{run}")
        if found["finished"] is not None:
            return found
        await asyncio.sleep(1)


def _project(kind: str) -> str:
    """Return the kind's own project: the stacks may share a Firestore emulator that was running before."""
    return f"concurrency-{kind}"
