"""One call of a use case: what it committed and enqueued, and what happened to its process meanwhile."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from tock.core.run.run import Run
from tock.core.trigger.trigger import Trigger


@dataclass(eq=False)
class Call:
    """What one call did, and what was done to it."""

    name: str
    #: Whether its process has got SIGTERM.
    has_sigterm: Callable[[], bool] = lambda: False
    #: Whether a fault of the network kept an answer from it.
    disturbed: bool = False
    #: Whether it had to wait for a store or queue that did not answer for a while.
    kept_waiting: bool = False
    #: Whether its process stalled meanwhile.
    stalled: bool = False
    #: How many of its Commits conflicted.
    conflicts: int = 0
    #: The queued runs that it created, by project and id.
    created: set[tuple[str, str]] = field(default_factory=set)
    #: The runs that it tried to enqueue, whether or not that succeeded.
    enqueued: set[tuple[str, str]] = field(default_factory=set)
    #: How many triggers of each project it claimed.
    claimed: dict[str, int] = field(default_factory=dict)
    #: The limits of which it gave back a slot, each with the runs that were in line for it then.
    freed: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    #: The limits of which it promoted a run that was in line.
    promoted: set[tuple[str, str]] = field(default_factory=set)
    #: When it began, by the true time, if it is a tick.
    began: datetime | None = None
    #: The lines that waited although a slot was free when it began, each with the first run and since when.
    idle: dict[tuple[str, str], tuple[str, datetime]] = field(default_factory=dict)
    #: The due triggers and overdue runs when it began.
    due: dict[tuple[str, str], Trigger] = field(default_factory=dict)
    overdue: dict[tuple[str, str], Run] = field(default_factory=dict)


#: The call that the running code belongs to. Tasks inherit it from the code that starts them.
CALL: ContextVar[Call] = ContextVar("CALL")
