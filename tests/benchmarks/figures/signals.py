"""How soon a message from a person reaches a working agent: on the local stack, and without news of changes."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from statistics import median, quantiles
from typing import Any

import httpx

from benchmarks.load.seeding import AGENT, PROJECT, create_agent
from benchmarks.report import Figure, Report, Target
from benchmarks.rounds.throughput_rounds import deliveries_of
from benchmarks.stack.deployment import Deployment, deployed
from benchmarks.stack.emulators import emulators
from benchmarks.stack.local_stack import client_of, local_stack, posted, read
from tock.app.execution.execute import execute
from tock.app.start.run_now import RunOptions, run_agent
from tock.app.start.send_signal import send_signal
from tock.core.run.messages.signal import SignalKind
from tock.core.run.status import RunStatus
from tock.core.timing import Timing
from waiting import TIMEOUT

_SOON = Target(kind="at least", bound=95)
#: The project on the stack, which may share a Firestore emulator that was running before.
_ON_STACK = "signals"
#: How long agents have worked when the first message comes, in seconds: their runner listens by then.
_AT_WORK = 6.0
#: Between two messages, in seconds.
_PAUSE = 0.05


async def measure(*, quick: bool) -> Report:
    """Send messages to runs at work in turn, and compare when each was sent with when its agent had it."""
    runs, messages = (3, 2) if quick else (20, 10)
    heartbeat = timedelta(seconds=1 if quick else 10)
    heard = await _on_the_stack(runs=runs, messages=messages)
    looked = await _without_news(runs=runs, messages=messages, heartbeat=heartbeat)
    within = 100 * sum(each < 1 for each in heard) / len(heard)
    soon = Figure(
        name=f"of {len(heard)} messages, the share that an agent has within a second",
        value=within,
        unit="%",
        target=_SOON,
        sides=_sides(heard),
        note="seconds from the request to the API until the agent has it",
    )
    seconds = heartbeat.total_seconds()
    late = 100 * sum(each <= seconds + 1 for each in looked) / len(looked)
    slow = Figure(
        name=f"without news: the share within a heartbeat of {seconds:g} s, and a second for the Commits",
        value=late,
        unit="%",
        target=_SOON,
        sides=_sides(looked),
    )
    return Report(
        benchmark="signals", figures=[soon, slow], details={"with_news": sorted(heard), "without": sorted(looked)}
    )


def _sides(seconds: Sequence[float]) -> dict[str, float]:
    percentiles = quantiles(seconds, n=100, method="inclusive")
    return {"median": median(seconds), "95th percentile": percentiles[94], "maximum": max(seconds)}


async def _on_the_stack(*, runs: int, messages: int) -> list[float]:
    """Return how many seconds each message took from the request to the API until the agent had it."""
    async with local_stack() as stack, client_of(stack) as api:
        return await _sent_by_api(api, runs=runs, messages=messages)


async def _sent_by_api(api: httpx.AsyncClient, *, runs: int, messages: int) -> list[float]:
    config = {"callable": "benchmarks.load.agents:listen"}
    await posted(api, "projects", {"id": _ON_STACK})
    await posted(api, f"projects/{_ON_STACK}/agents", {"id": AGENT, "kind": "python", "config": config})
    body = {"input": {"payload": {"messages": messages}}}
    ids = [(await posted(api, f"projects/{_ON_STACK}/agents/{AGENT}:run", body))["id"] for _ in range(runs)]
    for run in ids:
        while (await read(api, f"projects/{_ON_STACK}/runs/{run}"))["status"] != "running":
            await asyncio.sleep(_PAUSE)
    await asyncio.sleep(_AT_WORK)
    sent: dict[str, list[float]] = {run: [] for run in ids}
    for number in range(messages):
        for run in ids:
            sent[run].append(_now())
            await posted(api, f"projects/{_ON_STACK}/runs/{run}:steer", {"message": f"Message {number}"})
            await asyncio.sleep(_PAUSE)
    latencies: list[float] = []
    for run in ids:
        while (found := await read(api, f"projects/{_ON_STACK}/runs/{run}"))["finished"] is None:
            await asyncio.sleep(1)
        latencies += _latencies(sent[run], found["result"])
    return latencies


async def _without_news(*, runs: int, messages: int, heartbeat: timedelta) -> list[float]:
    """Return how many seconds each message took to an agent whose runner hears of no change."""
    timing = Timing(heartbeat=heartbeat, lease=4 * heartbeat)
    async with emulators() as running, deployed(running, timing=timing) as deployment:
        await create_agent(deployment, function="listen")
        options = RunOptions(payload={"messages": messages})
        for _ in range(runs):
            await run_agent(deployment.services, project=PROJECT, agent=AGENT, options=options, key=None, by="bench")
        deliveries = await deliveries_of(deployment)
        async with asyncio.TaskGroup() as tasks:
            for delivery in deliveries:
                tasks.create_task(execute(deployment.services, delivery))
            ids = [delivery.run for delivery in deliveries]
            return await _sent_here(deployment, ids, messages=messages, heartbeat=heartbeat)


async def _sent_here(deployment: Deployment, ids: Sequence[str], *, messages: int, heartbeat: timedelta) -> list[float]:
    store = deployment.services.store
    for run in ids:
        async with asyncio.timeout(TIMEOUT):
            while (found := await store.run(PROJECT, run)) is None or found.value.status is not RunStatus.RUNNING:
                await asyncio.sleep(_PAUSE)
    sent: dict[str, list[float]] = {run: [] for run in ids}
    # Spread over some heartbeats, because a message that comes just before one waits for nothing.
    pause = 3 * heartbeat.total_seconds() / (messages * len(ids))
    for number in range(messages):
        for run in ids:
            sent[run].append(_now())
            await send_signal(
                deployment.services,
                project=PROJECT,
                run=run,
                kind=SignalKind.STEER,
                message=f"Message {number}",
                key=None,
                by="bench",
            )
            await asyncio.sleep(pause)
    latencies: list[float] = []
    for run in ids:
        async with asyncio.timeout(TIMEOUT):
            while (found := await store.run(PROJECT, run)) is None or not found.value.status.terminal:
                await asyncio.sleep(_PAUSE)
        latencies += _latencies(sent[run], found.value.result)
    return latencies


def _latencies(sent: Sequence[float], result: Any) -> list[float]:
    """Return the seconds of each message. Raises RuntimeError unless the agent had each once and in order."""
    if result["numbers"] != list(range(1, len(sent) + 1)):
        raise RuntimeError(f"the agent had the messages {result['numbers']} of {len(sent)}")
    return [there - here for here, there in zip(sent, result["came"], strict=True)]


def _now() -> float:
    return time.time_ns() / 1e9
