"""`tock upcoming`: what comes next in a project."""

from typing import Annotated

import typer

from tock.cli.call.here import here_of
from tock.cli.call.list_command import again
from tock.cli.call.options import Json, client_of
from tock.cli.input.when import Bare, instant
from tock.cli.output import lists
from tock.cli.output.forms import AsCsv, AsNdjson, Columns, form_of
from tock.cli.output.listing import print_list
from tock.cli.output.moments import exact
from tock.cli.output.pages import Found

#: The most entries of one answer (the API's own limit).
_MOST = 500


def upcoming(
    context: typer.Context,
    until: Annotated[
        str, typer.Option(metavar="TIME", help="List what is due before this time, such as 7d or 'tomorrow 18:00'.")
    ] = "24h",
    limit: Annotated[int, typer.Option(min=1, max=_MOST, help="The most entries to list.")] = 50,
    per_trigger: Annotated[
        int | None,
        typer.Option(min=1, max=_MOST, help="The most unclaimed fire times of one trigger. Default: any number."),
    ] = None,
    columns: Columns = None,
    as_json: Json = False,
    as_ndjson: AsNdjson = False,
    as_csv: AsCsv = False,
) -> None:
    """List what comes next in the project: runs that are not over, and the fire times of all triggers.

    `scheduled` is what has its time still to come, `due` a fire time that has passed and that the next tick claims.
    `clashes` is how many others are due in the same second, `local` the time in the trigger's own time zone.

    Examples: tock upcoming --until 7d --per-trigger 3; tock upcoming --until 30d --csv
    """
    form = form_of(as_json=as_json, as_ndjson=as_ndjson, as_csv=as_csv, columns=columns)
    here = here_of(context)
    end = instant(until, option="--until", now=here.now, zone=here.zone, bare=Bare.AHEAD)
    with client_of(context) as client:
        found = client.triggers.upcoming(until=end, limit=limit, per_trigger=per_trigger)
        page = client.sent
    print_list(
        Found(page, name="upcoming"),
        lists.UPCOMING,
        form=form,
        names=columns,
        empty=f"Nothing comes before {exact(end, zone=here.zone)}.",
        more=again(context, limit=_MOST) if limit < _MOST else "--per-trigger 3 cuts triggers that fire often.",
        notes=("More than 1,200 runs are not over; the earliest are not listed.",) if found.runs_left_out else (),
        now=here.now,
        zone=here.zone,
    )
