"""`tock spend`: adds up what the runs of a project consumed."""

from dataclasses import replace
from datetime import UTC
from enum import StrEnum
from typing import Annotated

import typer

from tock.cli.call.here import here_of
from tock.cli.call.options import Json, client_of
from tock.cli.output import lists
from tock.cli.output.forms import AsCsv, AsNdjson, Columns, Form, form_of
from tock.cli.output.listing import print_list
from tock.cli.output.pages import Found


class By(StrEnum):
    """What is added up by."""

    AGENT = "agent"
    TRIGGER = "trigger"
    DAY = "day"
    MODEL = "model"


def spend(
    context: typer.Context,
    since: Annotated[
        str,
        typer.Option(metavar="TIME", help="The first day, such as 2027-01-31, yesterday or 7d. Days are those of UTC."),
    ] = "29d",
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="The last day, of UTC as well. Default: today.")
    ] = None,
    by: Annotated[By, typer.Option(help="What to add up by.")] = By.AGENT,
    columns: Columns = None,
    as_json: Json = False,
    as_ndjson: AsNdjson = False,
    as_csv: AsCsv = False,
) -> None:
    """Show what the project's runs consumed: tokens and US dollars, failed attempts included.

    A cost with + does not cover all tokens, because the price of their model is not known. CSV and JSON lines have no
    line for the total.

    Example: tock spend --by day --since 7d --csv
    """
    form = form_of(as_json=as_json, as_ndjson=as_ndjson, as_csv=as_csv, columns=columns)
    # Consumption is stored by days of UTC, so a day that is named is one of these, whatever --zone says.
    here = replace(here_of(context), zone=UTC)
    first, last = here.past(since, option="--since"), here.past(until, option="--until")
    with client_of(context) as client:
        found = client.usage.get(first=first and first.date(), last=last and last.date(), group_by=by)
        page = client.sent
    days = f"from {found.first} to {found.last} (UTC)"
    if form is Form.TABLE and found.groups:
        page = {**page, "groups": [*page["groups"], {"group": "total", **page["total"]}]}
    print_list(
        Found(page, name="groups"),
        lists.usage_of(by),
        form=form,
        names=columns,
        empty=f"Nothing was consumed {days}.",
        more="",
        notes=(f"Consumed {days}.",) if found.groups else (),
        now=here.now,
        zone=here.zone,
    )
