"""Calls of `tock` against the real API, and what they need there."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from typer.testing import CliRunner

from client.conftest import Hosted
from tock.cli.main import app
from tock.core.run.status import RunStatus
from tock.ports.store import Change, Create

#: `tock` as the fixture of that name calls it.
Tock = Callable[..., Awaitable[str]]


async def started(tock: Tock) -> dict[str, Any]:
    """Start a run of the agent, and return what was printed of it."""
    run: dict[str, Any] = json.loads(await tock("agents", "run", "digest", "--json"))
    return run


async def copied(hosted: Hosted, run: str, *, as_id: str, status: RunStatus) -> None:
    """Store another run like this one, which has ended if the status says so."""
    store = hosted.rig.services.store
    found = await store.run("acme", run)
    assert found is not None
    other = found.value.model_copy(update={"id": as_id})
    version = await store.commit([Create(other)])
    ended = {"status": status, "finished": other.created.at, "check_at": None}
    stored = await store.run("acme", as_id)
    assert stored is not None
    assert stored.version == version
    await store.commit([Change(stored, other.model_copy(update=ended))])


async def completed(line: str) -> list[str]:
    """Return what the shell offers for this line."""
    words = line.split(" ")
    environment = {
        "_TOCK_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    done = await anyio.to_thread.run_sync(lambda: CliRunner().invoke(app, [], env=environment, prog_name="tock"))
    return done.stdout.split()


async def invoke(*words: str) -> Any:
    """Call `tock` with these words."""
    return await anyio.to_thread.run_sync(lambda: CliRunner().invoke(app, list(words)))
