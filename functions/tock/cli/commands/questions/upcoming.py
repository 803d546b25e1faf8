"""`tock upcoming` and `tock why`: what comes next in a project, and why a trigger ran or did not run at one time."""

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Annotated

import typer

from tock.cli.call.here import here_of
from tock.cli.call.ids import complete_triggers
from tock.cli.call.options import Json, client_of
from tock.cli.input.when import Bare, instant
from tock.cli.output.moments import exact
from tock.cli.output.tables import console, print_json, print_table

if TYPE_CHECKING:
    # Other commands start faster without it.
    from tock.web.resources.upcoming import UpcomingResource, UpcomingShape

_WORDS = {"to_come": "to come", "due": "due: the next tick claims it"}


def upcoming(
    context: typer.Context,
    until: Annotated[
        str, typer.Option(metavar="TIME", help="List what is due before this time, such as 7d or 'tomorrow 18:00'.")
    ] = "24h",
    limit: Annotated[int, typer.Option(min=1, max=500, help="The most entries to list.")] = 50,
    per_trigger: Annotated[
        int | None,
        typer.Option(min=1, max=500, help="The most unclaimed fire times of one trigger. Default: any number."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List what comes next in the project: runs that are not over, and the fire times of all triggers.

    What is due in the same second as others is marked as a clash. Times are those of --zone or, without it, of each
    trigger's own time zone.

    Examples: tock upcoming --until 7d --per-trigger 3; tock upcoming --zone Europe/Berlin
    """
    here = here_of(context)
    end = instant(until, option="--until", now=here.now, zone=here.zone, bare=Bare.AHEAD)
    with client_of(context) as client:
        found = client.triggers.upcoming(until=end, limit=limit, per_trigger=per_trigger)
        print_json(client.sent) if as_json else _print(found, end=end, zone=here.zone)


def why(
    context: typer.Context,
    trigger: Annotated[
        str,
        typer.Argument(
            metavar="TRIGGER",
            help="The trigger's id; it may have been deleted.",
            autocompletion=complete_triggers,
        ),
    ],
    time: Annotated[
        str,
        typer.Argument(
            metavar="TIME", help="The time in question, such as 9:00, 'yesterday 9:00' or 2027-01-31T09:00:00+01:00."
        ),
    ],
    as_json: Json = False,
) -> None:
    """Say in a sentence why a trigger ran, or did not run, at one time.

    Example: tock why morning 2027-01-31T09:00:00+01:00
    """
    here = here_of(context)
    at = instant(time, option="TIME", now=here.now, zone=here.zone)
    with client_of(context) as client:
        found = client.triggers.why(trigger, at)
        print_json(client.sent) if as_json else _say(found.sentence)


def _print(found: "UpcomingResource", *, end: datetime, zone: tzinfo | None) -> None:
    rows = (
        (
            _local(each, zone=zone),
            each.trigger or "",
            each.agent,
            _WORDS.get(each.status, each.status),
            each.run or "",
            f"with {each.clashes} other{'s' if each.clashes > 1 else ''}" if each.clashes else "",
        )
        for each in found.upcoming
    )
    print_table(
        ("due", "trigger", "agent", "status", "run", "clash"),
        rows,
        empty=f"Nothing comes before {exact(end, zone=zone)}.",
    )
    for each in found.unreadable:
        _say(f"{each.id} cannot be read: {each.problem}")
    if found.runs_left_out:
        _say("More than 1,200 runs are not over; the earliest of them are not listed.")
    if found.more:
        _say("There is more: --limit (at most 500) shows more, --per-trigger 3 cuts triggers that fire often.")


def _local(each: "UpcomingShape", *, zone: tzinfo | None) -> str:
    return each.local if zone is None else each.due_at.astimezone(zone).isoformat()


def _say(text: str) -> None:
    console().print(text, markup=False, highlight=False, soft_wrap=True)
