"""Runs the stack for `tock dev` until it is stopped, with or without the demo's triggers."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import anyio

from tock.client.local_stack import ADDRESS_FILE
from tock.local.data_folder import using
from tock.local.demo.demo_stack import demo_session
from tock.local.demo.resources import lasting_triggers
from tock.local.durable_file import replace_file
from tock.local.sources.named import Sources
from tock.local.sources.reading import Found, read
from tock.local.stack.agent_modules import allow_list
from tock.local.stack.function_environment import THIS_MACHINE
from tock.local.stack.ports import PORT
from tock.local.stack.session import PROJECT, Session, ensure, session


async def run_until_stopped(
    *,
    data: Path,
    entry_module: Path,
    sources: Sources,
    port: int | None,
    fresh: bool,
    repository: Path | None,
    settings: Mapping[str, str],
    key: str,
    at: datetime | None,
    log: Callable[[str, str], None],
    follow: Callable[[Session, Awaitable[Found]], Coroutine[Any, Any, None]],
) -> str:
    """Run the stack until it ends, and return the reason.

    While it runs, the command line reads its address from `stack.json` in the data folder. The functions import from
    the folders of the `sources` and get the `TOCK_*` variables of the environment, and those of `settings` besides. In
    the emulator of FIRESTORE_EMULATOR_HOST, which others may use too, GOOGLE_CLOUD_PROJECT keeps the documents apart.
    Agents may name what the sources allow and TOCK_PYTHON_MODULES, and HTTP agents may be on this machine. With a
    `repository`, the demo's agents and triggers are created unless they exist. `key` is the admin key, if
    TOCK_ADMIN_KEY_HASH is set. Once every component runs, `follow` is called, with what the sources define, and
    cancelled when the stack ends. With `at`, the stack has a clock that begins there and can be moved.

    Raises LocalError if a component cannot be started.
    """
    workspaces = str((data / "workspaces").absolute())
    environment = {"TOCK_WORKSPACE_FOLDER": workspaces, **passed_on(os.environ), **settings}
    hosts = allow_list("TOCK_ALLOWED_HOSTS", environment).allowing(*THIS_MACHINE)
    environment["TOCK_ALLOWED_HOSTS"] = hosts.text
    if sources.allowed:
        modules = allow_list("TOCK_PYTHON_MODULES", environment).allowing(*sources.allowed)
        environment["TOCK_PYTHON_MODULES"] = modules.text
    kind = session if repository is None else demo_session
    running: AbstractAsyncContextManager[Session] = kind(
        data=data,
        entry_module=entry_module,
        environment=environment,
        path=sources.folders,
        port=port,
        preferred_port=PORT,
        log=log,
        fresh=fresh,
        key=key,
        at=at,
    )
    address = data / ADDRESS_FILE
    async with _under_way(read(sources, log=log)) as reading, running as started:
        if repository is not None:
            for trigger in lasting_triggers(repository=str(repository)):
                await ensure(started.api, "/triggers", trigger)
        with using(data):
            replace_file(address, text=json.dumps(_address(started)))
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(follow, started, reading)
                reason = await started.stack.wait()
                tasks.cancel_scope.cancel()
            return reason
        finally:
            # A disk that refuses this keeps the address of a stack that no longer answers.
            with contextlib.suppress(OSError):
                address.unlink()


@asynccontextmanager
async def _under_way(work: Coroutine[Any, Any, Found]) -> AsyncIterator[Awaitable[Found]]:
    """Do the work beside the block; what is not done at its end is given up."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


def passed_on(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that the functions get: Tock's and, for an emulator that others may use, the project."""
    own = {name: value for name, value in environment.items() if name.startswith("TOCK_")}
    project = environment.get("GOOGLE_CLOUD_PROJECT")
    is_shared = bool(environment.get("FIRESTORE_EMULATOR_HOST"))
    return own | {"GOOGLE_CLOUD_PROJECT": project} if project and is_shared else own


def _address(started: Session) -> dict[str, Any]:
    movable = started.stack.movable
    return {
        "api": started.stack.urls["api"].rstrip("/"),
        "project": PROJECT,
        "cloud_tasks": started.stack.cloud_tasks,
        "queues": started.stack.queues,
        "movable": None if movable is None else movable.as_json(),
    }
