"""What is stored although nothing needs it, or although what it needs is missing."""

from dataclasses import dataclass
from enum import StrEnum


class OrphanReason(StrEnum):
    """Why something is an orphan."""

    #: A trigger or a run that has not ended, whose agent does not exist: its attempts fail.
    AGENT_MISSING = "agent_missing"
    #: A queued run whose tasks nobody takes: sweeps send others, and none is delivered.
    UNDELIVERED = "undelivered"
    #: A project whose deletion began and has not ended; whoever deletes it again ends it.
    DELETION_UNFINISHED = "deletion_unfinished"
    #: An agent, a trigger or an API key of a project that does not exist.
    PROJECT_MISSING = "project_missing"


class OrphanKind(StrEnum):
    """What an orphan is."""

    #: A project.
    PROJECT = "project"
    #: An agent.
    AGENT = "agent"
    #: A trigger.
    TRIGGER = "trigger"
    #: A run.
    RUN = "run"
    #: An API key.
    API_KEY = "api_key"


@dataclass(frozen=True, slots=True)
class Orphan:
    """Something that nothing needs, or that lacks what it needs."""

    kind: OrphanKind
    id: str
    reason: OrphanReason
    #: What is wrong, as the end of a sentence that begins with its kind and its id.
    problem: str
