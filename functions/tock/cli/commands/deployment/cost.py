"""`tock cost`: estimates what a month of runs costs with Tock and with its alternatives."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated

import typer

from tock.cli.errors import UsageError
from tock.cli.output.columns import Column, Kind
from tock.cli.output.cost_json import described, milliseconds, verified
from tock.cli.output.listing import print_table
from tock.cli.output.printing import print_json, say
from tock.core.cost import operations as cost_counts
from tock.core.cost import prices as price_list
from tock.core.cost.alternatives import alternatives
from tock.core.cost.bill import Bill, Line, Load, Part, tock_bill
from tock.core.cost.operations import Instance
from tock.core.policies import LONGEST_TIMEOUT

_LONGEST = LONGEST_TIMEOUT.total_seconds()
_LONGEST_REMEDY = "An attempt lasts at most 29 minutes; count longer work as several runs."
#: The most requests that an instance handles at once (Cloud Run).
_MAX_SHARING = 1000
#: The largest number that fits into the table's columns.
_MOST = 10**12
_THOUSAND = 1_000
_MILLION = 1_000_000
_NOT_VERIFIED = " (not verified)"
_DOLLARS = (Column("$ a month", "month", Kind.NUMBER), Column("$ per million", "million", Kind.NUMBER))
#: The lines of Tock's bill, and what it is compared with.
_LINES = (
    Column("Tock", "name"),
    Column("quantity", "quantity", Kind.NUMBER),
    Column("", "price", Kind.PROSE),
    *_DOLLARS,
)
_COMPARED = (
    Column("compared", "name"),
    *_DOLLARS,
    Column("agent, $ a month", "agent", Kind.NUMBER),
    Column("", "notes", Kind.PROSE),
)


def _whole(text: str | int) -> int:
    try:
        return int(text)
    except ValueError as exc:
        raise typer.BadParameter(f"{text!r} is not a whole number; write digits, such as 100000.") from exc


def _number(text: str | float) -> float:
    try:
        return float(text)
    except ValueError as exc:
        raise typer.BadParameter(f"{text!r} is not a number; write digits, such as 30 or 0.5.") from exc


def estimate(
    runs: Annotated[
        int,
        typer.Option(
            "--runs-per-month", parser=_whole, metavar="N", help="Scheduled runs a month, of all agents together."
        ),
    ],
    agents: Annotated[
        int, typer.Option(parser=_whole, metavar="N", help="Agents: an alternative needs one job for each of them.")
    ] = 100,
    seconds: Annotated[
        float,
        typer.Option("--seconds-per-run", parser=_number, metavar="SECONDS", help="How long a run lasts, in seconds."),
    ] = 30,
    concurrency: Annotated[
        float | None,
        typer.Option(
            parser=_number,
            metavar="N",
            help="Runs that share an instance, on average. Default: computed for runs spread evenly over the month.",
            show_default=False,
        ),
    ] = None,
    free_tier: Annotated[
        bool, typer.Option("--free-tier", help="Subtract the vendors' monthly free quotas. Default: do not.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON with the source of every price, instead of tables.")
    ] = False,
) -> None:
    """Estimate what a month costs, from counted operations and public list prices; no server is called."""
    _check("--runs-per-month", value=runs, most=_MOST, remedy="Give the number of runs in a month.")
    _check("--agents", value=agents, most=_MOST, remedy="Give the number of agents that share these runs.")
    _check("--seconds-per-run", value=seconds, least=0, most=_LONGEST, remedy=_LONGEST_REMEDY)
    if concurrency is not None:
        _check("--concurrency", value=concurrency, most=_MAX_SHARING, remedy="An instance runs 1 to 1,000 at once.")
    load = Load(runs=runs, agents=agents, duration=timedelta(seconds=seconds), concurrency=concurrency)
    bills = (tock_bill(load, free_tier=free_tier), *alternatives(load, free_tier=free_tier))
    if as_json:
        print_json(described(load, bills=bills, free_tier=free_tier))
    else:
        _print(load, bills, free_tier=free_tier)


def _check(option: str, *, value: float, least: float = 1, most: float, remedy: str) -> None:
    if not least <= value <= most:
        given = f"{value:,}" if isinstance(value, int) else f"{value:.12g}"
        raise UsageError(f"{option}: {given} is not from {least:,} to {most:,.12g}.", details=(remedy,))


def _print(load: Load, bills: tuple[Bill, ...], *, free_tier: bool) -> None:
    tock = bills[0]
    say(
        f"{load.runs:,} runs a month of {load.duration.total_seconds():g} s, {load.agents:,} agents, "
        f"{load.sharing:.3g} runs per instance; {'with' if free_tier else 'without'} free tiers\n"
    )
    sums = {
        "= fixed": tock.dollars(Part.FIXED),
        "= for runs": tock.dollars(Part.RUNS),
        "= scheduling": tock.scheduling,
        "= the agents' own work": tock.dollars(Part.AGENT),
    }
    rows = [_row(line, load) for line in tock.lines]
    rows += [{"name": name, "quantity": "", "price": "", **_dollars(sum_, load)} for name, sum_ in sums.items()]
    print_table(_LINES, rows)
    say("")
    print_table(_COMPARED, [_summary(bill, load) for bill in bills])
    say(f"\n{_basis(bills)}")


def _row(line: Line, load: Load) -> dict[str, str]:
    usage = line.usage
    price = usage.price
    amount = f"{price.dollars:.10f}".rstrip("0").rstrip(".")
    each = f"{price.per:,} {price.unit}" if price.per > 1 else price.unit
    free = f", {line.free:,.0f} free" if line.free else ""
    mark = "" if price.verified else _NOT_VERIFIED
    return {
        "name": usage.name,
        "quantity": f"{usage.quantity:,.{0 if usage.quantity >= _THOUSAND else 2}f}",
        "price": f"${amount} per {each}{free}{mark}",
        **_dollars(line.dollars, load),
    }


def _summary(bill: Bill, load: Load) -> dict[str, str]:
    return {
        "name": bill.name,
        **_dollars(bill.scheduling, load),
        "agent": f"{bill.dollars(Part.AGENT):,.2f}",
        "notes": "; ".join(bill.notes) + ("" if verified(bill) else "; prices not verified"),
    }


def _dollars(value: float, load: Load) -> dict[str, str]:
    return {"month": f"{value:,.2f}", "million": f"{value / load.runs * _MILLION:,.2f}"}


def _basis(bills: Iterable[Bill]) -> str:
    sources = {line.usage.price.source: line.usage.price.verified for bill in bills for line in bill.lines}
    listed = "\n".join(f"  {source}{'' if seen else _NOT_VERIFIED}" for source, seen in sources.items())
    return (
        f"Operations were counted on {cost_counts.COUNTED_ON} by `{cost_counts.COUNTED_BY}`. Assumed, not measured in "
        f"the cloud: Tock adds {milliseconds(cost_counts.OWN_TIME_PER_RUN)} ms to a run, a tick takes "
        f"{milliseconds(cost_counts.TIME_PER_TICK)} ms. By default `tock deploy` gives an instance of tick "
        f"{_size(cost_counts.TICK_INSTANCE)}, one of run {_size(cost_counts.RUN_INSTANCE)}.\n"
        f"List prices in US dollars, looked up on {price_list.LOOKED_UP}:\n{listed}"
    )


def _size(instance: Instance) -> str:
    return f"{instance.cpus:g} vCPU and {instance.gib:g} GiB"
