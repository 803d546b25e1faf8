"""Runs the stack for `tock dev` until it is stopped, with or without the demo's triggers."""

import contextlib
import json
import os
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import anyio

from tock.local.advance import Advance, MovableStack, advance
from tock.local.data_folder import using
from tock.local.demo.demo_stack import demo_session
from tock.local.demo.resources import lasting_triggers
from tock.local.durable_file import replace_file
from tock.local.errors import NoMovableClock
from tock.local.sources.named import Sources
from tock.local.stack.agent_modules import allow_list
from tock.local.stack.function_environment import THIS_MACHINE
from tock.local.stack.ports import PORT
from tock.local.stack.session import PROJECT, Session, ensure, session

#: The file in the data folder that tells other processes where the stack is.
_ADDRESS = "stack.json"


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
    announce: Callable[[Session], None],
    follow: Callable[[Session], Coroutine[Any, Any, None]],
) -> str:
    """Run the stack until it ends, and return the reason.

    While it runs, the command line reads its address from `stack.json` in the data folder. The functions import from
    the folders of the `sources` and get the `TOCK_*` variables of the environment, and those of `settings` besides. In
    the emulator of FIRESTORE_EMULATOR_HOST, which others may use too, GOOGLE_CLOUD_PROJECT keeps the documents apart.
    Agents may name what the sources allow and TOCK_PYTHON_MODULES, and HTTP agents may be on this machine. With a
    `repository`, the demo's agents and triggers are created unless they exist. `key` is the admin key, if
    TOCK_ADMIN_KEY_HASH is set. Once every component runs, `announce` is called, and `follow` until the stack ends.
    With `at`, the stack has a clock that begins there and can be moved (`advance_running`).

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
    address = data / _ADDRESS
    async with running as started:
        if repository is not None:
            for trigger in lasting_triggers(repository=str(repository)):
                await ensure(started.api, "/triggers", trigger)
        with using(data):
            replace_file(address, text=json.dumps(_address(started)))
        try:
            announce(started)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(follow, started)
                reason = await started.stack.wait()
                tasks.cancel_scope.cancel()
            return reason
        finally:
            # A disk that refuses this keeps the address of a stack that no longer answers.
            with contextlib.suppress(OSError):
                address.unlink()


async def advance_running(data: Path, *, by: timedelta, skip: bool, patience: timedelta) -> Advance:
    """Move the clock of the stack that runs with this data folder, from any process; see `advance`.

    Raises NoMovableClock, StillAtWork, TickFailed.
    """
    try:
        address: Any = json.loads((data / _ADDRESS).read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise NoMovableClock(data, runs=False) from exc
    if address.get("movable") is None:
        raise NoMovableClock(data, runs=True)
    return await advance(MovableStack.from_json(address["movable"]), by=by, skip=skip, patience=patience)


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
        "movable": None if movable is None else movable.as_json(),
    }
