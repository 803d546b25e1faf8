"""`tock dev advance`: moves the clock of the stack that `tock dev --at` runs."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tock.cli.call.options import globals_of
from tock.cli.errors import CommandError
from tock.cli.input.when import length_option
from tock.cli.output import lists
from tock.cli.output.listing import print_table
from tock.cli.output.printing import say
from tock.core.time.instant import instant_text
from tock.local.errors import LocalError

if TYPE_CHECKING:
    from tock.local.clock.advance import Advance
    from tock.local.running import RunningStack
    from tock.web.resources.runs.run import RunResource

#: The most runs that are listed; the others are counted.
_SHOWN = 100


def advance(
    context: typer.Context,
    by: Annotated[
        timedelta,
        typer.Argument(
            parser=length_option, metavar="LENGTH", help="How far, such as 90s, 2h or 1d.", show_default=False
        ),
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            help="The folder for stored data of that stack. Default: .tock here or in a folder above.",
            show_default=False,
        ),
    ] = None,
    patience: Annotated[
        timedelta,
        typer.Option(
            parser=length_option,
            metavar="LENGTH",
            help="Give up if no run ends for so long, in real time; the clock then stays on the way.",
            show_default="60s",
        ),
    ] = timedelta(seconds=60),
    *,
    skip: Annotated[
        bool,
        typer.Option(
            "--skip",
            help="Go there at once, as if no tick had come meanwhile, and tick there: what was due is a backlog. "
            "Default: tick each minute on the way.",
        ),
    ] = False,
) -> None:
    """Move the clock of the stack that `tock dev --at TIME` runs, and say what fired.

    The clock goes from minute to minute with a tick at each, and stands until no run is at work. Then it goes on as
    before.

    Examples: tock dev advance 2h; tock dev advance 1d --skip
    """
    from tock.local.running import RunningStack  # noqa: PLC0415 - other commands start faster

    try:
        running = RunningStack.found(data)
        done = asyncio.run(running.advance(by=by, skip=skip, patience=patience))
    except LocalError as exc:
        raise CommandError(str(exc)) from exc
    _print(done, _fired(context, running, done))


def _fired(context: typer.Context, running: "RunningStack", done: "Advance") -> "list[RunResource]":
    """Return the runs of the stack's project whose fire time the clock passed, oldest first. Raises CommandError."""
    from tock.cli.call.client import CommandClient  # noqa: PLC0415 - other commands start faster
    from tock.cli.call.option_names import errors_of_command  # noqa: PLC0415 - as above

    just_after = timedelta(microseconds=1)
    with (
        errors_of_command(context),
        CommandClient(
            server=running.api, project=running.project, key=globals_of(context).key, identity_token=None
        ) as client,
    ):
        found = client.runs.list(since=done.start + just_after, until=done.end + just_after, page_size=100)
        return sorted(found, key=lambda run: (run.scheduled_for, run.trigger or "", run.id))


def _print(done: "Advance", fired: "list[RunResource]") -> None:
    start, end = (instant_text(instant.replace(microsecond=0)) for instant in (done.start, done.end))
    ticks = "1 tick" if done.ticks == 1 else f"{done.ticks} ticks"
    say(f"The clock went from {start} to {end}, with {ticks}.")
    print_table(lists.FIRED, [run.model_dump(mode="json") for run in fired[:_SHOWN]], empty="Nothing fired.")
    if len(fired) > _SHOWN:
        say(f"{len(fired) - _SHOWN} more: tock runs list")
