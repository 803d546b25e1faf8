"""A page of a run's events as readers see it."""

from pydantic import BaseModel, ConfigDict, Field

from tock.core.run.events.event import Event
from tock.core.run.status import RunStatus
from tock.web.resources.page import UnreadableShape


class EventPage(BaseModel):
    """Events of a run, ascending."""

    model_config = ConfigDict(frozen=True)

    events: tuple[Event, ...]
    unreadable: tuple[UnreadableShape, ...] = Field(
        description="Events that cannot be read: each with its number, or the first and the last of several."
    )
    next_since: int = Field(description="The `since` of the next request: the highest number seen.")
    status: RunStatus = Field(description="The run's status when it was read, before its events.")
