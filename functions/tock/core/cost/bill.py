"""The bill for a month of runs with Tock: every billed operation times its list price."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tock.core.cost import operations as counts
from tock.core.cost import prices
from tock.core.cost.operations import Instance
from tock.core.cost.prices import Price
from tock.core.timing import Timing

#: A twelfth of a year: 730 hours.
MONTH = timedelta(days=365) / 12
TICKS_A_MONTH = MONTH // timedelta(minutes=1)
_GIB = 2**30


class Part(StrEnum):
    """What a cost depends on."""

    #: Nothing: it is the same without any run.
    FIXED = "fixed"
    #: The number of runs or agents.
    RUNS = "runs"
    #: The agents' own work, which costs the same with every scheduler.
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Load:
    """The runs of a month. `concurrency` is how many runs share an instance on average; None if that is unknown."""

    runs: int
    agents: int
    duration: timedelta
    concurrency: float | None = None

    @property
    def sharing(self) -> float:
        """How many runs share an instance: `concurrency`, or what results if runs are spread evenly over the month."""
        if self.concurrency is not None:
            return self.concurrency
        return min(max(self.runs * (self.duration / MONTH), 1.0), float(counts.MAX_SHARING))


@dataclass(frozen=True, slots=True)
class Usage:
    """The quantity of a priced unit that a month uses."""

    name: str
    part: Part
    quantity: float
    price: Price


@dataclass(frozen=True, slots=True)
class Line:
    """One usage, how much of it the free tier covers, and what the rest costs a month in US dollars."""

    usage: Usage
    free: float
    dollars: float


@dataclass(frozen=True, slots=True)
class Bill:
    """What one way to run agents costs a month; the notes say what the bill leaves out."""

    name: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()

    def dollars(self, *parts: Part) -> float:
        """Return what these parts of the bill cost a month in US dollars; the whole bill if none is given."""
        return sum(line.dollars for line in self.lines if not parts or line.usage.part in parts)

    @property
    def scheduling(self) -> float:
        """What everything except the agents' own work costs a month, in US dollars."""
        return self.dollars(Part.FIXED, Part.RUNS)


def billed(name: str, *, usages: Iterable[Usage], free_tier: bool, notes: Iterable[str] = ()) -> Bill:
    """Return the bill of these usages; the first usages of a price use up its free tier."""
    left: dict[Price, float] = {}
    lines = []
    for usage in usages:
        price = usage.price
        available = left.get(price, price.free if free_tier else 0.0)
        free = min(available, usage.quantity)
        left[price] = available - free
        lines.append(Line(usage=usage, free=free, dollars=price.of(usage.quantity - free)))
    return Bill(name=name, lines=tuple(lines), notes=tuple(notes))


def tock_bill(load: Load, *, free_tier: bool = False) -> Bill:
    """Return the bill for a month with Tock in its steady state, in which as many records expire as are created."""
    usages = [*_ticks(), *_runs(load), *agent_on_cloud_run(load)]
    notes = ("without retries, events, network traffic, logs, calls of the API, backups and point-in-time recovery",)
    return billed("Tock", usages=usages, free_tier=free_tier, notes=notes)


def agent_on_cloud_run(load: Load) -> Iterator[Usage]:
    """Yield what the agents' own work uses of Cloud Run: the instances that their runs share, while they run."""
    yield from _compute(
        "the agent's own work",
        part=Part.AGENT,
        seconds=load.runs * load.duration.total_seconds() / load.sharing,
        instance=counts.RUN_INSTANCE,
    )


def _ticks() -> Iterator[Usage]:
    fixed = Part.FIXED
    yield Usage("the job that calls tick", part=fixed, quantity=1, price=prices.CLOUD_SCHEDULER)
    yield Usage("ticks: reads", part=fixed, quantity=TICKS_A_MONTH * counts.TICK.reads, price=prices.FIRESTORE_READ)
    yield Usage("ticks: writes", part=fixed, quantity=TICKS_A_MONTH * counts.TICK.writes, price=prices.FIRESTORE_WRITE)
    yield Usage("ticks: requests", part=fixed, quantity=TICKS_A_MONTH, price=prices.CLOUD_RUN_REQUEST)
    seconds = TICKS_A_MONTH * counts.TIME_PER_TICK.total_seconds()
    yield from _compute("ticks", part=fixed, seconds=seconds, instance=counts.TICK_INSTANCE)


def _runs(load: Load) -> Iterator[Usage]:
    part, runs = Part.RUNS, load.runs
    heartbeats = runs * (load.duration // Timing().heartbeat)
    tasks = runs * counts.RUN.tasks
    kept = runs * (Timing().retention / MONTH)
    yield Usage("runs: reads", part=part, quantity=runs * counts.RUN.reads, price=prices.FIRESTORE_READ)
    yield Usage("runs: writes", part=part, quantity=runs * counts.RUN.writes, price=prices.FIRESTORE_WRITE)
    yield Usage(
        "heartbeats: writes", part=part, quantity=heartbeats * counts.HEARTBEAT.writes, price=prices.FIRESTORE_WRITE
    )
    yield Usage("runs that expire: deletes", part=part, quantity=runs, price=prices.FIRESTORE_TTL_DELETE)
    yield Usage(
        "records, as long as kept",
        part=part,
        quantity=kept * counts.RECORD_BYTES / _GIB,
        price=prices.FIRESTORE_STORAGE,
    )
    yield Usage(
        "their index entries",
        part=part,
        quantity=kept * counts.INDEX_ENTRIES * counts.INDEX_ENTRY_BYTES / _GIB,
        price=prices.FIRESTORE_STORAGE,
    )
    yield Usage(
        "tasks: create and deliver", part=part, quantity=tasks * counts.OPERATIONS_PER_TASK, price=prices.CLOUD_TASKS
    )
    yield Usage("runs: requests", part=part, quantity=tasks, price=prices.CLOUD_RUN_REQUEST)
    yield from _compute(
        "runs, Tock's own work",
        part=part,
        seconds=runs * counts.OWN_TIME_PER_RUN.total_seconds() / load.sharing,
        instance=counts.RUN_INSTANCE,
    )


def _compute(name: str, *, part: Part, seconds: float, instance: Instance) -> Iterator[Usage]:
    yield Usage(f"{name}: processor", part=part, quantity=seconds * instance.cpus, price=prices.CLOUD_RUN_CPU)
    yield Usage(f"{name}: memory", part=part, quantity=seconds * instance.gib, price=prices.CLOUD_RUN_MEMORY)
