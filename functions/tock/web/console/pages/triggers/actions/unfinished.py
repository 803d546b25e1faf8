"""The unfinished runs of a trigger, and the choice which of them end with it."""

from dataclasses import dataclass

from tock.core.run.status import RunStatus
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
    """How many runs of a trigger have not ended."""

    count: int
    #: Whether there are more than were counted.
    more: bool


async def unfinished_runs(visit: Visit, trigger: str) -> Unfinished:
    """Count the unfinished runs of a trigger, up to 20."""
    matching = RunFilter(trigger=trigger, statuses=_UNFINISHED)
    page = await visit.services.store.runs(visit.project, matching=matching, limit=_MOST_COUNTED, token=None)
    return Unfinished(count=len(page.found), more=page.next_token is not None)
