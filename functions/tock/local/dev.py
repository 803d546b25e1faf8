"""Runs the stack for `tock dev` until it is stopped, with or without the demo's triggers."""

import contextlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tock.local.data_folder import using
from tock.local.demo.demo_stack import demo_session
from tock.local.demo.resources import lasting_triggers
from tock.local.durable_file import replace_file
from tock.local.stack.agent_modules import allow_list
from tock.local.stack.session import PROJECT, Session, ensure, session

#: The names of this machine, where people run the agents that they develop.
_THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")


async def run_until_stopped(
    *,
    data: Path,
    entry_module: Path,
    modules: Sequence[str],
    port: int | None,
    fresh: bool,
    repository: Path | None,
    settings: Mapping[str, str],
    key: str,
    log: Callable[[str, str], None],
    announce: Callable[[Session], None],
) -> str:
    """Run the stack until it ends, and return the reason.

    While it runs, the command line reads its address from `stack.json` in the data folder. The functions import from
    the current folder and get the `TOCK_*` variables of the environment, and those of `settings` besides. Agents may
    name the `modules` and those of TOCK_PYTHON_MODULES, and HTTP agents may be on this machine. With a `repository`,
    the demo's agents and triggers are created unless they exist. `key` is the admin key, if TOCK_ADMIN_KEY_HASH is set.
    `announce` is called once every component runs.

    Raises LocalError if a component cannot be started.
    """
    given = {name: value for name, value in os.environ.items() if name.startswith("TOCK_")}
    environment = {"TOCK_WORKSPACE_FOLDER": str((data / "workspaces").absolute()), **given, **settings}
    hosts = allow_list("TOCK_ALLOWED_HOSTS", environment).allowing(*_THIS_MACHINE)
    environment["TOCK_ALLOWED_HOSTS"] = hosts.text
    if modules:
        environment["TOCK_PYTHON_MODULES"] = allow_list("TOCK_PYTHON_MODULES", environment).allowing(*modules).text
    running: AbstractAsyncContextManager[Session]
    if repository is None:
        running = session(
            data=data,
            entry_module=entry_module,
            environment=environment,
            path=[Path.cwd()],
            port=port,
            log=log,
            fresh=fresh,
            key=key,
        )
    else:
        running = demo_session(
            data=data, entry_module=entry_module, environment=environment, port=port, log=log, fresh=fresh, key=key
        )
    address = data / "stack.json"
    async with running as started:
        if repository is not None:
            for trigger in lasting_triggers(repository=str(repository)):
                await ensure(started.api, "/triggers", trigger)
        with using(data):
            replace_file(address, text=json.dumps({"api": started.stack.urls["api"].rstrip("/"), "project": PROJECT}))
        try:
            announce(started)
            return await started.stack.wait()
        finally:
            # A disk that refuses this keeps the address of a stack that no longer answers.
            with contextlib.suppress(OSError):
                address.unlink()
