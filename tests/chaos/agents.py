"""The agents of a chaos experiment: some work for longer than others, one fails at times, one blocks."""

import os
import random
import time
from datetime import timedelta
from pathlib import Path

import anyio

from chaos.work_log import logged_work
from tock.core.run.run import RunError
from tock.ports.executor import RunContext

#: The probability that an attempt of the flaky agent fails.
FAILURE_RATE = 0.4
STEADY = timedelta(seconds=15)
BLOCKED = timedelta(seconds=3)


async def instant(run: RunContext) -> int:
    """Do nothing."""
    return await _work(run, timedelta())


async def brief(run: RunContext) -> int:
    """Work for one to three seconds."""
    return await _work(run, timedelta(seconds=_rng(run).uniform(1, 3)))


async def steady(run: RunContext) -> int:
    """Work for 15 seconds."""
    return await _work(run, STEADY)


async def long(run: RunContext) -> int:
    """Work for as many seconds as the input says, longer than a lease, which heartbeats extend."""
    return await _work(run, timedelta(seconds=run.input["seconds"]))


async def flaky(run: RunContext) -> int:
    """Fail now and then."""
    with logged_work(run, instance=os.getpgrp()):
        if _rng(run).random() < FAILURE_RATE:
            raise ConnectionError("the provider hung up")
    return run.attempt


def blocking(run: RunContext) -> int:
    """Block for some seconds, in a child process of the function."""
    with logged_work(run, instance=os.getpgid(_parent(os.getppid()))):
        time.sleep(BLOCKED.total_seconds())
    return run.attempt


def fails_on_purpose(agent: str, error: RunError | None) -> bool:
    """Whether this is the failure of the flaky agent; the other agents never fail."""
    return agent == flaky.__name__ and error is not None and error.type == ConnectionError.__name__


def _parent(process: int) -> int:
    """Return the parent of a process: of the agent's keeper it is the function."""
    text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    return int(text.rpartition(")")[2].split()[1])


async def _work(run: RunContext, length: timedelta) -> int:
    with logged_work(run, instance=os.getpgrp()):
        run.emit("working", {"seconds": length.total_seconds()})
        await anyio.sleep(length.total_seconds())
    return run.attempt


def _rng(run: RunContext) -> random.Random:
    return random.Random(f"{run.run} {run.attempt}")
