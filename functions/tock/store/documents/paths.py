"""The path of each document, and the ids that a path states."""

import re
from typing import Any

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
from tock.core.unreadable import Unreadable
from tock.core.usage.day import UsageDay
from tock.ports.store import Document

PROJECTS = "projects"
DELETED_PROJECTS = "deleted_projects"
AGENTS = "agents"
TRIGGERS = "triggers"
REVISIONS = "revisions"
RUNS = "runs"
LOCKS = "locks"
API_KEYS = "api_keys"
CHUNKS = "chunks"
SIGNALS = "signals"
SLOTS = "slots"
SESSIONS = "sessions"
PARTS = "parts"
USAGE = "usage"
SCHEDULER = "system/scheduler"

_COLLECTIONS: dict[type[Document], str] = {
    Agent: AGENTS,
    Trigger: TRIGGERS,
    Run: RUNS,
    Lock: LOCKS,
    ApiKey: API_KEYS,
    Session: SESSIONS,
    Slot: SLOTS,
    UsageDay: USAGE,
}
#: What people call a document of each collection.
_KINDS = {
    AGENTS: "agent",
    TRIGGERS: "trigger",
    RUNS: "run",
    LOCKS: "lock",
    API_KEYS: "API key",
    SESSIONS: "session",
    SLOTS: "slot",
    USAGE: "usage",
}
_ID = re.compile(r"(?!\.{1,2}\Z)(?!__.*__\Z)[A-Za-z0-9._-]{1,255}", re.ASCII)


def is_id(text: str) -> bool:
    """Whether a document of Tock can have this id; paths are built from such ids only."""
    return _ID.fullmatch(text) is not None


def path_of(document: Document | Unreadable) -> str:  # noqa: PLR0911 one for each kind
    """Return the document's path in the database.

    Raises:
        ValueError: one of its ids cannot be part of a path.
    """
    match document:
        case Run() | Trigger() | Agent() | Lock() | ApiKey() | Session() | Slot() | UsageDay():
            return _path(PROJECTS, document.project, _COLLECTIONS[type(document)], document.id)
        case Project() | Unreadable(kind="project"):
            return _path(PROJECTS, document.id)
        case DeletedProject() | Unreadable(kind="deleted project"):
            return _path(DELETED_PROJECTS, document.id)
        case Unreadable():
            [collection] = [name for name, kind in _KINDS.items() if kind == document.kind]
            return _path(PROJECTS, document.project, collection, document.id)
        case Chunk():
            return _path(PROJECTS, document.project, RUNS, document.run, CHUNKS, chunk_id(document.first_seq))
        case Signal():
            return _path(PROJECTS, document.project, RUNS, document.run, SIGNALS, signal_id(document.number))
        case SessionPart():
            return _path(PROJECTS, document.project, SESSIONS, document.session, PARTS, document.id)
        case Revision():
            number = revision_id(document.number)
            return _path(PROJECTS, document.project, TRIGGERS, document.trigger, REVISIONS, number)


def ids_of(path: str) -> dict[str, Any]:
    """Return the fields that a document's path states: `id` and `project`, or the ids of its parent documents.

    Raises:
        ValueError: no document of Tock has such a path.
    """
    match path.split("/"):
        case [("projects" | "deleted_projects"), project]:
            return {"id": project}
        case ["projects", project, _, identifier]:
            return {"project": project, "id": identifier}
        case ["projects", project, "triggers", trigger, "revisions", _]:
            return {"project": project, "trigger": trigger}
        case ["projects", project, "runs", run, "chunks", first]:
            return {"project": project, "run": run, "first_seq": int(first)}
        case ["projects", project, "runs", run, "signals", _]:
            return {"project": project, "run": run}
        case ["projects", project, "sessions", session, "parts", part]:
            return {"project": project, "session": session, "id": part}
        case _:
            raise ValueError(f"no document of Tock has the path {path}")


def identity_of(path: str) -> tuple[str, str, str]:  # noqa: PLR0911 one for each kind
    """Return the kind, the project and the id that a document's path states, as errors name them.

    The id of a revision is its number, that of a chunk of events is the number of its first event.

    Raises:
        ValueError: no document of Tock has such a path.
    """
    match path.split("/"):
        case ["projects", project]:
            return "project", project, project
        case ["deleted_projects", project]:
            return "deleted project", project, project
        case ["projects", project, collection, identifier] if collection in _KINDS:
            return _KINDS[collection], project, identifier
        case ["projects", project, "triggers", _, "revisions", number]:
            return "revision", project, str(int(number))
        case ["projects", project, "runs", _, "chunks", first]:
            return "event", project, str(int(first))
        case ["projects", project, "runs", _, "signals", number]:
            return "signal", project, str(int(number))
        case ["projects", project, "sessions", _, "parts", part]:
            return "part of a session", project, part
        case _:
            raise ValueError(f"no document of Tock has the path {path}")


def revision_id(number: int) -> str:
    """Return the id of the revision with this number; ids sort like the numbers."""
    return f"{number:09d}"


def chunk_id(first_seq: int) -> str:
    """Return the id of the chunk whose first event has this number; ids sort like the numbers."""
    return f"{first_seq:012d}"


def signal_id(number: int) -> str:
    """Return the id of the signal with this number; ids sort like the numbers."""
    return f"{number:09d}"


def _path(*segments: str) -> str:
    for identifier in segments[1::2]:
        if not is_id(identifier):
            raise ValueError(f"{identifier!r} cannot be part of a path")
    return "/".join(segments)
