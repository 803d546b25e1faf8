"""The agent of kind python that the contract suite runs: it does what the run's message says."""

import asyncio
import os
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
        case "hang":
            return await _hang(run)
    run.emit("progress", {"step": 1})
    if run.message == "fail":
        raise AgentError("no such page", retryable=False)
    if run.message == "listen":
        return [message.message for message in await run.messages()]
    run.usage(input_tokens=10, output_tokens=5)
    said = [*(await run.load_session() or []), run.message]
    await run.save_session(said)
    return said


async def _hang(run: RunContext) -> None:
    run.emit("progress", {"process": os.getpid()})
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.to_thread(Path(run.input["file"]).write_text, "stopped")
