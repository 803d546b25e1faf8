"""One call of a use case: what it committed and offered to the queue, for the invariants that bind the two."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

from tock.core.run.run import Run
from tock.core.trigger.trigger import Trigger


@dataclass(eq=False)
class Call:
    """What one call did."""

    name: str
    #: Whether its process was told to end.
    is_to_end: Callable[[], bool] = lambda: False
    #: Whether the weather kept an answer from it.
    disturbed: bool = False
    #: Whether it was kept waiting, with or without an answer in the end.
    kept_waiting: bool = False
    #: Whether its process stood still meanwhile.
    stood_still: bool = False
    #: How often others had written meanwhile what it was about to write.
    conflicts: int = 0
    #: Runs that it created to be started, by project and id.
    created: set[tuple[str, str]] = field(default_factory=set)
    #: Runs that it offered to the queue, whatever became of the offer.
    offered: set[tuple[str, str]] = field(default_factory=set)
    #: How many triggers of each project it claimed.
    claimed: dict[str, int] = field(default_factory=dict)
    #: What was due or overdue when it began.
    due: dict[tuple[str, str], Trigger] = field(default_factory=dict)
    overdue: dict[tuple[str, str], Run] = field(default_factory=dict)


#: The call that the running code belongs to; its tasks inherit it.
CALL: ContextVar[Call] = ContextVar("CALL")
