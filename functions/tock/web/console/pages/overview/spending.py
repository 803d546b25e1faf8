"""What the runs of a project cost: today, in the last week and in the last month, by agent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import reduce

from starlette.responses import Response

from tock.app.manage.overview.sum_usage import sum_usage
from tock.core.usage.sums import Grouping, UsageSum, UsageSums
from tock.web.console.pages.overview.names import names_of
from tock.web.console.routing import get
from tock.web.console.visit import Visit

#: The spans by their heading, in UTC days up to today.
SPANS = (("Today (UTC)", 1), ("Last 7 days", 7), ("Last 30 days", 30))
#: How many agents are listed by name, the most expensive first.
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Share:
    """What one agent consumed, or all those together that are not listed by name."""

    #: The agent's id; None for all that are not listed by name.
    agent: str | None
    #: What it is called.
    name: str
    total: UsageSum
    #: The length of its bar, in percent of that of the most expensive one.
    part: float


@dataclass(frozen=True, slots=True)
class Spent:
    """What the project consumed in one span."""

    heading: str
    total: UsageSum
    shares: tuple[Share, ...]


async def show_spending(visit: Visit) -> Response:
    """Show what was spent; the overview loads it after the rest, because it reads the usage of a month."""
    today = visit.now.astimezone(UTC).date()
    found: list[tuple[str, UsageSums]] = []
    for heading, days in SPANS:
        first = today - timedelta(days=days - 1)
        _, _, sums = await sum_usage(
            visit.services, project=visit.project, first=first, last=today, grouping=Grouping.AGENT
        )
        found.append((heading, sums))
    listed = {agent for _, sums in found for agent, _ in sums.groups[:SHOWN] if agent is not None}
    names = await names_of(visit, agents=listed)
    return visit.page(
        "overview/spending.html", spending=[spent(heading, sums, names=names.agents) for heading, sums in found]
    )


def spent(heading: str, sums: UsageSums, *, names: Mapping[str, str]) -> Spent:
    """Return the sums as they are shown: bars by cost or, if nothing has a price, by tokens."""
    by_cost = sums.total.cost > 0
    listed, others = sums.groups[:SHOWN], sums.groups[SHOWN:]
    rows = [(agent, names.get(agent or "", agent or ""), total) for agent, total in listed]
    if others:
        rest = reduce(_together, (total for _, total in others))
        rows.append((None, f"{len(others)} {'other' if len(others) == 1 else 'others'}", rest))
    sizes = [total.cost if by_cost else _tokens(total) for _, _, total in rows]
    largest = max(sizes, default=0) or 1
    shares = (
        Share(agent, name, total, round(100 * size / largest, 1))
        for (agent, name, total), size in zip(rows, sizes, strict=True)
    )
    return Spent(heading, sums.total, tuple(shares))


def _together(one: UsageSum, other: UsageSum) -> UsageSum:
    return UsageSum(**{name: getattr(one, name) + getattr(other, name) for name in UsageSum.model_fields})


def _tokens(total: UsageSum) -> float:
    return total.input_tokens + total.output_tokens


ROUTES = (get("/projects/{project}/overview/spending", show_spending),)
