"""What was spent, by agent, as the overview draws it."""

from core.builders import NOON
from tock.core.usage.day import UsageDay
from tock.core.usage.sums import Grouping, UsageSums
from tock.web.console.pages.overview.spending import SHOWN, Spent, spent


def shown(*days: tuple[str, float, int]) -> Spent:
    """What is shown of agents that cost so much and consumed so many tokens."""
    sums = UsageSums(Grouping.AGENT)
    sums.add(
        UsageDay(
            project="p",
            id=agent,
            day=NOON,
            agent=agent,
            shard=0,
            attempts=1,
            cost=cost,
            input_tokens=tokens,
            expire_at=NOON,
        )
        for agent, cost, tokens in days
    )
    return spent("Today", sums, names={"digest": "Customer digest"})


def test_bars_are_as_long_as_costs_compare_to_the_highest() -> None:
    found = shown(("cheap", 0.5, 9_000), ("digest", 2.0, 10))

    assert [(each.agent, each.name, each.part) for each in found.shares] == [
        ("digest", "Customer digest", 100.0),
        ("cheap", "cheap", 25.0),
    ]


def test_without_a_price_bars_compare_tokens() -> None:
    found = shown(("a", 0.0, 100), ("b", 0.0, 50))

    assert [(each.agent, each.part) for each in found.shares] == [("a", 100.0), ("b", 50.0)]


def test_agents_beyond_those_that_are_listed_are_told_together() -> None:
    found = shown(*((f"agent{number}", 1.0 - number / 100, 1) for number in range(SHOWN + 3)))

    assert len(found.shares) == SHOWN + 1
    others = found.shares[-1]
    assert (others.agent, others.name, round(others.total.cost, 2)) == (None, "3 others", 2.79)
    assert round(sum(each.total.cost for each in found.shares), 6) == round(found.total.cost, 6)
    assert others.part == 100.0
