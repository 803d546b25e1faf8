"""The documents that the store keeps, and how one was read."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tock.core.agent.agent import Agent
from tock.core.agent.session import Session, SessionPart
from tock.core.project import ApiKey, DeletedProject, Project
from tock.core.run.admission.lock import Lock
from tock.core.run.admission.slot import Slot
from tock.core.run.events.event import Chunk
from tock.core.run.messages.signal import Signal
from tock.core.run.run import Run
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger
from tock.core.usage.day import UsageDay

Document = (
    Project
    | DeletedProject
    | Agent
    | Trigger
    | Revision
    | Run
    | Lock
    | ApiKey
    | Chunk
    | Signal
    | Slot
    | Session
    | SessionPart
    | UsageDay
)
T_co = TypeVar("T_co", bound=Document, covariant=True)


@dataclass(frozen=True, slots=True)
class Versioned(Generic[T_co]):
    """A document as it was read; `version` is the store's own mark of this state, which every write changes."""

    value: T_co
    version: Any
    #: Whether `value` stands in for a stored document that cannot be read. A Change of it writes the whole document.
    restored: bool = False
