"""`tock upcoming` and `tock why`: what comes next in a project, and why a trigger ran or did not run at one time."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from tock.bootstrap.system_clock import SystemClock
from tock.cli.call.ids import complete_triggers
from tock.cli.call.options import Json, client_of
from tock.cli.errors import CommandError
from tock.cli.output.tables import console, print_json, print_table
from tock.core.schedule.time_zones import is_time_zone
from tock.core.time import duration_from_text

if TYPE_CHECKING:
    # Other commands start faster without it.
    from tock.web.resources.upcoming import UpcomingResource, UpcomingShape

_WORDS = {"to_come": "to come", "due": "due: the next tick claims it"}


def upcoming(
    context: typer.Context,
    within: Annotated[str, typer.Option(help="How far to look ahead: 90m, 24h or 7d.")] = "24h",
    limit: Annotated[int, typer.Option(min=1, max=500, help="The most entries to list.")] = 50,
    per_trigger: Annotated[
        int | None,
        typer.Option(min=1, max=500, help="The most unclaimed fire times of one trigger. Default: any number."),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option("--zone", help="Show times in this IANA time zone. Default: each trigger's own."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List what comes next in the project: runs that are not over, and the fire times of all triggers.

    What is due in the same second as others is marked as a clash.

    Examples: tock upcoming --within 7d --per-trigger 3; tock upcoming --zone Europe/Berlin
    """
    if zone is not None and not is_time_zone(zone):
        raise CommandError(f"--zone: {zone!r} is not known: write an IANA name, such as Europe/Berlin or UTC")
    with client_of(context) as client:
        found = client.triggers.upcoming(until=_end(within), limit=limit, per_trigger=per_trigger)
        print_json(client.sent) if as_json else _print(found, zone=zone, within=within)


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
        typer.Argument(metavar="TIME", help="The time in question: 2027-01-31T09:00:00+01:00 or, in --zone, 09:00."),
    ],
    zone: Annotated[
        str | None,
        typer.Option("--zone", help="The IANA time zone of a TIME without an offset. Default: this machine's."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say in a sentence why a trigger ran, or did not run, at one time.

    Example: tock why morning 2027-01-31T09:00:00+01:00
    """
    with client_of(context) as client:
        found = client.triggers.why(trigger, _time(time, zone=zone))
        print_json(client.sent) if as_json else _say(found.sentence)


def _end(within: str) -> datetime:
    try:
        return SystemClock().now() + duration_from_text(within)
    except (ValueError, OverflowError) as exc:
        raise CommandError(f"--within: {exc}") from exc


def _print(found: "UpcomingResource", *, zone: str | None, within: str) -> None:
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
    print_table(("due", "trigger", "agent", "status", "run", "clash"), rows, empty=f"Nothing comes within {within}.")
    for each in found.unreadable:
        _say(f"{each.id} cannot be read: {each.problem}")
    if found.runs_left_out:
        _say("More than 1,200 runs are not over; the earliest of them are not listed.")
    if found.more:
        _say("There is more: --limit (at most 500) shows more, --per-trigger 3 cuts triggers that fire often.")


def _local(each: "UpcomingShape", *, zone: str | None) -> str:
    return each.local if zone is None else each.due_at.astimezone(ZoneInfo(zone)).isoformat()


def _time(text: str, *, zone: str | None) -> datetime:
    """Return the time that a text names; without a date it is today's."""
    if zone is not None and not is_time_zone(zone):
        raise CommandError(f"--zone: {zone!r} is not known: write an IANA name, such as Europe/Berlin or UTC")
    here = None if zone is None else ZoneInfo(zone)
    today = SystemClock().now().astimezone(here).date().isoformat()
    for whole in (text, f"{today}T{text}"):
        try:
            found = datetime.fromisoformat(whole)
        except ValueError:
            continue
        if len(whole) > len(today):
            return found if found.tzinfo is not None else found.replace(tzinfo=here).astimezone()
    problem = f"TIME: {text!r} is no time: write one such as 2027-01-31T09:00:00+01:00, 2027-01-31T09:00 or 09:00"
    raise CommandError(problem)


def _say(text: str) -> None:
    console().print(text, markup=False, highlight=False, soft_wrap=True)
