"""Reads a run's events from its chunks, in the order of their numbers."""

import json
import math
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import ValidationError

from tock.core.json.problem import json_problem
from tock.core.json.value import MAX_DEPTH
from tock.core.run.events.event import Event
from tock.core.unreadable import Unreadable
from tock.ports.store import EventPage
from tock.store.documents.codec import CHUNK, UnparsableError, problem_text
from tock.store.documents.paths import CHUNKS, PROJECTS, RUNS, ids_of, is_id
from tock.store.documents.reading import path_of_message, unreadable
from tock.store.documents.values import read_value
from tock.store.queries.query import Condition, Position, Query
from tock.store.rpc import FirestoreRpc

#: Chunks that one query reads: each holds many events, and a caller seldom wants more than the newest few.
CHUNKS_AT_ONCE = 20
_LARGEST_NUMBER = 2**63 - 1
#: An event, or why it cannot be read, and its number. Events that are unreadable together have the number of the last.
Numbered = tuple[int, Event | Unreadable]


async def events(rpc: FirestoreRpc, *, project: str, run: str, since: int, limit: int) -> EventPage:
    """Return at most `limit` events with a number above `since`, ascending, and those that cannot be read."""
    if not (is_id(project) and is_id(run)):
        return EventPage(events=(), unreadable=(), last_seq=since)
    parent = f"{rpc.documents}/{PROJECTS}/{project}/{RUNS}/{run}"
    where = (Condition("last_seq", ">", since), Condition("last_seq", "<=", _LARGEST_NUMBER))
    query = Query(CHUNKS, where=where, order="last_seq")
    found: list[Numbered] = []
    after: Position | None = None
    while len(found) < limit:
        messages = await rpc.query(parent, query.message(limit=CHUNKS_AT_ONCE, after=after))
        for message in messages:
            found += (numbered for numbered in numbered_events(message, documents=rpc.documents) if numbered[0] > since)
        if len(messages) < CHUNKS_AT_ONCE:
            break
        after = Position(read_value(messages[-1].fields["last_seq"]), messages[-1].name)
    return event_page(found[:limit], since=since)


def event_page(numbered: Iterable[Numbered], *, since: int) -> EventPage:
    """Return these events as the answer to a request for those above `since`."""
    shown = list(numbered)
    return EventPage(
        events=tuple(event for _, event in shown if isinstance(event, Event)),
        unreadable=tuple(event for _, event in shown if isinstance(event, Unreadable)),
        last_seq=shown[-1][0] if shown else since,
    )


def numbered_events(message: Any, *, documents: str) -> Iterator[Numbered]:
    """Yield the events of a chunk; one that cannot be read leaves the others."""
    path = path_of_message(message, documents=documents)
    try:
        chunk = CHUNK.parsed(path, message.fields)
    except UnparsableError as exc:
        yield from _one_by_one(message, documents=documents, problem=str(exc))
    else:
        yield from ((event.seq, event) for event in chunk.events)


def _one_by_one(message: Any, *, documents: str, problem: str) -> Iterator[Numbered]:
    """Yield each event of a chunk that cannot be read as a whole; if none can be read, one for all."""
    first = ids_of(path_of_message(message, documents=documents))["first_seq"]
    last = math.ceil(read_value(message.fields["last_seq"]))
    events = _items(message.fields["events"].string_value)
    if events is None or first + len(events) - 1 != last:
        yield last, unreadable(message, documents=documents, problem=problem, identifier=f"{first}-{last}")
        return
    for number, event in enumerate(events, start=first):
        try:
            yield number, _event(event)
        except UnparsableError as exc:
            yield number, unreadable(message, documents=documents, problem=str(exc), identifier=str(number))


def _items(text: str) -> list[Any] | None:
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return items if isinstance(items, list) else None


def _event(stored: Any) -> Event:
    """Return a stored event. Raises UnparsableError."""
    if (problem := json_problem(stored, deepest=MAX_DEPTH + 1)) is not None:
        raise UnparsableError(problem)
    try:
        return Event.model_validate(stored)
    except ValidationError as exc:
        raise UnparsableError(problem_text(exc)) from exc
