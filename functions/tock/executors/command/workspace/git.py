"""Calls git so that nothing in a repository, and nothing that an agent left there, can make it run a program.

The environment has no system or user configuration. It switches hooks and `core.fsmonitor` off, allows the repository's
own protocol only, without redirects, and never asks for a password. Filters and textconv need definitions, which only a
configuration holds, and Tock reads none that an agent could write, but for the plumbing that runs no program.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from tock.core.mask import Mask
from tock.executors.command.remote import Remote
from tock.executors.shield import shielded

#: How long one call may take, unless its caller says.
LONGEST_CALL = timedelta(minutes=10)
#: What of this process's environment a machine's network needs.
_NETWORK = ("GIT_SSL_CAINFO", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")
#: The most characters of git's own words in an error.
_MAX_SAID = 500
_CONFIG = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.attributesFile": "/dev/null",
    "core.excludesFile": "/dev/null",
    "core.untrackedCache": "false",
    "credential.helper": "",
    "diff.external": "",
    "diff.ignoreSubmodules": "all",
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",
    "http.followRedirects": "false",
    "maintenance.auto": "false",
    "push.recurseSubmodules": "no",
    "safe.directory": "*",
    "submodule.recurse": "false",
}
_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "false",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_AUTHOR_NAME": "Tock",
    "GIT_AUTHOR_EMAIL": "tock@tock.invalid",
    "GIT_COMMITTER_NAME": "Tock",
    "GIT_COMMITTER_EMAIL": "tock@tock.invalid",
    "LC_ALL": "C",
}


class GitFailed(Exception):
    """A call of git failed; the message is a sentence without secrets. It may succeed later unless `final` is set."""

    def __init__(self, message: str, *, final: bool = False) -> None:
        self.final = final
        super().__init__(message)


async def git(
    *arguments: str,
    folder: Path,
    variables: Mapping[str, str] | None = None,
    config: Mapping[str, str] | None = None,
    remote: Remote | None = None,
    given: bytes = b"",
    within: timedelta = LONGEST_CALL,
) -> bytes:
    """Run git on the repository of a folder (its GIT_DIR) and return what it prints.

    `variables` and `config` are further ones, `given` is what it reads. Only with a `remote` it may reach one. When the
    caller is cancelled, it and its helpers are killed. Raises GitFailed.
    """
    settings = {**_CONFIG, **(remote.config if remote is not None else {}), **(config or {})}
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        **{name: os.environ[name] for name in _NETWORK if name in os.environ},
        "GIT_DIR": str(folder),
        "GIT_ALLOW_PROTOCOL": remote.scheme if remote is not None else "",
        **_ENVIRONMENT,
        **_as_variables(settings),
        **(variables or {}),
    }
    try:
        process = await asyncio.create_subprocess_exec(
            *("git", *arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=(variables or {}).get("GIT_WORK_TREE", folder),
            start_new_session=True,
        )
    except FileNotFoundError as exc:
        message = "This process finds no git: install git where the function run works, or name no repository."
        raise GitFailed(message, final=True) from exc
    try:
        printed, said = await asyncio.wait_for(process.communicate(given), within.total_seconds())
    except TimeoutError as exc:
        raise GitFailed(f"git {arguments[0]} took longer than {within}.") from exc
    finally:
        await shielded(_end(process))
    if process.returncode:
        words = said.decode(errors="replace").strip()[-_MAX_SAID:]
        masked = Mask(remote.secrets)(words) if remote is not None else words
        raise GitFailed(f"git {arguments[0]} failed: {masked or f'exit code {process.returncode}'}")
    return printed


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _as_variables(config: Mapping[str, str]) -> dict[str, str]:
    numbered: Sequence[tuple[int, tuple[str, str]]] = list(enumerate(config.items()))
    keys = {f"GIT_CONFIG_KEY_{number}": key for number, (key, _) in numbered}
    values = {f"GIT_CONFIG_VALUE_{number}": value for number, (_, value) in numbered}
    return {"GIT_CONFIG_COUNT": str(len(config)), **keys, **values}
