"""`tock spend`: adds up what the runs of a project consumed."""

from dataclasses import replace
from datetime import UTC
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from tock.cli.call.here import here_of
from tock.cli.call.options import Json, client_of
from tock.cli.output.spending import dollars
from tock.cli.output.tables import console, print_json, print_table

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
        typer.Option(metavar="TIME", help="The first day, such as 2027-01-31, yesterday or 7d. Days are those of UTC."),
    ] = "29d",
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="The last day, of UTC as well. Default: today.")
    ] = None,
    by: Annotated[By, typer.Option(help="What to add up by.")] = By.AGENT,
    as_json: Json = False,
) -> None:
    """Show what the project's runs consumed: tokens and US dollars, failed attempts included.

    A cost with + does not cover all tokens, because the price of their model is not known.
    """
    # Consumption is stored by days of UTC, so a day that is named is one of these, whatever --zone says.
    here = replace(here_of(context), zone=UTC)
    first, last = here.past(since, option="--since"), here.past(until, option="--until")
    with client_of(context) as client:
        found = client.usage.get(first=first and first.date(), last=last and last.date(), group_by=by)
        print_json(client.sent) if as_json else _print(found)


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
