"""The public list prices that `tock cost` computes with: in US dollars, without taxes, discounts and network traffic.

Google Cloud's are those of Oregon (us-west1, Tier 1), Amazon's those of Northern Virginia. They were looked up on
`LOOKED_UP`, as copies of the vendors' pages of different age showed them; whoever budgets looks again.
"""

from dataclasses import dataclass
from datetime import date

LOOKED_UP = date(2026, 11, 21)
#: Free quotas that are given by the day count so many times a month.
DAYS_A_MONTH = 365 / 12


@dataclass(frozen=True, slots=True)
class Price:
    """What `per` of a unit cost; `free` units a month cost nothing where the free tier applies."""

    dollars: float
    per: int
    #: Its name: one of them where `per` is 1, otherwise several.
    unit: str
    #: The vendor's page, by its name, or what else said so.
    source: str
    free: float = 0.0
    #: Whether the vendor itself was seen to say so; what others say may be old or wrong.
    verified: bool = True

    def of(self, quantity: float) -> float:
        """Return what so many units cost, in dollars."""
        return quantity * self.dollars / self.per


_FIRESTORE = "Firebase, 'Understand Cloud Firestore billing', Oregon"
FIRESTORE_READ = Price(0.03, per=100_000, unit="document reads", source=_FIRESTORE, free=50_000 * DAYS_A_MONTH)
FIRESTORE_WRITE = Price(0.09, per=100_000, unit="document writes", source=_FIRESTORE, free=20_000 * DAYS_A_MONTH)
#: A price: deletes by a TTL policy are billed as deletes, but not part of the free quota.
FIRESTORE_TTL_DELETE = Price(0.01, per=100_000, unit="document deletes", source=_FIRESTORE)
FIRESTORE_STORAGE = Price(0.15, per=1, unit="GiB-month", source=_FIRESTORE, free=1)

#: An API call, or an attempt at a delivery, of at most 32 KB each.
CLOUD_TASKS = Price(
    0.40, per=1_000_000, unit="operations", source="Google Cloud, 'Cloud Tasks pricing'", free=1_000_000
)
CLOUD_SCHEDULER = Price(0.10, per=1, unit="job", source="Google Cloud, 'Cloud Scheduler pricing'", free=3)

#: Billed per request, where an instance costs only while it has one.
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
#: A schedule's start is two actions, that of its workflow one, that of one activity one.
TEMPORAL_ACTIONS_PER_RUN = 4
#: The plan without a minimum: every action at one price, and a tenth of the usage for the plan.
TEMPORAL_DEVELOPER_ACTION = Price(50, per=1_000_000, unit="actions", source=_TEMPORAL)
#: The plan with one: the first actions are part of it, the more there are, the cheaper.
TEMPORAL_BUSINESS_MINIMUM = 500.0
TEMPORAL_BUSINESS_INCLUDED = 2_500_000
#: How many actions each tier holds; the last holds the rest, for which Temporal wants to be asked beyond 200 million.
TEMPORAL_BUSINESS_TIERS = (
    (5_000_000, Price(50, per=1_000_000, unit="actions", source=_TEMPORAL)),
    (5_000_000, Price(45, per=1_000_000, unit="actions", source=_TEMPORAL)),
    (10_000_000, Price(40, per=1_000_000, unit="actions", source=_TEMPORAL)),
    (30_000_000, Price(35, per=1_000_000, unit="actions", source=_TEMPORAL)),
    (50_000_000, Price(30, per=1_000_000, unit="actions", source=_TEMPORAL)),
    (float("inf"), Price(25, per=1_000_000, unit="actions", source=_TEMPORAL)),
)
TEMPORAL_PLAN_SHARE = 0.10
TEMPORAL_PLAN = Price(1, per=1, unit="dollar", source=_TEMPORAL)
