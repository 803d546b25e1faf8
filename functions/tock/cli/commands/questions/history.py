"""`tock triggers history`: who changed which fields of a trigger, and when."""

from typing import Annotated

import typer

from tock.cli.call.ids import complete_triggers
from tock.cli.call.list_command import print_listed
from tock.cli.call.options import Json, Limit, client_of
from tock.cli.output import lists
from tock.cli.output.arranging import Reverse, Sort
from tock.cli.output.forms import AsCsv, AsNdjson, Columns


def history(
    context: typer.Context,
    trigger: Annotated[
        str,
        typer.Argument(
            metavar="TRIGGER",
            help="The trigger's id; it may have been deleted.",
            autocompletion=complete_triggers,
        ),
    ],
    sort: Sort = None,
    reverse: Reverse = False,
    limit: Limit = 50,
    columns: Columns = None,
    as_json: Json = False,
    as_ndjson: AsNdjson = False,
    as_csv: AsCsv = False,
) -> None:
    """List the versions of a trigger of the last 90 days, newest first: who changed which fields, and when.

    --json has the whole trigger as each version wrote it.
    """
    with client_of(context) as client:
        print_listed(
            context,
            client,
            lambda **page: client.triggers.revisions(trigger, **page),
            lists.REVISIONS,
            name="revisions",
            empty="No revisions.",
            limit=limit,
            names=columns,
            as_json=as_json,
            as_ndjson=as_ndjson,
            as_csv=as_csv,
            sort=sort,
            reverse=reverse,
        )
