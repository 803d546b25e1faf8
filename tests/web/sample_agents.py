"""Agents for the tests of the functions."""

import asyncio
from typing import Any

from tock.core.run.outcome import WaitFor, Waiting
from tock.executors.python.agent_error import AgentError
from tock.ports.executor import Callback, RunContext

#: Opened by the test: the agent of this run waits for it.
GATES: dict[str, asyncio.Event] = {}
#: What the agents of these runs told a service.
TOLD: dict[str, Callback | None] = {}


async def digest(run: RunContext) -> dict[str, Any]:
    for read in range(1, 4):
        run.emit("progress", {"read": read})
    return {"message": run.message, "payload": dict(run.input), "model": run.model}


async def waits(run: RunContext) -> Waiting | str:
    return Waiting(WaitFor.CALLBACK) if run.answer is None else "answered"


async def hands_on(run: RunContext) -> Any:
    """Tell a service where to call back, and end with what it says."""
    if run.answer is not None:
        return run.answer.value
    TOLD[run.run] = run.callback
    return Waiting(WaitFor.CALLBACK)


async def spends(run: RunContext) -> str:
    run.usage(input_tokens=9, output_tokens=1, model="home-made")
    return "spent"


async def broken(run: RunContext) -> None:
    raise AgentError(f"{run.agent} never works", retryable=False)


async def asking(run: RunContext) -> Any:
    return run.answer.approved if run.answer else run.request_approval("Publish?")


async def questioning(run: RunContext) -> Any:
    return run.answer.value if run.answer else Waiting(WaitFor.INPUT, question="How many?")


async def talking(run: RunContext) -> list[Any]:
    said = [*(await run.load_session() or []), run.message]
    await run.save_session(said)
    return said


async def gated(run: RunContext) -> str:
    run.emit("progress", {"read": 1})
    for kind in run.input.get("kinds", ()):
        run.emit(kind, {})
    gate = GATES[run.run]
    while not gate.is_set():
        # The gate belongs to another loop than the agent's.
        await asyncio.sleep(0.01)
    run.emit("progress", {"read": 2})
    return "done"
