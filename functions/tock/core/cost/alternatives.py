"""The bills of Tock's alternatives for the same month of runs and the same work of the agents."""

from collections.abc import Iterator

from tock.core.cost import prices
from tock.core.cost.bill import Bill, Load, Part, Usage, agent_on_cloud_run, billed

#: Assumed: the memory of a Lambda instance, which one run has for itself.
_LAMBDA_GB = 0.5


def alternatives(load: Load, *, free_tier: bool = False) -> tuple[Bill, ...]:
    """Return a bill for each alternative; its notes say what the alternative does not do."""
    return (
        _cloud_scheduler(load, free_tier=free_tier),
        _eventbridge(load, free_tier=free_tier),
        _temporal(load, free_tier=free_tier),
    )


def _cloud_scheduler(load: Load, *, free_tier: bool) -> Bill:
    usages = [
        Usage("a job for each agent", part=Part.RUNS, quantity=load.agents, price=prices.CLOUD_SCHEDULER),
        Usage("calls of Cloud Run", part=Part.RUNS, quantity=load.runs, price=prices.CLOUD_RUN_REQUEST),
        *agent_on_cloud_run(load),
    ]
    notes = ("a timer only: no records, overlap or catch-up policies; exact to the minute; one schedule per agent",)
    return billed("Cloud Scheduler, a job for each agent", usages=usages, free_tier=free_tier, notes=notes)


def _eventbridge(load: Load, *, free_tier: bool) -> Bill:
    usages = [
        Usage("invocations", part=Part.RUNS, quantity=load.runs, price=prices.EVENTBRIDGE_INVOCATION),
        Usage("calls of Lambda", part=Part.RUNS, quantity=load.runs, price=prices.LAMBDA_REQUEST),
        Usage(
            "the agent's own work",
            part=Part.AGENT,
            quantity=load.runs * load.duration.total_seconds() * _LAMBDA_GB,
            price=prices.LAMBDA_COMPUTE,
        ),
    ]
    notes = (
        "a timer only: no records, overlap or catch-up policies",
        "runs never share an instance, and a run lasts at most 15 minutes",
    )
    return billed("EventBridge Scheduler and Lambda", usages=usages, free_tier=free_tier, notes=notes)


def _temporal(load: Load, *, free_tier: bool) -> Bill:
    """Return the bill of the cheaper plan; the actions that a plan includes do not count as a free tier."""
    actions = load.runs * prices.TEMPORAL_ACTIONS_PER_RUN
    notes = (
        "without storage, heartbeats and retries (an action each)",
        "without the workers' idle time: they must run all the time",
    )
    plans = {"Developer": list(_developer(actions)), "Business": list(_business(actions))}
    bills = (
        billed(
            f"Temporal Cloud, plan {plan}",
            usages=[*usages, *agent_on_cloud_run(load)],
            free_tier=free_tier,
            notes=notes,
        )
        for plan, usages in plans.items()
    )
    return min(bills, key=lambda bill: bill.scheduling)


def _developer(actions: int) -> Iterator[Usage]:
    price = prices.TEMPORAL_DEVELOPER_ACTION
    yield Usage("actions", part=Part.RUNS, quantity=actions, price=price)
    yield Usage(
        "plan", part=Part.RUNS, quantity=price.of(actions) * prices.TEMPORAL_PLAN_SHARE, price=prices.TEMPORAL_PLAN
    )


def _business(actions: int) -> Iterator[Usage]:
    left: float = max(actions - prices.TEMPORAL_BUSINESS_INCLUDED, 0)
    spent = 0.0
    for size, price in prices.TEMPORAL_BUSINESS_TIERS:
        quantity = min(left, size)
        left -= quantity
        if quantity:
            spent += price.of(quantity)
            yield Usage(f"actions at ${price.dollars:g} a million", part=Part.RUNS, quantity=quantity, price=price)
    plan = max(prices.TEMPORAL_BUSINESS_MINIMUM, spent * prices.TEMPORAL_PLAN_SHARE)
    yield Usage("plan", part=Part.FIXED, quantity=plan, price=prices.TEMPORAL_PLAN)
