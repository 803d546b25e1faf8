"""`tock dev advance`: moves the clock of the stack that `tock dev --at` runs."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tock.cli.call.options import globals_of
from tock.cli.errors import CommandError
from tock.cli.output.tables import console, print_table
from tock.core.time import duration_from_text, instant_text
from tock.local.errors import LocalError

if TYPE_CHECKING:
    from tock.local.advance import Advance
    from tock.web.resources.run import RunResource

#: The most runs that are listed; the others are counted.
_SHOWN = 100


def advance(
    context: typer.Context,
    by: Annotated[str, typer.Argument(metavar="TIME", help="How far, such as 90s, 2h or 1d.", show_default=False)],
    data: Annotated[Path, typer.Option(help="The folder for stored data of that stack.")] = Path(".tock"),
    patience: Annotated[
        str, typer.Option(help="Give up if no run ends for so long, in real time; the clock then stays on the way.")
    ] = "60s",
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

    The clock goes from minute to minute with a tick at each, and stands while runs are at work.

    Examples: tock dev advance 2h; tock dev advance 1d --skip
    """
    from tock.local.dev import advance_running  # noqa: PLC0415 - other commands start faster

    length, waits = _length(by, name="TIME"), _length(patience, name="--patience")
    try:
        done = asyncio.run(advance_running(data, by=length, skip=skip, patience=waits))
    except LocalError as exc:
        raise CommandError(str(exc)) from exc
    _print(done, _fired(context, data, done))


def instant_of(text: str, *, option: str) -> datetime:
    """Return the time that an option names. Raises CommandError."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - other commands start faster

    from tock.core.time import Instant  # noqa: PLC0415 - as above

    try:
        instant: datetime = TypeAdapter(Instant).validate_python(text)
    except ValidationError as exc:
        raise CommandError(f"{option} {text}: {exc.errors()[0]['msg'].removeprefix('Value error, ')}") from exc
    return instant


def _length(text: str, *, name: str) -> timedelta:
    try:
        return duration_from_text(text)
    except ValueError as exc:
        raise CommandError(f"{name} {text}: {exc}") from exc


def _fired(context: typer.Context, data: Path, done: "Advance") -> "list[RunResource]":
    """Return the runs of the stack's project whose fire time the clock passed, oldest first. Raises CommandError."""
    from tock.cli.call.client import CommandClient  # noqa: PLC0415 - other commands start faster
    from tock.cli.call.option_names import errors_of_command  # noqa: PLC0415 - as above

    address = json.loads((data / "stack.json").read_text(encoding="utf-8"))
    just_after = timedelta(microseconds=1)
    with (
        errors_of_command(context),
        CommandClient(
            server=address["api"], project=address["project"], key=globals_of(context).key, identity_token=None
        ) as client,
    ):
        found = client.runs.list(since=done.start + just_after, until=done.end + just_after, page_size=100)
        return sorted(found, key=lambda run: (run.scheduled_for, run.trigger or "", run.id))


def _print(done: "Advance", fired: "list[RunResource]") -> None:
    start, end = (instant_text(instant.replace(microsecond=0)) for instant in (done.start, done.end))
    ticks = "1 tick" if done.ticks == 1 else f"{done.ticks} ticks"
    console().print(f"The clock went from {start} to {end}, with {ticks}.", markup=False, highlight=False)
    rows = (
        (instant_text(run.scheduled_for), run.trigger, run.status, run.id, run.reason or "") for run in fired[:_SHOWN]
    )
    print_table(("fire time", "trigger", "status", "run", "reason"), rows, empty="Nothing fired.")
    if len(fired) > _SHOWN:
        console().print(f"{len(fired) - _SHOWN} more: tock runs list", markup=False, highlight=False)
