"""The agents of a chaos experiment: some work long, one fails at times, one blocks, one waits, one listens."""

import os
import random
import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

import anyio

from chaos.load.work_line import function_of
from chaos.load.work_log import logged_work, note
from tock.core.errors import SessionMoved, StoreUnavailable
from tock.core.run.outcome import OnDeadline, WaitFor, Waiting
from tock.core.run.run import RunError
from tock.ports.executor import RunContext

#: The probability that an attempt of the flaky agent fails.
FAILURE_RATE = 0.4
STEADY = timedelta(seconds=15)
LISTENS = timedelta(seconds=6)
#: The shortest and the longest deadline of a wait, in seconds, and what is waited for.
DEADLINES = (8, 30)
WAITS_FOR = (WaitFor.APPROVAL, WaitFor.CALLBACK)
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
    with logged_work(run, instance=function_of(os.getpid())):
        time.sleep(BLOCKED.total_seconds())
    return run.attempt


async def limited(run: RunContext) -> int:
    """Work for four to eight seconds, while only some runs of this agent may work at once."""
    return await _work(run, timedelta(seconds=_rng(run).uniform(4, 8)))


async def waits(run: RunContext) -> Waiting | dict[str, Any]:
    """Wait for an approval or a callback, and end with what was answered."""
    with logged_work(run, instance=os.getpgrp()):
        if run.answer is not None:
            return {"by": run.answer.by, "note": run.answer.note, "value": run.answer.value}
    rng = random.Random(run.run)
    deadline, on_deadline = timedelta(seconds=rng.uniform(*DEADLINES)), rng.choice(list(OnDeadline))
    return Waiting(rng.choice(WAITS_FOR), question="More?", deadline=deadline, on_deadline=on_deadline)


async def talker(run: RunContext) -> int:
    """Take messages for six seconds, and save who was there for the run that goes on with the conversation."""
    instance, before = os.getpgrp(), None
    with suppress(StoreUnavailable):
        before = await run.load_session() or []
        note(run, "loaded", before, instance=instance)
    with logged_work(run, instance=instance):
        run.emit("working")
        with anyio.move_on_after(LISTENS.total_seconds()):
            while True:
                with suppress(StoreUnavailable):
                    for message in await run.messages():
                        note(run, "heard", message.message, instance=instance)
                await anyio.sleep(0.2)
        with suppress(StoreUnavailable, SessionMoved):
            await run.save_session([*(before or []), run.run])
            note(run, "saved", [*(before or []), run.run], instance=instance)
    return run.attempt


def fails_on_purpose(agent: str, error: RunError | None) -> bool:
    """Whether this is the failure of the flaky agent; the other agents never fail."""
    return agent == flaky.__name__ and error is not None and error.type == ConnectionError.__name__


async def _work(run: RunContext, length: timedelta) -> int:
    with logged_work(run, instance=os.getpgrp()):
        run.emit("working", {"seconds": length.total_seconds()})
        await anyio.sleep(length.total_seconds())
    return run.attempt


def _rng(run: RunContext) -> random.Random:
    return random.Random(f"{run.run} {run.attempt}")
