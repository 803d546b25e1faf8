"""Builds the JSON of `tock cost`: every line of every bill, and every price with its source."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from tock.core.cost import operations as cost_counts
from tock.core.cost import prices as price_list
from tock.core.cost.bill import Bill, Load, Part
from tock.core.cost.operations import Instance

_MILLION = 1_000_000


def described(load: Load, *, bills: Iterable[Bill], free_tier: bool) -> dict[str, Any]:
    """Return the load, the assumptions and the bills, in US dollars a month."""
    return {
        "runs_per_month": load.runs,
        "agents": load.agents,
        "seconds_per_run": load.duration.total_seconds(),
        "runs_per_instance": load.sharing,
        "free_tier": free_tier,
        "prices_looked_up": price_list.LOOKED_UP.isoformat(),
        "operations_counted": {"on": cost_counts.COUNTED_ON.isoformat(), "by": cost_counts.COUNTED_BY},
        "assumed": {
            "own_milliseconds_per_run": milliseconds(cost_counts.OWN_TIME_PER_RUN),
            "milliseconds_per_tick": milliseconds(cost_counts.TIME_PER_TICK),
        },
        "instances": {"tick": _instance(cost_counts.TICK_INSTANCE), "run": _instance(cost_counts.RUN_INSTANCE)},
        "bills": [_bill(bill, runs=load.runs) for bill in bills],
    }


def _instance(instance: Instance) -> dict[str, float]:
    return {"vcpu": instance.cpus, "gib": instance.gib}


def _bill(bill: Bill, *, runs: int) -> dict[str, Any]:
    return {
        "name": bill.name,
        "verified": verified(bill),
        "notes": list(bill.notes),
        "dollars_per_month": {
            "fixed": bill.dollars(Part.FIXED),
            "runs": bill.dollars(Part.RUNS),
            "scheduling": bill.scheduling,
            "agent": bill.dollars(Part.AGENT),
        },
        "scheduling_dollars_per_million_runs": bill.scheduling / runs * _MILLION,
        "lines": [
            {
                "part": line.usage.part,
                "name": line.usage.name,
                "quantity": line.usage.quantity,
                "unit": line.usage.price.unit,
                "free": line.free,
                "price": {
                    "dollars": line.usage.price.dollars,
                    "per": line.usage.price.per,
                    "source": line.usage.price.source,
                    "verified": line.usage.price.verified,
                },
                "dollars_per_month": line.dollars,
            }
            for line in bill.lines
        ],
    }


def verified(bill: Bill) -> bool:
    """Whether every price of the bill was read on the vendor's own page."""
    return all(line.usage.price.verified for line in bill.lines)


def milliseconds(time: timedelta) -> int:
    """Return a duration in milliseconds, rounded."""
    return round(time / timedelta(milliseconds=1))
