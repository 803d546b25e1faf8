"""What an instance needs from the simulation that it is part of."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol

from model.queue import ModelQueue
from simulation.call import Call
from simulation.faults.network_faults import NetworkFaults
from simulation.seeded_random import SeededRandom
from tock.core.timing import Timing
from tock.ports.changes import Changes
from tock.ports.executor import Executor
from tock.ports.store import Store


class Environment(Protocol):
    """What an instance needs from the simulation that it is part of."""

    random: SeededRandom
    network_faults: NetworkFaults
    store: Store
    queue: ModelQueue
    changes: Changes
    timing: Timing
    #: Whether the simulation is traced.
    tracing: bool

    def now(self) -> datetime:
        """Return the true time."""
        ...

    def record(self, who: str, text: str) -> None:
        """Add a line to the trace."""
        ...

    def executor_for(self, instance: Any) -> Executor:
        """Return the executor of this instance."""
        ...

    def stall(self, instance: Any) -> None:
        """Stall an instance for a while."""
        ...

    def begun(self, call: Call) -> None:
        """Note what a call finds when it begins."""
        ...

    def ended(self, call: Call, answer: object) -> None:
        """Check what a call did that succeeded."""
        ...

    def failed(self, who: str, error: BaseException) -> None:
        """Note an error that no use case may raise."""
        ...

    def run_detached(self, call: Callable[[], Awaitable[Any]], *, after: float) -> None:
        """Carry out, after this many seconds, an effect whose caller no longer waits for it."""
        ...
