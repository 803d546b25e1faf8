"""Agents for the tests of the functions."""

from typing import Any

from tock.executors.python.agent_error import AgentError
from tock.ports.executor import RunContext


async def digest(run: RunContext) -> dict[str, Any]:
    for read in range(1, 4):
        run.emit("progress", {"read": read})
    return {"message": run.message, "payload": dict(run.input), "model": run.model}


async def broken(run: RunContext) -> None:
    raise AgentError(f"{run.agent} never works", retryable=False)
