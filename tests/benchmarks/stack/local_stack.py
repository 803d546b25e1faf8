"""The whole local stack, in a folder of its own, with the agents of the benchmarks."""

import os
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx

import tock
from tock.local.stack.stack import Stack

_FUNCTIONS = Path(tock.__file__).parents[1]
#: Where every process of a benchmark imports `tock` and `benchmarks` from.
PYTHON_PATH = os.pathsep.join([str(_FUNCTIONS), str(Path(__file__).parents[2])])


@asynccontextmanager
async def local_stack(
    environment: Mapping[str, str] = MappingProxyType({}), *, path: Sequence[Path] = ()
) -> AsyncIterator[Stack]:
    """Start the stack, whose functions get these variables besides; stop it and delete its data afterwards.

    Modules in the folders `path` are imported anew once they were edited.
    """
    own = {
        "TOCK_PYTHON_MODULES": "benchmarks.load.agents,benchmarks.load.asking_agent",
        "PYTHONPATH": os.pathsep.join([*map(str, path), PYTHON_PATH]),
    }
    with tempfile.TemporaryDirectory(prefix="tock-bench-") as data:
        async with Stack(
            data=Path(data),
            entry_module=_FUNCTIONS / "main.py",
            log=lambda _name, _text: None,
            environment={**own, **environment},
            path=path,
        ) as stack:
            yield stack


@asynccontextmanager
async def client_of(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the stack's API, whose paths begin after `/v1/`."""
    async with httpx.AsyncClient(base_url=f"{stack.urls['api']}v1/", timeout=60, trust_env=False) as client:
        yield client


async def posted(client: httpx.AsyncClient, path: str, body: object) -> dict[str, Any]:
    """Return the answer to a request. Raises RuntimeError if it was refused."""
    answer = await client.post(path, json=body)
    if not answer.is_success:
        raise RuntimeError(f"{path} was refused: {answer.text}")
    found: dict[str, Any] = answer.json()
    return found


async def read(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    """Return a resource. Raises httpx.HTTPError."""
    found: dict[str, Any] = (await client.get(path)).raise_for_status().json()
    return found
