"""The sums of what runs consumed."""

import pytest

from ports.documents import DAY, a_usage
from tock.core.usage.sums import Grouping, UsageSum, UsageSums

DAYS = (
    a_usage("a", cost=1.0),
    a_usage("b", cost=0.5, trigger=None, unpriced_tokens=7),
    a_usage("c", cost=4.0, agent="review", model=None, day=DAY.replace(day=27)),
)
ONE = {"attempts": 1, "input_tokens": 100, "output_tokens": 20}
TWO = {"attempts": 2, "input_tokens": 200, "output_tokens": 40}
GROUPS = {
    Grouping.AGENT: [("review", ONE | {"cost": 4.0}), ("digest", TWO | {"cost": 1.5, "unpriced_tokens": 7})],
    Grouping.TRIGGER: [("morning", TWO | {"cost": 5.0}), (None, ONE | {"cost": 0.5, "unpriced_tokens": 7})],
    Grouping.DAY: [("2027-03-27", ONE | {"cost": 4.0}), ("2027-03-28", TWO | {"cost": 1.5, "unpriced_tokens": 7})],
    Grouping.MODEL: [(None, ONE | {"cost": 4.0}), ("openai:gpt-5", TWO | {"cost": 1.5, "unpriced_tokens": 7})],
}


@pytest.mark.parametrize("grouping", Grouping)
def test_each_group_has_its_sum_and_days_come_in_order_others_by_their_cost(grouping: Grouping) -> None:
    sums = UsageSums(grouping)

    sums.add(DAYS[:2])
    sums.add(DAYS[2:])

    assert sums.groups == [(name, UsageSum(**total)) for name, total in GROUPS[grouping]]
    assert sums.total == UsageSum(attempts=3, input_tokens=300, output_tokens=60, cost=5.5, unpriced_tokens=7)
