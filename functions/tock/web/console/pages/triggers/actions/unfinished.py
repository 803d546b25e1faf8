"""The unfinished runs that may end with their trigger, and the choice which of them do."""

from dataclasses import dataclass

from tock.core.run.status import RunSource, RunStatus
from tock.core.trigger.cancel_choice import CancelChoice
from tock.ports.store import RunFilter
from tock.web.console.visit import Visit

#: What a choice does, in the order in which they are offered.
CHOICES = (
    (CancelChoice.PENDING, "Cancel those that are held, about to start, or waiting for a retry; let the others end"),
    (CancelChoice.ALL, "Cancel all of them, also those at work or waiting for an answer"),
    (CancelChoice.NONE, "Cancel none: they go on as if nothing had happened"),
)
_UNFINISHED = frozenset(status for status in RunStatus if not status.terminal)
#: How many unfinished runs are counted.
_MOST_COUNTED = 20


@dataclass(frozen=True, slots=True)
class Unfinished:
    """How many runs have not ended."""

    count: int
    #: Whether there are more than were counted.
    more: bool

    @property
    def words(self) -> str:
        """Such as `1 unfinished run`, `more than 20 unfinished runs`."""
        return f"{'more than ' * self.more}{self.count} unfinished {'run' if self.count == 1 else 'runs'}"


async def unfinished_runs(visit: Visit, *, trigger: str | None = None, agent: str | None = None) -> Unfinished:
    """Count the unfinished runs of past fire times, of a trigger or of all triggers of an agent, up to 20.

    These are the runs that a choice is about: those that somebody started on request go on in any case, and those whose
    fire time has not come are cancelled in any case.
    """
    matching = RunFilter(trigger=trigger, agent=agent, source=RunSource.SCHEDULE, statuses=_UNFINISHED, until=visit.now)
    page = await visit.services.store.runs(visit.project, matching=matching, limit=_MOST_COUNTED, token=None)
    counted = [run for run in page.items if run.cancel_requested is None]
    return Unfinished(count=len(counted), more=page.next_token is not None)
