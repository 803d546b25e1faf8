"""A session: the conversation of an agent, which later runs go on with."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict

from tock.core.fields.later import LATER
from tock.core.time.instant import Instant

#: The most bytes of one part of a session's state; a Firestore document holds 1 MiB.
BYTES_PER_PART = 900_000


class Session(BaseModel):
    """A session as its last save left it; its state stands in parts of its own."""

    model_config = ConfigDict(frozen=True)

    project: str
    id: str
    agent: str
    #: The kind of that agent, whose own state it is; None if an earlier version saved it.
    kind: Annotated[str | None, LATER] = None
    #: The run that saved it last.
    last_run: str
    #: Grows with each save.
    revision: int = 1
    #: How many parts the state has.
    parts: int
    #: The save that wrote it: by this, that save recognises itself after an ambiguous Commit.
    saved_by: str
    created: Instant
    updated: Instant
    expire_at: Instant

    def is_of(self, *, agent: str, kind: str) -> bool:
        """Whether this agent, being of this kind, can go on with it."""
        return self.agent == agent and self.kind in {None, kind}


class SessionPart(BaseModel):
    """A piece of the JSON text of a session's state, at one revision."""

    model_config = ConfigDict(frozen=True)

    project: str
    session: str
    id: str
    text: str
    expire_at: Instant


def session_subject(session: str) -> str:
    """Return the subject of the runs that go on with a session: so one of them is active at once."""
    return f"session:{session}"


def part_id(revision: int, number: int) -> str:
    """Return the id of a part; no two revisions share one."""
    return f"{revision}-{number}"


def pieces_of(text: str) -> list[str]:
    """Return the text, which is ASCII, in pieces that a document can hold: at least one."""
    return [text[start : start + BYTES_PER_PART] for start in range(0, len(text) or 1, BYTES_PER_PART)]
