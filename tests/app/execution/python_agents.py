"""Python agents that the engine runs: each plain one has an async twin."""

import os
from datetime import timedelta
from typing import Any

from tock.core.run.outcome import Continue, Waiting
from tock.ports.executor import AnyRunContext, RunContext
from tock.ports.sync_run_context import SyncRunContext


def goes_on(run: SyncRunContext) -> Any:
    """Save how far it is, then wait; the next attempt ends with what the one before has saved."""
    if run.state is not None:
        return {"from": run.state["step"], "attempt": run.attempt}
    run.checkpoint({"step": 3, "process": os.getpid()})
    run.messages()
    return None


async def goes_on_async(run: RunContext) -> Any:
    if run.state is not None:
        return {"from": run.state["step"], "attempt": run.attempt}
    await run.checkpoint({"step": 3, "process": os.getpid()})
    await run.messages()
    return None


def is_steered(run: SyncRunContext) -> Any:
    """Work in turns, and look for messages in each."""
    run.checkpoint("working")
    turns = 0
    while not (messages := run.messages(timeout=timedelta(milliseconds=10))):
        turns += 1
    return [[message.number, message.kind, message.message, message.by] for message in messages]


async def is_steered_async(run: RunContext) -> Any:
    await run.checkpoint("working")
    messages = await run.messages()
    return [[message.number, message.kind, message.message, message.by] for message in messages]


def saves_at_its_end(run: SyncRunContext) -> None:
    try:
        run.checkpoint({"process": os.getpid()})
        run.messages()
    finally:
        run.checkpoint("stopped")


async def saves_at_its_end_async(run: RunContext) -> None:
    try:
        await run.checkpoint({"process": os.getpid()})
        await run.messages()
    finally:
        await run.checkpoint("stopped")


def asks(run: AnyRunContext) -> Any:
    if run.answer is None:
        return run.request_approval("Send it?")
    return [run.answer.approved, run.answer.note]


async def asks_async(run: RunContext) -> Any:
    return asks(run)


def needs_two_legs(run: SyncRunContext) -> Any:
    if run.state is None:
        run.checkpoint({"read": 500})
        return Continue()
    return run.state


async def needs_two_legs_async(run: RunContext) -> Any:
    if run.state is None:
        await run.checkpoint({"read": 500})
        return Continue()
    return run.state


def only_prints(_run: AnyRunContext) -> None:
    print("as if it worked, with the key sk-1234567890")  # noqa: T201 - what it does


async def only_prints_async(run: RunContext) -> None:
    only_prints(run)


def fails_with_a_secret(_run: AnyRunContext) -> Waiting:
    raise ValueError("wrong: sk-1234567890")


async def fails_with_a_secret_async(run: RunContext) -> Waiting:
    return fails_with_a_secret(run)
