"""The agents that work under chaos: of different length, one that fails at times, one that blocks."""

import os
import random
import time
from datetime import timedelta

import anyio

from chaos.diary import stint
from tock.core.run.run import RunError
from tock.ports.executor import RunContext

#: How often an attempt of the flaky agent fails.
FLAKINESS = 0.4
STEADY = timedelta(seconds=15)
BLOCKED = timedelta(seconds=3)


async def instant(run: RunContext) -> int:
    """Do nothing."""
    return await _work(run, timedelta())


async def brief(run: RunContext) -> int:
    """Work for one to three seconds."""
    return await _work(run, timedelta(seconds=_chance(run).uniform(1, 3)))


async def steady(run: RunContext) -> int:
    """Work for a quarter of a minute."""
    return await _work(run, STEADY)


async def long(run: RunContext) -> int:
    """Work for as long as the input says, longer than a lease: it lives by its heartbeats."""
    return await _work(run, timedelta(seconds=run.input["seconds"]))


async def flaky(run: RunContext) -> int:
    """Fail now and then."""
    with stint(run, instance=os.getpgrp()):
        if _chance(run).random() < FLAKINESS:
            raise ConnectionError("the provider hung up")
    return run.attempt


def blocking(run: RunContext) -> int:
    """Work for some seconds without ever giving way, in a process of its own, for the function that started it."""
    with stint(run, instance=os.getpgid(os.getppid())):
        time.sleep(BLOCKED.total_seconds())
    return run.attempt


def fails_on_purpose(agent: str, error: RunError | None) -> bool:
    """Whether an agent's attempt failed because this module says so; the others never fail."""
    return agent == flaky.__name__ and error is not None and error.type == ConnectionError.__name__


async def _work(run: RunContext, length: timedelta) -> int:
    with stint(run, instance=os.getpgrp()):
        run.emit("working", {"seconds": length.total_seconds()})
        await anyio.sleep(length.total_seconds())
    return run.attempt


def _chance(run: RunContext) -> random.Random:
    return random.Random(f"{run.run} {run.attempt}")
