"""How late runs start on the local stack: from their fire time to the start of their first attempt."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import quantiles

import httpx
from google.cloud.firestore import AsyncClient

from benchmarks.report import Figure, Report, Target
from benchmarks.stack.emulators import FIRESTORE, named
from benchmarks.stack.local_stack import client_of, local_stack, posted
from tock.bootstrap.system_clock import SystemClock
from tock.core.run.run import Run
from tock.core.time.instant import instant_text
from tock.core.timing import Timing
from tock.local.stack.function_environment import GOOGLE_PROJECT
from tock.local.stack.stack import Stack
from tock.ports.store import RunFilter
from tock.store.firestore import FirestoreStore
from waiting import TIMEOUT

_P50 = Target(kind="below", bound=100)
_P99 = Target(kind="below", bound=1000)
_PROJECT = "bench"


async def measure(*, quick: bool) -> Report:
    """Let triggers fire on whole seconds, two at each, and read from the stored runs when they started.

    `lead` is how many seconds there are to create the triggers before the first one fires.
    """
    triggers, every, fires, lead = (4, 2, 2, 8) if quick else (20, 10, 30, 15)
    clock = SystemClock()
    async with local_stack({"TOCK_SHORTEST_INTERVAL": f"PT{every}S"}) as stack:
        async with client_of(stack) as client:
            await _create_agent(client)
            first = (clock.now() + timedelta(seconds=lead)).replace(microsecond=0)
            last = first + timedelta(seconds=every * fires)
            await _create_triggers(client, triggers=triggers, every=every, first=first, last=last)
        await clock.sleep(last - clock.now())
        runs = await _started(stack, count=triggers * fires, until=clock.now() + timedelta(seconds=TIMEOUT))
    late = sorted(run.lateness / timedelta(milliseconds=1) for run in runs if run.lateness is not None)
    return Report(benchmark="lateness", figures=_figures(late), details={"milliseconds": late})


def _figures(late: Sequence[float]) -> list[Figure]:
    off = sorted(map(abs, late))
    percentiles = quantiles(off, n=100, method="inclusive")
    note = f"{len(late)} fires, two at each second; an early start counts as a late one"
    return [
        Figure(name="lateness, median", value=percentiles[49], unit="ms", target=_P50, note=note),
        Figure(name="lateness, 99th percentile", value=percentiles[98], unit="ms", target=_P99),
        Figure(name="lateness, minimum", value=min(late), unit="ms", note="below 0: early"),
        Figure(name="lateness, maximum", value=max(late), unit="ms"),
    ]


async def _create_agent(client: httpx.AsyncClient) -> None:
    """Create the project and its agent. The first request also waits until the function is imported."""
    config = {"callable": "benchmarks.load.agents:trivial"}
    await posted(client, "projects", {"id": _PROJECT})
    await posted(client, f"projects/{_PROJECT}/agents", {"id": "worker", "kind": "python", "config": config})


async def _create_triggers(
    client: httpx.AsyncClient, *, triggers: int, every: int, first: datetime, last: datetime
) -> None:
    """Create triggers whose fire times are spread over the seconds from `first` to `last`."""
    for number in range(triggers):
        fires = first + timedelta(seconds=number % every)
        schedule = {"every": f"PT{every}S", "anchor": instant_text(fires)}
        spec = {"agent": "worker", "schedule": schedule, "start": instant_text(fires), "end": instant_text(last)}
        # No run waits for the one before it.
        spec["overlap"] = "parallel"
        await posted(client, f"projects/{_PROJECT}/triggers", {"id": f"t{number}", **spec})


async def _started(stack: Stack, *, count: int, until: datetime) -> list[Run]:
    """Return the runs once all have started. Raises RuntimeError if some do not start in time."""
    clock = SystemClock()
    with named(FIRESTORE, stack.firestore):
        client = AsyncClient(project=GOOGLE_PROJECT)
    store = FirestoreStore(client, shards=Timing().shards)
    try:
        while True:
            page = await store.runs(_PROJECT, matching=RunFilter(), limit=2 * count, token=None)
            started = [run for run in page.items if run.lateness is not None]
            if len(started) >= count:
                return started
            if clock.now() > until:
                raise RuntimeError(f"{len(started)} of {count} runs started")
            await asyncio.sleep(1)
    finally:
        await client._firestore_api.transport.close()
