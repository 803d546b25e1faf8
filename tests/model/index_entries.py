"""The name of each document in the model store, and its entries in the indexes."""

from collections.abc import Callable
from typing import Any

from model.index import Entry
from model.unreadable_document import UnreadableDocument
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
from tock.ports.store import Document, Versioned
from tock.store.documents.paths import chunk_id, is_id, revision_id, signal_id

#: A collection and the ids of a path. Ids compare one by one, as the segments of names do in Firestore.
Name = tuple[str, ...]
Stored = Versioned[Document] | UnreadableDocument
#: The name of an index, and the entry.
IndexEntry = tuple[Name, Entry]


def name_of(document: Document | Unreadable) -> Name:
    """Return the name of the document."""
    if isinstance(document, Unreadable):
        of_project = () if document.kind in {"project", "deleted project"} else (document.project,)
        return (_COLLECTIONS[document.kind], *of_project, document.id)
    return _NAMES[document.__class__](document)


def valid_name(name: Name) -> None:
    """Accept a name. Raises ValueError if one of its ids cannot be part of a path."""
    for identifier in name[1:]:
        if not is_id(identifier):
            raise ValueError(f"{identifier!r} cannot be part of a path")


def entries_of(stored: Stored, *, name: Name, shards: int) -> list[IndexEntry]:
    """Return the document's entry in each index that has one."""
    if isinstance(stored, UnreadableDocument):
        return _entries_of_unreadable(stored, name=name, shards=shards)
    find = _ENTRIES.get(stored.value.__class__)
    return [] if find is None else find(stored.value, name[1:], shards)


def _entries_of_run(run: Run, ids: Name, shards: int) -> list[IndexEntry]:
    entries: list[IndexEntry] = [(("runs", run.project), (run.scheduled_for, ids))]
    if run.check_at is not None and run.shard < shards:
        entries.append((("overdue",), (run.check_at, ids)))
    if run.in_line is not None:
        entries.append((("in_line", run.project, run.in_line), (run.scheduled_for, ids)))
    return entries


def _entries_of_usage(usage: UsageDay, ids: Name, shards: int) -> list[IndexEntry]:
    return [(("usage", usage.project), (usage.day, ids))] if usage.shard < shards else []


def _entries_of_trigger(trigger: Trigger, ids: Name, shards: int) -> list[IndexEntry]:
    entries: list[IndexEntry] = [(("triggers", trigger.project), (trigger.created.at, ids))]
    if trigger.next_run_at is not None and trigger.shard < shards:
        entries += _due(trigger.next_run_at, ids=ids)
    return entries


def _entries_of_unreadable(unreadable: UnreadableDocument, *, name: Name, shards: int) -> list[IndexEntry]:
    collection, ids = name[0], name[1:]
    shard = unreadable.number("shard")
    sharded = shard is not None and shard < shards
    entries: list[IndexEntry] = []
    if (value := _listed_by(unreadable, collection)) is not None:
        entries.append(((collection, *ids[:-1]), (value, ids)))
    if collection == "triggers" and sharded and (due := unreadable.instant("next_run_at")) is not None:
        entries += _due(due, ids=ids)
    if collection == "runs" and sharded and (check_at := unreadable.instant("check_at")) is not None:
        entries.append((("overdue",), (check_at, ids)))
    return entries


def _listed_by(unreadable: UnreadableDocument, collection: str) -> Any:
    """Return the value that orders the document in its listing, or None if no listing finds it."""
    match collection:
        case "projects" | "api_keys":
            return ""
        case "agents" | "triggers":
            return unreadable.instant("created", "at")
        case "runs":
            return unreadable.instant("scheduled_for")
        case "chunks":
            return unreadable.number("last_seq")
        case "signals" | "revisions":
            return unreadable.number("number")
    return None


def _due(at: Any, *, ids: Name) -> list[IndexEntry]:
    return [(("due",), (at, ids)), (("due", ids[0]), (at, ids))]


_COLLECTIONS = {
    "project": "projects",
    "deleted project": "deleted_projects",
    "agent": "agents",
    "trigger": "triggers",
    "run": "runs",
    "lock": "locks",
    "API key": "api_keys",
    "session": "sessions",
    "slot": "slots",
    "usage": "usage",
}
_NAMES: dict[type, Callable[[Any], Name]] = {
    Project: lambda project: ("projects", project.id),
    DeletedProject: lambda project: ("deleted_projects", project.id),
    Agent: lambda agent: ("agents", agent.project, agent.id),
    Trigger: lambda trigger: ("triggers", trigger.project, trigger.id),
    Revision: lambda revision: (
        "revisions",
        revision.project,
        revision.trigger,
        revision_id(revision.number),
    ),
    Run: lambda run: ("runs", run.project, run.id),
    Lock: lambda lock: ("locks", lock.project, lock.id),
    ApiKey: lambda key: ("api_keys", key.project, key.id),
    Chunk: lambda chunk: ("chunks", chunk.project, chunk.run, chunk_id(chunk.first_seq)),
    Session: lambda session: ("sessions", session.project, session.id),
    SessionPart: lambda part: ("parts", part.project, part.session, part.id),
    Slot: lambda slot: ("slots", slot.project, slot.id),
    UsageDay: lambda usage: ("usage", usage.project, usage.id),
    Signal: lambda signal: ("signals", signal.project, signal.run, signal_id(signal.number)),
}

_ENTRIES: dict[type, Callable[[Any, Name, int], list[IndexEntry]]] = {
    Run: _entries_of_run,
    Trigger: _entries_of_trigger,
    UsageDay: _entries_of_usage,
    Agent: lambda agent, ids, _: [(("agents", agent.project), (agent.created.at, ids))],
    Chunk: lambda chunk, ids, _: [(("chunks", *ids[:2]), (chunk.last_seq, ids))],
    Slot: lambda slot, ids, _: [(("slots", slot.project, slot.scope), (slot.number, ids))],
    Signal: lambda signal, ids, _: [(("signals", *ids[:2]), (signal.number, ids))],
    Revision: lambda revision, ids, _: [(("revisions", *ids[:2]), (revision.number, ids))],
    Project: lambda _, ids, __: [(("projects",), ("", ids))],
    ApiKey: lambda key, ids, _: [(("api_keys", key.project), ("", ids))],
}
