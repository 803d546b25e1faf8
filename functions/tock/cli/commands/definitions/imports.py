"""`tock import`: the schedules of cron, Kubernetes, GitHub Actions and systemd as triggers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tock.cli.call.here import here_of
from tock.cli.call.ids import complete_agents
from tock.cli.call.options import client_of
from tock.cli.errors import UsageError
from tock.cli.output.printing import say, schedule_words

if TYPE_CHECKING:
    # Other commands start faster without these.
    from tock.manifest.imports.found import Left
    from tock.manifest.imports.imported import Imported

#: The owner of what an import creates: no apply of definitions deletes it.
_OWNER = "tock-import"


def import_schedules(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="crontab, kubernetes, github or systemd.")],
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Its files: a crontab, manifests, workflows or .timer units."),
    ],
    agent: Annotated[
        str,
        typer.Option(
            help="The agent that runs them; the payload holds what each file says is to be run.",
            autocompletion=complete_agents,
        ),
    ],
    time_zone: Annotated[
        str, typer.Option(help="The IANA time zone of the machine or cluster, if the file names none.")
    ] = "UTC",
    *,
    with_users: Annotated[
        bool, typer.Option("--with-users", help="A crontab's sixth field names a user, as in /etc/crontab.")
    ] = False,
    really: Annotated[
        bool, typer.Option("--apply", help="Create the triggers. Default: only say what becomes of each schedule.")
    ] = False,
) -> None:
    """Say which triggers the schedules of another program become, what is different, and what becomes none and why.

    With --apply they are created; those that exist already stay as they are, so it can be repeated.

    Examples: tock import crontab /etc/crontab --with-users --agent ops --time-zone Europe/Berlin;
    tock import kubernetes cronjobs.yaml --agent ops --apply
    """
    from tock.manifest.imports.imported import Source, imported  # noqa: PLC0415 - other commands start faster

    if source not in set(Source):
        raise UsageError(f"{source!r} is not known: known are {', '.join(Source)}.")
    triggers, left = imported(files, source=Source(source), agent=agent, time_zone=time_zone, with_users=with_users)
    _print_findings(triggers, left)
    if not really:
        say(f"{len(triggers)} triggers, {len(left)} left. Nothing was created: --apply does that.")
    elif _create(context, triggers, left=len(left)):
        raise typer.Exit(1)


def _create(context: typer.Context, triggers: "tuple[Imported, ...]", *, left: int) -> bool:
    """Create those that do not exist; return whether one could not be created."""
    from tock.cli.applying.apply_changes import applied  # noqa: PLC0415 - other commands start faster
    from tock.cli.applying.deployed import deployed  # noqa: PLC0415 - as above
    from tock.manifest.comparison.difference import Action, difference  # noqa: PLC0415 - as above

    with client_of(context) as client:
        has = deployed(client)
        known = {trigger["id"] for trigger in has.triggers}
        new = [each.entry for each in triggers if each.entry.id not in known]
        found = difference(new, has, owner=_OWNER, prune=False, now=here_of(context).now)
        results = list(applied(client, [change for change in found.changes if change.action is Action.CREATE]))
    for refused in found.refused:
        say(f"trigger {refused.id}: {refused.reason}", style="red")
    for result in results:
        say(result.sentence, style=None if result.failure is None else "red")
    created = sum(result.failure is None for result in results)
    failed = len(new) - created
    say(f"{created} created, {len(triggers) - len(new)} existed already, {failed} failed, {left} left.")
    return failed > 0


def _print_findings(triggers: "tuple[Imported, ...]", left: "tuple[Left, ...]") -> None:
    for each in triggers:
        fields = each.entry.fields
        say(f"+ trigger {each.entry.id}: {schedule_words(fields['schedule'])}  ({each.entry.place})", style="green")
        for note in each.notes:
            say(f"    {note}")
    for other in left:
        say(f"! {other.text}  ({other.place})", style="yellow")
        say(f"    {other.reason}")
