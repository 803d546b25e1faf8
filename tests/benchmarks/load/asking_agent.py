"""An agent that asks a model over HTTP, as its author would write it."""

from functools import cache
from typing import Any

import httpx

from tock.ports.executor import RunContext


async def ask(run: RunContext) -> Any:
    """Return what the model at the payload's URL answers."""
    answer = await _client().post(run.input["url"], json={"message": run.message})
    return answer.json()


@cache
def _client() -> httpx.AsyncClient:
    """Return the client that all runs of a process share."""
    timeout = httpx.Timeout(10, read=None)
    return httpx.AsyncClient(timeout=timeout, limits=httpx.Limits(max_connections=None), trust_env=False)
