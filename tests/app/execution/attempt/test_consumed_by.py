"""What attempts consumed: priced once, noted on the run, and added to the usage of the day."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from app.faults import Fault, Kind
from app.rig import AGENT, Rig
from app.scripted_executor import DONE, Behaviour
from app.single_trigger import one_due_run
from tock.core.mask import Mask
from tock.core.run.outcome import Failed, Succeeded, Usage
from tock.core.run.run import Run, RunUsage
from tock.core.run.status import RunStatus
from tock.core.usage.day import UsageDay

pytestmark = pytest.mark.anyio
FAILED = Failed(type="broke", message="It broke.", retryable=True, usage=Usage(input_tokens=5, model="known"))


class SomePrices:
    """A dollar a token for models of this deployment, a cent for published ones; it notes what it was asked."""

    def __init__(self, *, own: str = "own", published: str = "known") -> None:
        self.asked: list[str] = []
        self._own, self._published = own, published

    def set_cost(self, model: str, *, input_tokens: int, output_tokens: int) -> float | None:
        return float(input_tokens + output_tokens) if model == self._own else None

    async def published_cost(self, model: str, *, input_tokens: int, output_tokens: int) -> float | None:
        self.asked.append(model)
        return (input_tokens + output_tokens) / 100 if model == self._published else None


@pytest.fixture
def prices(rig: Rig) -> SomePrices:
    rig.prices = found = SomePrices()
    return found


async def stored_usage(rig: Rig) -> list[UsageDay]:
    day = rig.clock.present.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    page = await rig.store.usage("p", since=day, until=day + timedelta(days=2), limit=100)
    return sorted(page.days, key=lambda each: each.model or "")


async def ended(rig: Rig, behaviour: Behaviour, **spec: object) -> Run:
    rig.executor.behaviour = lambda _: behaviour
    run = await one_due_run(rig, **{"retry": {"max_retries": 0}} | spec)
    await rig.recover()
    return await rig.run(run)


COSTS: Mapping[str, tuple[list[Usage], float, int]] = {
    "a published price": ([Usage(90, 10, model="known")], 1.0, 0),
    "no known price": ([Usage(90, 10, model="home-made")], 0.0, 100),
    "no model": ([Usage(90, 10)], 0.0, 100),
    "the agent's cost": ([Usage(90, 10, 7.5, "known")], 7.5, 0),
    "the agent's cost without a model": ([Usage(90, 10, 7.5)], 7.5, 0),
    "the deployment's price": ([Usage(90, 10, model="own")], 100.0, 0),
    "the deployment's price before the agent's cost": ([Usage(90, 10, 7.5, "own")], 100.0, 0),
    "two models, one unknown": ([Usage(90, 10, model="known"), Usage(3, model="home-made")], 1.0, 3),
    "a stated cost is all of it": ([Usage(90, 10, 7.5, "known"), Usage(3, model="home-made")], 7.5, 0),
    "a cost for tokens before": ([Usage(90, 10, model="known"), Usage(cost=2.0)], 2.0, 0),
    "a cost without tokens": ([Usage(cost=2.0)], 2.0, 0),
}


@pytest.mark.parametrize("case", COSTS)
async def test_the_cost_is_known_or_its_tokens_are_counted_as_unpriced(rig: Rig, prices: SomePrices, case: str) -> None:
    uses, cost, unpriced = COSTS[case]

    run = await ended(rig, Behaviour(DONE, uses=uses))

    assert (run.usage.cost, run.usage.unpriced_tokens) == (cost, unpriced)
    assert run.attempts[0].usage == run.usage
    days = await stored_usage(rig)
    assert (sum(day.cost for day in days), sum(day.unpriced_tokens for day in days)) == (cost, unpriced)
    assert not set(prices.asked) & {"own"}


@pytest.mark.usefixtures("prices")
async def test_failed_attempts_count_too_and_every_model_of_the_day_has_its_sum(rig: Rig) -> None:
    good = Behaviour(Succeeded("done", usage=Usage(1, model="own")), uses=[Usage(7, 3, model="known")])
    rig.executor.behaviour = lambda context: Behaviour(FAILED) if context.attempt == 1 else good
    run = await one_due_run(rig, retry={"max_retries": 1, "delay": "5s"})

    await rig.recover()

    stored = await rig.run(run)
    assert stored.status is RunStatus.SUCCEEDED
    assert [attempt.usage for attempt in stored.attempts] == [
        RunUsage(input_tokens=5, cost=0.05, model="known"),
        RunUsage(input_tokens=8, output_tokens=3, cost=1.1, model="own"),
    ]
    assert stored.usage == RunUsage(input_tokens=13, output_tokens=3, cost=1.1500000000000001, model="own")
    days = await stored_usage(rig)
    assert [(day.model, day.agent, day.trigger, day.attempts, day.input_tokens, day.output_tokens) for day in days] == [
        ("known", AGENT, "t", 2, 12, 3),
        ("own", AGENT, "t", 1, 1, 0),
    ]
    assert sum(day.cost for day in days) == pytest.approx(1.15)


@pytest.mark.usefixtures("prices")
async def test_an_attempt_that_is_stopped_keeps_what_it_had_reported(rig: Rig) -> None:
    behaviour = Behaviour(until_released=True, uses=[Usage(50, model="known")])

    run = await ended(rig, behaviour, timeout="60s")

    assert (run.status, run.usage) == (RunStatus.TIMED_OUT, RunUsage(input_tokens=50, cost=0.5, model="known"))
    assert [day.input_tokens for day in await stored_usage(rig)] == [50]


async def test_a_run_without_usage_asks_for_no_price_and_writes_nothing_more(rig: Rig, prices: SomePrices) -> None:
    run = await ended(rig, Behaviour(DONE))

    assert (run.usage, run.attempts[0].usage) == (RunUsage(), None)
    assert await stored_usage(rig) == []
    assert prices.asked == []


@pytest.mark.usefixtures("prices")
@pytest.mark.parametrize("kind", [Kind.LOST_ACKNOWLEDGEMENT, Kind.REPEATED])
async def test_what_is_settled_twice_is_counted_once(rig: Rig, kind: Kind) -> None:
    rig.executor.behaviour = lambda _: Behaviour(DONE, uses=[Usage(50, model="known")])
    run = await one_due_run(rig)
    # The first effect of a delivery is the claim, the second the settlement.
    await rig.deliver(rig.services(rig.process(Fault(2, kind))))

    await rig.recover()

    assert (await rig.run(run)).usage.input_tokens == 50
    assert [(day.attempts, day.input_tokens) for day in await stored_usage(rig)] == [(1, 50)]


async def test_a_secret_in_a_models_name_is_masked(rig: Rig) -> None:
    uses = [Usage(1, model="hunter2-hunter2")]
    rig.executor.behaviour = lambda _: Behaviour(Succeeded("done", usage=uses[0]), uses=uses)
    run = await one_due_run(rig)

    await rig.deliver(replace(rig.services(), mask=Mask(["hunter2-hunter2"])))

    assert (await rig.run(run)).usage == RunUsage(input_tokens=2, model="***", unpriced_tokens=2)
    assert [(day.model, day.input_tokens) for day in await stored_usage(rig)] == [("***", 2)]
