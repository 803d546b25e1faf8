"""The operations that Tock uses per tick, run and heartbeat: counted where emulators allow it, otherwise assumed.

The counts come from `make bench-ops`; tests/benchmarks/test_cost_counts.py counts again and fails if they differ. They
hold for the overlap policy `skip`, a warm instance, no events and a run whose first attempt succeeds. What depends on
the deployment is what `infra/` makes with its defaults; that test and tests/infra/test_cost.py compare.
"""

from dataclasses import dataclass
from datetime import date, timedelta

COUNTED_ON = date(2026, 11, 26)
COUNTED_BY = "make bench-ops"


@dataclass(frozen=True, slots=True)
class Operations:
    """Documents read and written, and tasks created."""

    reads: float
    writes: float
    tasks: float


#: Of one run, from the tick that claims it to its settlement.
RUN = Operations(reads=3, writes=4, tasks=1)
HEARTBEAT = Operations(reads=0, writes=1, tasks=0)
#: Of one tick in which nothing is due: a count and a query, which cost a read even if empty, and its state.
TICK = Operations(reads=2, writes=1, tasks=0)
#: Billable operations of a task: its creation and one delivery (Cloud Tasks, "Pricing").
OPERATIONS_PER_TASK = 2
#: The size of a settled run with a small input and result, by Firestore's rules ("Storage size calculations").
RECORD_BYTES = 1_146
#: The entries of a settled run in the indexes that `infra/` declares, and their average size by the same rules.
INDEX_ENTRIES = 7
INDEX_ENTRY_BYTES = 134

#: Assumed, not measured in the cloud: the time that Tock itself adds to a request to `run`, and the time of a tick.
OWN_TIME_PER_RUN = timedelta(milliseconds=200)
TIME_PER_TICK = timedelta(milliseconds=200)


@dataclass(frozen=True, slots=True)
class Instance:
    """The size of a function's instance."""

    cpus: float
    gib: float


#: What `infra/` gives an instance of `tick` and of `run`, unless the deployment sets other sizes.
TICK_INSTANCE = Instance(cpus=1.0, gib=0.5)
RUN_INSTANCE = Instance(cpus=1.0, gib=1.0)
#: How many runs at once an instance of `run` gets at most in that deployment.
MAX_SHARING = 20
