"""`tock why`: why a trigger ran, or did not run, at one time."""

from typing import Annotated

import typer

from tock.cli.call.here import here_of
from tock.cli.call.ids import complete_triggers
from tock.cli.call.options import Json, client_of
from tock.cli.input.when import instant
from tock.cli.output.printing import print_json, say


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
        print_json(client.sent) if as_json else say(found.sentence)
