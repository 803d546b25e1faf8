"""`tock spend`: adds up what the runs of a project consumed."""

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from tock.bootstrap.system_clock import SystemClock
from tock.cli.call.options import Json, client_of
from tock.cli.errors import CommandError
from tock.cli.output.spending import dollars
from tock.cli.output.tables import console, print_json, print_table
from tock.core.time import duration_from_text

if TYPE_CHECKING:
    from tock.core.usage.sums import UsageSum
    from tock.web.resources.usage import UsageResource


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
        typer.Option(help="The first day: a UTC date such as 2027-01-31, or how long ago, such as 7d."),
    ] = "29d",
    until: Annotated[str | None, typer.Option(help="The last day, a UTC date. Default: today.")] = None,
    by: Annotated[By, typer.Option(help="What to add up by.")] = By.AGENT,
    as_json: Json = False,
) -> None:
    """Show what the project's runs consumed: tokens and US dollars, failed attempts included.

    A cost with + does not cover all tokens, because the price of their model is not known.
    """
    with client_of(context) as client:
        found = client.usage.get(first=_first_day(since), last=until, group_by=by)
        print_json(client.sent) if as_json else _print(found)


def _first_day(text: str) -> str:
    """Return the date, also of a time so long ago."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    try:
        return (SystemClock().now() - duration_from_text(text)).date().isoformat()
    except (ValueError, OverflowError) as exc:
        raise CommandError(f"--since: {text!r} is neither a date such as 2027-01-31 nor a length such as 7d") from exc


def _print(found: "UsageResource") -> None:
    missing = {By.TRIGGER: "(no trigger)", By.MODEL: "(no model named)"}.get(By(found.group_by), "")
    rows = [(each.group or missing, *_numbers(each)) for each in found.groups]
    if not rows:
        console().print(f"Nothing was consumed from {found.first} to {found.last} (UTC).", markup=False)
        return
    headings = (found.group_by, "attempts", "input tokens", "output tokens", "without a price", "cost")
    print_table(headings, [*rows, ("total", *_numbers(found.total))], empty="")
    console().print(f"\nFrom {found.first} to {found.last} (UTC).", markup=False)


def _numbers(usage: "UsageSum") -> tuple[str, ...]:
    unpriced = f"{usage.unpriced_tokens:,}" if usage.unpriced_tokens else ""
    counts = (usage.attempts, usage.input_tokens, usage.output_tokens)
    return (*(f"{count:,}" for count in counts), unpriced, dollars(usage))
