"""What an instance needs of its world."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol

from model.queue import ModelQueue
from simulation.call import Call
from simulation.dice import Dice
from simulation.weather import Weather
from tock.core.timing import Timing
from tock.ports.executor import Executor
from tock.ports.store import Store


class Surroundings(Protocol):
    """What an instance needs of its world."""

    dice: Dice
    weather: Weather
    store: Store
    queue: ModelQueue
    timing: Timing
    #: Whether anybody reads the story.
    telling: bool

    def now(self) -> datetime:
        """Return the true time."""
        ...

    def tell(self, who: str, text: str) -> None:
        """Write a line of the story."""
        ...

    def executor_for(self, instance: Any) -> Executor:
        """Return the agents as this instance runs them."""
        ...

    def stop(self, instance: Any) -> None:
        """Let an instance stand still for a while."""
        ...

    def begun(self, call: Call) -> None:
        """Note how things are when a call begins."""
        ...

    def ended(self, call: Call, answer: object) -> None:
        """Look at what a call did that ended well."""
        ...

    def failed(self, who: str, error: BaseException) -> None:
        """Note an error that no use case may end with."""
        ...

    def later(self, call: Callable[[], Awaitable[Any]], *, after: float) -> None:
        """Carry out an effect whose caller no longer waits for it."""
        ...
