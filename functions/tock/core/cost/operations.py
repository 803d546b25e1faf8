"""What Tock uses per tick, run and heartbeat: counted, as far as emulators can tell, and otherwise assumed.

The counts are those of `make bench-ops`; tests/benchmarks/test_cost_counts.py takes them anew and fails when they are
others. Overlap `skip`, a warm instance, no events, a run that works at once.
"""

from dataclasses import dataclass
from datetime import date, timedelta

COUNTED_ON = date(2026, 11, 21)
COUNTED_BY = "make bench-ops"


@dataclass(frozen=True, slots=True)
class Operations:
    """Documents read and written, and tasks created."""

    reads: float
    writes: float
    tasks: float


#: From the tick that claims it to its settlement.
RUN = Operations(reads=3, writes=4, tasks=1)
HEARTBEAT = Operations(reads=0, writes=1, tasks=0)
#: Whatever is due: two queries that may find nothing, and the tick's own state.
TICK = Operations(reads=2, writes=1, tasks=0)
#: Billable operations of a task: it is created, and delivered once (Cloud Tasks, "Pricing").
OPERATIONS_PER_TASK = 2
#: A settled run of small input and result, by Firestore's rules ("Storage size calculations").
RECORD_BYTES = 1_058
#: Its entries in the automatic single-field indexes, none exempted, both directions of each field.
INDEX_BYTES = 12_133

#: Assumed, not measured in the cloud: what Tock itself adds to a request to `run`, and what a tick takes.
OWN_TIME_PER_RUN = timedelta(milliseconds=200)
TIME_PER_TICK = timedelta(milliseconds=200)
#: Assumed of an instance of a function: one vCPU, which Cloud Run asks for when requests share it, and 512 MiB.
INSTANCE_CPUS = 1.0
INSTANCE_GIB = 0.5
#: The most requests at once that an instance gets unless its deployment says otherwise (Cloud Run).
MAX_SHARING = 80
