"""What the runs of a project cost: today, in the last week and in the last month, by agent."""

from dataclasses import dataclass
from datetime import UTC, timedelta

from starlette.responses import Response

from tock.app.manage.overview.sum_usage import sum_usage
from tock.core.usage.sums import Grouping, UsageSum, UsageSums
from tock.web.console.routing import get
from tock.web.console.visit import Visit

#: The spans by their heading, in UTC days up to today.
SPANS = (("Today (UTC)", 1), ("Last 7 days", 7), ("Last 30 days", 30))
#: How many agents are listed by name, the most expensive first.
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Share:
    """What one agent consumed, or all that are not listed by name."""

    agent: str
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
    found = []
    for heading, days in SPANS:
        first = today - timedelta(days=days - 1)
        _, _, sums = await sum_usage(
            visit.services, project=visit.project, first=first, last=today, grouping=Grouping.AGENT
        )
        found.append(spent(heading, sums))
    return visit.page("overview/spending.html", spending=found)


def spent(heading: str, sums: UsageSums) -> Spent:
    """Return the sums as they are shown: bars by cost or, if nothing has a price, by tokens."""
    by_cost = sums.total.cost > 0
    groups = [(agent or "", total, total.cost if by_cost else _tokens(total)) for agent, total in sums.groups]
    groups.sort(key=lambda group: -group[2])
    largest = max((size for _, _, size in groups), default=0) or 1
    shares = [Share(agent, total, round(100 * size / largest, 1)) for agent, total, size in groups[:SHOWN]]
    return Spent(heading, sums.total, tuple(shares))


def _tokens(total: UsageSum) -> float:
    return total.input_tokens + total.output_tokens


ROUTES = (get("/projects/{project}/overview/spending", show_spending),)
