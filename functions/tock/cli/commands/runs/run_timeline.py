"""`tock runs timeline`: draws the life of a run."""

import typer

from tock.cli.call.here import here_of
from tock.cli.call.ids import RunId
from tock.cli.call.options import Json, client_of
from tock.cli.output.lengths import how_long
from tock.cli.output.moments import moment
from tock.cli.output.printing import console, print_json
from tock.cli.runs.timeline import drawn
from tock.web.resources.runs.shown_status import shown_status
from tock.web.resources.runs.timeline import timeline

#: A picture for a pipe is as wide as this, and one on a terminal no wider.
WIDEST = 120


def show_timeline(context: typer.Context, run: RunId, as_json: Json = False) -> None:
    """Draw the life of a run to scale: when it was scheduled, queued, held, at work and waiting, and how it ended.

    Example: tock runs timeline 7f3a
    """
    with client_of(context) as client:
        found = client.runs.get(run)
        if as_json:
            return print_json(client.sent)
    screen, here = console(), here_of(context)
    segments = timeline(found, now=here.now)
    whole = f" {how_long(segments[-1].end - segments[0].begin)}" if segments else ""
    status = shown_status(found, now=here.now)
    begun = moment(found.created.at, now=here.now, zone=here.zone)
    screen.print(
        f"run {found.id} of {found.trigger or found.agent}: {status}{whole}, created {begun}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    for line in drawn(segments, width=min(screen.width, WIDEST), ascii_only=screen.options.ascii_only):
        screen.print(line, markup=False, highlight=False, soft_wrap=True)
    return None
