"""The agent of kind python that the contract suite runs: it does what the run's message says."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from tock.core.run.outcome import WaitFor, Waiting
from tock.executors.python.agent_error import AgentError
from tock.ports.executor import RunContext


async def works(run: RunContext) -> Any:
    match run.message:
        case "nothing":
            return None
        case "ask":
            return run.answer.value if run.answer else Waiting(WaitFor.INPUT, question="Which branch?")
        case "hang" | "stubborn":
            return await _hang(run)
        case "again" | "survive":
            return run.state or await _begin(run)
    run.emit("progress", {"step": 1})
    if run.message == "fail":
        await run.save_session(["fail"])
        raise AgentError("no such page", retryable=False)
    if run.message == "listen":
        return [[message.kind, message.message] for message in await run.messages()]
    run.usage(input_tokens=10, output_tokens=5)
    said = [*(await run.load_session() or []), run.message]
    await run.save_session(said)
    return said


async def _hang(run: RunContext) -> None:
    run.emit("progress", {"process": os.getpid()})
    while run.message == "stubborn":
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.to_thread(Path(run.input["file"]).write_text, "stopped")


async def _begin(run: RunContext) -> None:
    """Save a state, then fail, or work until this process dies; a child is to die with it."""
    await run.checkpoint({"step": 2})
    if run.message == "again":
        raise AgentError("busy", retryable=True)
    told = {"process": os.getpid()}
    if run.input.get("child"):
        told["child"] = (await asyncio.create_subprocess_exec("sleep", "600", start_new_session=True)).pid
    run.emit("progress", told)
    await asyncio.Event().wait()
