"""`tock demo`: runs a scenario on the whole local stack and ends with a proof."""

import asyncio
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from tock import packaged_files
from tock.bootstrap.system_clock import SystemClock
from tock.cli.commands.local.dev import Data
from tock.cli.errors import CommandError
from tock.cli.input.when import Here
from tock.cli.output.printing import console
from tock.cli.runs.event_words import told
from tock.local.data_folder import using
from tock.local.errors import LocalError
from tock.local.output.log import Log, log_file
from tock.local.stack.session import PROJECT


def demo(
    repo: Annotated[
        Path | None,
        typer.Option(
            help="The git repository that the digest agent reads. Default: the current folder's, or else a sample.",
            show_default=False,
        ),
    ] = None,
    data: Data = Path(".tock/demo"),
    *,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Also print the log of every process. Default: only write it to a file.")
    ] = False,
) -> None:
    """Run agents on the whole local stack for under two minutes; exit 1 with the reason unless every occurrence ran."""
    from tock.local.demo.run import run_demo  # noqa: PLC0415 - other commands start faster without it
    from tock.local.demo.sample_repository import repository_to_read  # noqa: PLC0415 - as above

    if shutil.which("git") is None:
        raise CommandError("git is not installed.", details=("Install it: the digest agent calls it.",))
    screen = console()
    path = data / "log.txt"
    try:
        with ExitStack() as opened:
            with using(data):
                data.mkdir(parents=True, exist_ok=True)
                file = opened.enter_context(log_file(path, mode="w"))
                repository = repository_to_read(repo, data=data)
            status = asyncio.run(
                run_demo(
                    repository=repository,
                    data=data,
                    entry_module=packaged_files.entry_module(),
                    console=screen,
                    follow=_follow,
                    log=Log(*([sys.stdout] if verbose else []), file, now=SystemClock().now),
                )
            )
    except LocalError as exc:
        raise CommandError(str(exc), details=(f"The log of all processes is in {path}.",)) from exc
    if status:
        screen.print(f"The log of all processes is in {path}.", markup=False)
    raise typer.Exit(status)


def _follow(server: str, run: str) -> Iterator[str]:
    """Yield what `tock runs follow` says of a run of the demo."""
    from tock import Client  # noqa: PLC0415 - other commands start faster without it

    with Client(server, project=PROJECT, key="", identity_token="") as client:
        yield from told(client.runs.stream_events(run), here=lambda: Here(now=SystemClock().now(), zone=None))
