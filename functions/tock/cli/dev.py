"""`tock dev`: runs all of Tock on this machine until Ctrl-C."""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from tock import packaged_files
from tock.bootstrap.system_clock import SystemClock
from tock.cli.client import CommandError
from tock.cli.tables import console
from tock.local.errors import LocalError
from tock.local.log import Log
from tock.local.stack.session import PROJECT, Session

#: A log of earlier starts that is larger than this, in bytes, is renamed to log.old.txt.
_LARGEST_LOG = 10 * 1024 * 1024

Data = Annotated[Path, typer.Option(help="The folder for stored data, the log and the ports.")]


def dev(
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
    data.mkdir(parents=True, exist_ok=True)
    log_file = data / "log.txt"
    if log_file.is_file() and log_file.stat().st_size > _LARGEST_LOG:
        log_file.replace(data / "log.old.txt")
    # Append: another stack may be using this folder, which this one notices only later, when it starts.
    with log_file.open("a") as file:
        log = Log(sys.stdout, file, now=SystemClock().now)
        try:
            reason = asyncio.run(
                run_until_stopped(
                    data=data,
                    entry_module=packaged_files.entry_module(),
                    modules=modules or (),
                    port=port,
                    fresh=fresh,
                    repository=repository_to_read(repo, data=data) if with_demo else None,
                    log=log,
                    announce=lambda session: _announce(session, log_file=log_file, next_command=next_command),
                )
            )
        except LocalError as exc:
            raise CommandError(str(exc)) from exc
        log("stack", f"ended: {reason}")


def _next_command(modules: Sequence[str], *, with_demo: bool) -> str:
    if with_demo:
        return "tock runs list"
    config = json.dumps({"callable": f"{modules[0] if modules else 'acme.agents'}:hello"})
    return f"tock agents create hello --kind python --config '{config}'"


def _announce(session: Session, *, log_file: Path, next_command: str) -> None:
    lines = [
        "",
        f"Tock is running. Ctrl-C stops it; its data stays in {log_file.parent}.",
        f"  API    {session.stack.urls['api']}v1/projects/{PROJECT}",
        f"  Log    {log_file}",
        f"  Next   in another terminal here: {next_command}",
        "",
    ]
    console().print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)
