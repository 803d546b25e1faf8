"""`tock dev`: runs all of Tock on this machine until Ctrl-C."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from tock import packaged_files
from tock.bootstrap.system_clock import SystemClock
from tock.cli.errors import CommandError
from tock.cli.options import globals_of
from tock.cli.tables import console
from tock.local.data_folder import using
from tock.local.errors import LocalError
from tock.local.log import Log, log_file
from tock.local.stack.session import PROJECT, Session

#: The log's file, in the folder for stored data.
_LOG = "log.txt"
#: What the banner says of the secrets of HTTP agents if there are none.
_NO_SECRETS = """come from the start: TOCK_SECRETS='{"demo/NAME": "whsec_..."}' tock dev"""
#: A log of earlier starts that is larger than this, in bytes, is renamed to log.old.txt.
_LARGEST_LOG = 10 * 1024 * 1024

Data = Annotated[Path, typer.Option(help="The folder for stored data, the log and the ports.")]


def dev(
    context: typer.Context,
    modules: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="MODULE",
            help="Python modules with your agents, such as acme.agents, in addition to those of TOCK_PYTHON_MODULES.",
            show_default=False,
        ),
    ] = None,
    data: Data = Path(".tock"),
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="The API's port. Default: a free one, and the same after a restart."),
    ] = None,
    repo: Annotated[
        Path | None,
        typer.Option(
            help="With --demo: the git repository that the digest agent reads. Default: the current folder's, or else "
            "a sample.",
            show_default=False,
        ),
    ] = None,
    commands: Annotated[
        Path | None,
        typer.Option(
            help="A JSON file of the programs that command agents may name. Default: TOCK_COMMANDS.", show_default=False
        ),
    ] = None,
    repositories: Annotated[
        Path | None,
        typer.Option(
            help="A JSON file of the git repositories that they may name. Default: TOCK_REPOSITORIES.",
            show_default=False,
        ),
    ] = None,
    *,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="First delete the data that earlier starts stored. Default: keep it.")
    ] = False,
    with_demo: Annotated[
        bool, typer.Option("--demo", help="Create the demo's agents and triggers. Default: create none.")
    ] = False,
) -> None:
    """Run Tock on this machine until Ctrl-C: both emulators, the five functions and a ticker, which ticks each minute.

    Agents' modules are imported from the current folder and PYTHONPATH. Other `tock` commands in this folder or below
    it use this stack.
    """
    from tock.local.demo.sample_repository import repository_to_read  # noqa: PLC0415 - other commands start faster
    from tock.local.dev import run_until_stopped  # noqa: PLC0415 - as above

    next_command = _next_command(modules or (), with_demo=with_demo)
    try:
        with _log(data) as log:
            with using(data):
                repository = repository_to_read(repo, data=data) if with_demo else None
            reason = asyncio.run(
                run_until_stopped(
                    data=data,
                    entry_module=packaged_files.entry_module(),
                    modules=modules or (),
                    port=port,
                    fresh=fresh,
                    repository=repository,
                    settings=_settings(commands=commands, repositories=repositories),
                    key=globals_of(context).key,
                    log=log,
                    announce=lambda session: _announce(session, data=data, next_command=next_command),
                )
            )
            log("stack", f"ended: {reason}")
    except LocalError as exc:
        raise CommandError(str(exc)) from exc


@contextmanager
def _log(data: Path) -> Iterator[Log]:
    """Give a log to the terminal and to a file in the folder. Raises DataUnusable."""
    with ExitStack() as opened:
        with using(data):
            data.mkdir(parents=True, exist_ok=True)
            path = data / _LOG
            if path.is_file() and path.stat().st_size > _LARGEST_LOG:
                path.replace(data / "log.old.txt")
            # Append: another stack may be using this folder, which this one notices only later, when it starts.
            file = opened.enter_context(log_file(path, mode="a"))
        yield Log(sys.stdout, file, now=SystemClock().now)


def _settings(*, commands: Path | None, repositories: Path | None) -> dict[str, str]:
    """Return the variables that hold the paths, whole ones: the functions work in another folder."""
    files = {"TOCK_COMMANDS": commands, "TOCK_REPOSITORIES": repositories}
    return {name: str(file.absolute()) for name, file in files.items() if file is not None}


def _next_command(modules: Sequence[str], *, with_demo: bool) -> str:
    if with_demo:
        return "tock runs list"
    config = json.dumps({"callable": f"{modules[0] if modules else 'acme.agents'}:hello"})
    return f"tock agents create hello --kind python --config '{config}'"


def _announce(session: Session, *, data: Path, next_command: str) -> None:
    lines = [
        "",
        f"Tock is running. Ctrl-C stops it; its data stays in {data}.",
        f"  API    {session.stack.urls['api']}v1/projects/{PROJECT}",
        f"  Log    {data / _LOG}",
    ]
    if session.access.needs_key:
        lines.append("  Keys   are needed, because TOCK_ADMIN_KEY_HASH is set: export TOCK_KEY=<the admin key>")
    if not session.access.opens_all:
        next_command = f"tock projects create {PROJECT}, unless it exists; then {next_command}"
    secrets = "are those of TOCK_SECRETS" if os.environ.get("TOCK_SECRETS") else _NO_SECRETS
    lines.append(f"  HTTP   agents may be on localhost; their secrets {secrets}")
    lines += [f"  Next   in another terminal here: {next_command}", ""]
    console().print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)
