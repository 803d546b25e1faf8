"""The public list prices that `tock cost` computes with: in US dollars, without taxes, discounts and network traffic.

Google Cloud's prices are those of Oregon (us-west1, Tier 1), Amazon's those of Northern Virginia. They were looked up
on `LOOKED_UP` in copies of the vendors' pages, some of them older: before you budget, check the current prices.
"""

from dataclasses import dataclass
from datetime import date

LOOKED_UP = date(2026, 11, 21)
#: Converts a vendor's daily free quota to a monthly one.
DAYS_A_MONTH = 365 / 12


@dataclass(frozen=True, slots=True)
class Price:
    """What `per` units cost in US dollars; in the free tier, the first `free` units of a month cost nothing."""

    dollars: float
    per: int
    #: The unit's name: singular if `per` is 1, otherwise plural.
    unit: str
    #: The title of the vendor's page, or the other source of the price.
    source: str
    free: float = 0.0
    #: Whether the price was read on the vendor's own page; other sources may be old or wrong.
    verified: bool = True

    def of(self, quantity: float) -> float:
        """Return what `quantity` units cost in US dollars, without the free tier."""
        return quantity * self.dollars / self.per


_FIRESTORE = "Firebase, 'Understand Cloud Firestore billing', Oregon"
FIRESTORE_READ = Price(0.03, per=100_000, unit="document reads", source=_FIRESTORE, free=50_000 * DAYS_A_MONTH)
FIRESTORE_WRITE = Price(0.09, per=100_000, unit="document writes", source=_FIRESTORE, free=20_000 * DAYS_A_MONTH)
#: Firestore bills deletes by a TTL policy as deletes, but the free quota does not cover them.
FIRESTORE_TTL_DELETE = Price(0.01, per=100_000, unit="document deletes", source=_FIRESTORE)
FIRESTORE_STORAGE = Price(0.15, per=1, unit="GiB-month", source=_FIRESTORE, free=1)

#: An operation is an API call or a delivery attempt, of at most 32 KB each.
CLOUD_TASKS = Price(
    0.40, per=1_000_000, unit="operations", source="Google Cloud, 'Cloud Tasks pricing'", free=1_000_000
)
CLOUD_SCHEDULER = Price(0.10, per=1, unit="job", source="Google Cloud, 'Cloud Scheduler pricing'", free=3)

#: Request-based billing: an instance costs only while it handles a request.
_CLOUD_RUN = "Google Cloud, 'Cloud Run pricing', Tier 1; the same in the Firebase command line's price table"
CLOUD_RUN_REQUEST = Price(0.40, per=1_000_000, unit="requests", source=_CLOUD_RUN, free=2_000_000)
CLOUD_RUN_CPU = Price(0.000024, per=1, unit="vCPU-second", source=_CLOUD_RUN, free=180_000)
CLOUD_RUN_MEMORY = Price(0.0000025, per=1, unit="GiB-second", source=_CLOUD_RUN, free=360_000)

EVENTBRIDGE_INVOCATION = Price(
    1.00,
    per=1_000_000,
    unit="invocations",
    source="third parties, on Amazon's 'EventBridge pricing'; the free quota: Amazon's price list",
    free=14_000_000,
    verified=False,
)
_LAMBDA = "third parties, on Amazon's 'Lambda pricing', x86; the free quota: that page"
LAMBDA_REQUEST = Price(0.20, per=1_000_000, unit="requests", source=_LAMBDA, free=1_000_000, verified=False)
LAMBDA_COMPUTE = Price(0.0000166667, per=1, unit="GB-second", source=_LAMBDA, free=400_000, verified=False)

_TEMPORAL = "Temporal, 'Temporal Cloud pricing' and 'Temporal Cloud Actions'"
#: Per run, the schedule takes two actions, the workflow one, and its single activity one.
TEMPORAL_ACTIONS_PER_RUN = 4
#: The plan Developer has no minimum: every action has the same price, and the plan costs a tenth of the usage.
TEMPORAL_DEVELOPER_ACTION = Price(50, per=1_000_000, unit="actions", source=_TEMPORAL)
#: The plan Business has a minimum a month in US dollars, includes the first actions, and sells further ones in tiers.
TEMPORAL_BUSINESS_MINIMUM = 500.0
TEMPORAL_BUSINESS_INCLUDED = 2_500_000
#: The number of actions in each tier, and their price. The last tier has no end; from 200 million on, Temporal asks
#: customers to contact its sales team.
TEMPORAL_BUSINESS_TIERS = (
    (5_000_000, Price(50, per=1_000_000, unit="actions", source=_TEMPORAL)),
    (5_000_000, Price(45, per=1_000_000, unit="actions", source=_TEMPORAL)),
    (10_000_000, Price(40, per=1_000_000, unit="actions", source=_TEMPORAL)),
    (30_000_000, Price(35, per=1_000_000, unit="actions", source=_TEMPORAL)),
    (50_000_000, Price(30, per=1_000_000, unit="actions", source=_TEMPORAL)),
    (float("inf"), Price(25, per=1_000_000, unit="actions", source=_TEMPORAL)),
)
#: The plan's price as a share of the usage.
TEMPORAL_PLAN_SHARE = 0.10
TEMPORAL_PLAN = Price(1, per=1, unit="dollar", source=_TEMPORAL)
