"""The bill of a month, against sums done by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tock.core.cost import prices as price_list
from tock.core.cost.alternatives import alternatives
from tock.core.cost.bill import MONTH, TICKS_A_MONTH, Bill, Load, Part, Usage, billed, tock_bill
from tock.core.cost.prices import Price

#: A million runs of 25 s, so two heartbeats each, ten of which share an instance.
MILLION = Load(runs=1_000_000, agents=100, duration=timedelta(seconds=25), concurrency=10)


def test_a_month_has_730_hours() -> None:
    assert (timedelta(hours=730), 43_800) == (MONTH, TICKS_A_MONTH)


def test_a_load_beyond_all_others_has_a_bill_too() -> None:
    load = Load(runs=10**12, agents=1, duration=timedelta(minutes=29))

    assert tock_bill(load).dollars(Part.AGENT) > 0


def test_what_tock_costs_without_any_run_is_its_ticks() -> None:
    bill = tock_bill(MILLION)

    assert _lines(bill, Part.FIXED) == pytest.approx(
        {
            "the job that calls tick": 0.10,
            "ticks: reads": 0.02628,  # 43,800 x 2 x $0.03 / 100,000
            "ticks: writes": 0.03942,  # 43,800 x 1 x $0.09 / 100,000
            "ticks: requests": 0.01752,  # 43,800 x $0.40 / 1,000,000
            "ticks: processor": 0.21024,  # 43,800 x 0.2 s x 1 vCPU x $0.000024
            "ticks: memory": 0.01095,  # 43,800 x 0.2 s x 0.5 GiB x $0.0000025
        }
    )


def test_what_tock_costs_for_a_million_runs() -> None:
    bill = tock_bill(MILLION)

    # 1,000,000 x 90 days / 30.41667 days = 2,958,904.1 records are kept, of 1,146 bytes and 7 index entries of 134.
    assert _lines(bill, Part.RUNS) == pytest.approx(
        {
            "runs: reads": 0.90,  # 3 each
            "runs: writes": 3.60,  # 4 each
            "heartbeats: writes": 1.80,  # 2 each
            "runs that expire: deletes": 0.10,  # 1 each
            "records, as long as kept": 0.473704,  # 3.158026 GiB
            "their index entries": 0.387726,  # 2.584841 GiB
            "tasks: create and deliver": 0.80,  # 2 operations each
            "runs: requests": 0.40,
            "runs, Tock's own work: processor": 0.48,  # 200,000 s / 10
            "runs, Tock's own work: memory": 0.05,  # 200,000 s / 10 x 1 GiB
        },
        rel=1e-4,
    )


def test_the_agents_own_work_is_apart_and_shared_by_the_runs_of_an_instance() -> None:
    bill = tock_bill(MILLION)

    # 25,000,000 s / 10 x ($0.000024 + 1 x $0.0000025)
    assert bill.dollars(Part.AGENT) == pytest.approx(66.25)
    assert bill.scheduling == pytest.approx(bill.dollars() - 66.25)
    alone = tock_bill(replace(MILLION, concurrency=1))
    assert alone.dollars(Part.AGENT) == pytest.approx(662.5)


def test_a_job_for_each_agent_costs_its_jobs_and_its_calls() -> None:
    bill = alternatives(MILLION)[0]

    assert _lines(bill, Part.RUNS) == pytest.approx({"a job for each agent": 10.00, "calls of Cloud Run": 0.40})
    assert bill.dollars(Part.AGENT) == pytest.approx(66.25)


def test_eventbridge_costs_its_invocations_and_lambda_by_the_run() -> None:
    bill = alternatives(MILLION)[1]

    assert _lines(bill, Part.RUNS) == pytest.approx({"invocations": 1.00, "calls of Lambda": 0.20})
    assert bill.dollars(Part.AGENT) == pytest.approx(208.33375)  # 25,000,000 s x 0.5 GB x $0.0000166667


@pytest.mark.parametrize(
    ("runs", "plan", "dollars"),
    [
        pytest.param(1_000_000, "Developer", 220.00, id="4 million actions at $50, and a tenth"),
        # (4 x 3,437,500 - 2,500,000) = 11.25 million: $250 + $225 + $50, and $500 for the plan.
        pytest.param(3_437_500, "Developer", 756.25, id="13.75 million actions at $50, and a tenth"),
        # 97.5 million: $250 + $225 + $400 + $1,050 + $1,425 = $3,350, and $500 for the plan.
        pytest.param(25_000_000, "Business", 3_850.00, id="through the tiers, with the minimum"),
        # 397.5 million: $3,425 for the first 100, $7,437.50 for the rest, and a tenth.
        pytest.param(100_000_000, "Business", 11_948.75, id="beyond the last tier, with a tenth"),
    ],
)
def test_temporal_costs_its_actions_and_the_cheaper_plan(runs: int, plan: str, dollars: float) -> None:
    bill = alternatives(replace(MILLION, runs=runs))[2]

    assert (bill.name, bill.scheduling) == (f"Temporal Cloud, plan {plan}", pytest.approx(dollars))


def test_a_free_tier_is_given_once_and_to_what_comes_first() -> None:
    price = Price(2.0, per=10, unit="things", source="a shop", free=100)
    first = Usage("first", part=Part.FIXED, quantity=70, price=price)
    second = Usage("second", part=Part.RUNS, quantity=70, price=price)

    with_it = billed("shop", usages=[first, second], free_tier=True)
    without = billed("shop", usages=[first, second], free_tier=False)

    assert [(line.free, line.dollars) for line in with_it.lines] == [(70, 0.0), (30, 8.0)]
    assert [(line.free, line.dollars) for line in without.lines] == [(0, 14.0), (0, 14.0)]


def test_a_small_deployment_costs_nothing_but_its_deletes_with_free_tiers() -> None:
    load = Load(runs=1_000, agents=3, duration=timedelta(seconds=25), concurrency=1)

    bill = tock_bill(load, free_tier=True)

    assert _lines(bill, Part.FIXED, Part.RUNS, Part.AGENT) == pytest.approx(
        {line.usage.name: 0.0 for line in bill.lines} | {"runs that expire: deletes": 0.0001}
    )
    assert [other.scheduling for other in alternatives(load, free_tier=True)] == pytest.approx([0.0, 0.0, 0.22])


@pytest.mark.parametrize(
    ("runs", "sharing"),
    [
        pytest.param(1, 1.0, id="alone"),
        pytest.param(1_051_200, 10.0, id="as many as run at once"),  # 1,051,200 x 25 s / 2,628,000 s
        pytest.param(10**9, 20.0, id="no more than an instance takes"),
    ],
)
def test_runs_share_an_instance_as_if_spread_over_the_month(runs: int, sharing: float) -> None:
    load = Load(runs=runs, agents=1, duration=timedelta(seconds=25))

    assert load.sharing == pytest.approx(sharing)


def test_each_price_says_where_it_is_from() -> None:
    prices = [value for value in vars(price_list).values() if isinstance(value, Price)]

    assert all(price.source and price.per > 0 and price.dollars > 0 for price in prices)
    assert {price.unit for price in prices if not price.verified} == {"invocations", "requests", "GB-second"}


def _lines(bill: Bill, *parts: Part) -> dict[str, float]:
    return {line.usage.name: line.dollars for line in bill.lines if line.usage.part in parts}
