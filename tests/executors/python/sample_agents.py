"""Agents for the tests of the python executor: values, exceptions, and async ones."""

import asyncio
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel

from tock.core.run.outcome import Cancelled, Failed, Succeeded, Usage
from tock.executors.python.agent_error import AgentError
from tock.ports.executor import RunContext

NOT_CALLABLE = 7


class Digest(BaseModel):
    title: str
    at: datetime


@dataclass
class Count:
    read: int
    at: datetime


VALUES: dict[str, Any] = {
    "none": None,
    "object": {"a": [1, 2.5, "ü", None, True]},
    "model": Digest(title="news", at=datetime(2027, 1, 1, tzinfo=UTC)),
    "dataclass": Count(read=3, at=datetime(2027, 1, 1, tzinfo=UTC)),
    "models in a list": [Digest(title="news", at=datetime(2027, 1, 1, tzinfo=UTC))],
    "succeeded": Succeeded({"a": 1}, usage=Usage(input_tokens=10, output_tokens=5, cost=0.25)),
    "failed": Failed("quota", "No quota.", retryable=True, retry_after=timedelta(seconds=90)),
    "cancelled": Cancelled("by myself"),
    "a set": {1, 2},
    "bytes": b"abc",
    "number keys": {1: 2},
    "not a number": float("nan"),
    "a class": Digest,
    "a lone surrogate": "\ud800",
    "largest": "x" * (256 * 1024 - 2),
    "too large": "x" * (256 * 1024 - 1),
    "too large in umlauts": "ü" * (128 * 1024),
}

ERRORS: dict[str, type[BaseException] | BaseException] = {
    "agent error": AgentError("Not now.", retry_after=timedelta(minutes=2)),
    "final agent error": AgentError("Never.", retryable=False),
    "value": ValueError("wrong"),
    "inner type": TypeError("inner"),
    "permission": PermissionError("denied"),
    "long": RuntimeError("y" * 5000),
    "empty": RuntimeError(),
    "surrogate": RuntimeError("\ud800"),
    "exit": SystemExit(0),
    "interrupt": KeyboardInterrupt(),
}


def returns(run: RunContext) -> Any:
    return VALUES[run.input["case"]]


async def returns_async(run: RunContext) -> Any:
    await asyncio.sleep(0)
    return VALUES[run.input["case"]]


def raises(run: RunContext) -> None:
    raise ERRORS[run.input["case"]]


async def raises_async(run: RunContext) -> None:
    await asyncio.sleep(0)
    raise ERRORS[run.input["case"]]


def invalid(_run: RunContext) -> None:
    Digest.model_validate({})


async def invalid_async(_run: RunContext) -> None:
    Digest.model_validate({})


def no_parameter() -> None:
    """Lack the parameter for the run."""


async def two_parameters(run: RunContext, more: int) -> None:
    """Want more than the run."""


def echo(run: RunContext) -> dict[str, Any]:
    run.emit("progress", {"read": 12})
    run.emit("bare")
    return {
        "project": run.project,
        "run": run.run,
        "attempt": run.attempt,
        "trigger": run.trigger,
        "agent": run.agent,
        "source": run.source,
        "message": run.message,
        "input": run.input,
        "model": run.model,
        "ref": run.ref,
        "scheduled_for": run.scheduled_for.isoformat(),
        "time_zone": run.time_zone,
        "deadline": run.deadline.isoformat(),
        "key": run.idempotency_key("mail"),
        "cancelled": run.cancelled,
    }


async def echo_async(run: RunContext) -> dict[str, Any]:
    return echo(run)


def coroutine_in_disguise(run: RunContext) -> Any:
    return echo_async(run)


class Called:
    async def __call__(self, run: RunContext) -> dict[str, Any]:
        return {"process": os.getpid(), "run": run.run}


instance = Called()


async def waits_async(run: RunContext) -> None:
    try:
        run.emit("started")
        await asyncio.sleep(600)
    finally:
        run.emit("interrupted")


swallowing = True


async def swallows(run: RunContext) -> None:
    run.emit("started")
    while swallowing:
        try:
            await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            run.emit("swallowed")
    run.emit("too late")


async def cancels_itself(_run: RunContext) -> None:
    raise asyncio.CancelledError


async def blocks(run: RunContext) -> str:
    """Hold up the loop, as a call that is not async does, until the test says so."""
    run.emit("blocking")
    released.wait(120)
    return "free"


released = threading.Event()


async def starts_tasks(run: RunContext) -> None:
    """Leave a task behind when it fails."""

    async def goes_on() -> None:
        try:
            await asyncio.sleep(600)
        finally:
            run.emit("task cancelled")

    task = asyncio.create_task(goes_on())
    await asyncio.sleep(0)
    left_behind.append(task)
    raise RuntimeError("the agent failed")


left_behind: list[asyncio.Task[None]] = []


async def loop_identity(_run: RunContext) -> dict[str, int]:
    return {"loop": id(asyncio.get_running_loop()), "thread": threading.get_ident()}
