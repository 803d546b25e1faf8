"""`tock dev` and `tock demo`: the whole of Tock on this machine."""

import asyncio
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tock.bootstrap.system import SystemClock
from tock.cli.client import CommandError
from tock.local.errors import LocalError
from tock.local.log import Log

#: The file with the functions, beside this package.
SOURCE = Path(__file__).resolve().parents[2] / "main.py"
#: How wide the demo prints where no terminal tells.
PIPE_WIDTH = 120

Data = Annotated[Path, typer.Option(help="Where data, logs and ports are kept.")]
Repo = Annotated[Path, typer.Option(help="The git repository whose history the digest reads.")]


def dev(
    data: Data = Path(".tock"),
    repo: Repo = Path(),
    *,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what earlier starts kept.")] = False,
    with_demo: Annotated[bool, typer.Option("--demo", help="Create the demo's agents and triggers.")] = False,
) -> None:
    """Run the stack here until Ctrl-C: both emulators, the five functions and a minute ticker."""
    from tock.local.demo.left_running import run_until_stopped  # noqa: PLC0415 - other commands start without it

    log = Log(sys.stdout, now=SystemClock().now)
    repository = repo.resolve() if with_demo else None
    try:
        reason = asyncio.run(run_until_stopped(data=data, source=SOURCE, fresh=fresh, repository=repository, log=log))
    except LocalError as exc:
        raise CommandError(str(exc)) from exc
    log("stack", f"ended: {reason}")


def demo(
    repo: Repo = Path(),
    data: Data = Path(".tock/demo"),
    *,
    verbose: Annotated[bool, typer.Option("--verbose", help="Print every process's log lines too.")] = False,
) -> None:
    """Perform the main job on real parts; exit 1, with the reason, unless every occurrence ran."""
    from tock.local.demo.perform import perform  # noqa: PLC0415 - other commands start without it

    if shutil.which("git") is None:
        raise CommandError("git is not installed.", details=("The digest agent reads a repository with it.",))
    console = Console() if sys.stdout.isatty() else Console(width=PIPE_WIDTH)
    data.mkdir(parents=True, exist_ok=True)
    lines = data / "log.txt"
    with lines.open("w") as file:
        log = Log(sys.stdout if verbose else file, now=SystemClock().now)
        try:
            status = asyncio.run(perform(repository=repo.resolve(), data=data, source=SOURCE, console=console, log=log))
        except LocalError as exc:
            raise CommandError(str(exc), details=(f"The log of all parts: {lines}",)) from exc
    if status and not verbose:
        console.print(f"The log of all parts: {lines}", markup=False)
    raise typer.Exit(status)
