"""The buffer for the events of one attempt, which numbers them and groups them into chunks."""

import json
import threading
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tock.core.mask import Mask
from tock.core.run.events.event import ENDED_FROM, EVENTS_PER_ATTEMPT, Chunk, Event
from tock.core.run.events.event_kind import EventKind
from tock.core.run.gate import event_of, kind_of_agent
from tock.core.run.run import Run
from tock.ports.clock import Clock

#: The most events, and bytes of data, in one chunk; a Firestore document holds 1 MiB.
EVENTS_PER_CHUNK = 1_000
BYTES_PER_CHUNK = 512 * 1024
#: The most bytes of events that wait for their write; further ones are dropped and counted.
MAX_PENDING_BYTES = 4 * 1024 * 1024
#: The bytes that an event takes besides its data, at the most.
_BYTES_PER_EVENT = 250
#: The most events of one attempt; the last of them tells how many were dropped.
EVENTS_OF_AGENT = ENDED_FROM - 1
#: The kind of the event that tells how many were dropped before it.
DROPPED = EventKind.EVENTS_DROPPED


@dataclass(slots=True)
class EventBuffer:
    """Holds the events of an attempt until their chunk is stored. Agents emit from threads of their own."""

    run: Run
    clock: Clock
    retention: timedelta
    mask: Mask = field(default_factory=lambda: Mask([]))
    #: Called once, in the thread of whoever adds the first event.
    on_first: Callable[[], None] | None = None
    #: Whether the agent emitted any event, stored or dropped.
    agent_emitted: bool = False
    #: The kinds of event that are looked for, and those of them that the agent emitted.
    watched: Collection[str] = ()
    found: set[str] = field(default_factory=set)
    #: The chunk that was returned for a write and is not acknowledged yet; it may be stored already.
    offered: Chunk | None = None
    _closed: bool = False
    _count: int = 0
    #: Events dropped since the last one that says how many.
    _dropped: int = 0
    _pending: deque[tuple[Event, int]] = field(default_factory=deque)
    _pending_bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def emit(self, kind: Any, data: Any, *, replaced: bool = False) -> None:
        """Append an event of the agent, made storable by the gate and masked, whatever kind and data are. Never raises.

        A kind that starts with `run.`, as Tock's own do, gets `agent.` in front of it.
        """
        self.agent_emitted = True
        word, kept, changed = event_of(kind, data)
        named = self.mask(kind_of_agent(word))
        if named in self.watched:
            self.found.add(named)
        self._add(named, self.mask(kept), replaced=replaced or changed)

    def add(self, kind: str, data: Any, *, cut: bool = False) -> None:
        """Append an event that is no sign of the agent's work: one of Tock's own (`run.…`), or a line of output."""
        self._add(kind, data, replaced=cut)

    @property
    def last_seq(self) -> int:
        """The number of the newest event of this attempt."""
        return self.run.attempt * EVENTS_PER_ATTEMPT + self._count

    def next_chunk(self) -> Chunk | None:
        """Return the oldest pending events as a chunk, the same one until `written` is called; None if there are none.

        A chunk whose write was not acknowledged must not grow before the next try: if it was stored, the next try
        conflicts and counts as written, so events added meanwhile would be lost.
        """
        with self._lock:
            if self.offered is None and not self._closed:
                self._tell_dropped()
                self.offered = self._chunk()
            return self.offered

    def written(self, chunk: Chunk) -> None:
        """Remove the events of a chunk that is stored."""
        with self._lock:
            self.offered = None
            while self._pending and self._pending[0][0].seq <= chunk.last_seq:
                self._pending_bytes -= self._pending.popleft()[1]

    def drop(self, chunk: Chunk) -> None:
        """Remove the events of a chunk that cannot be stored, and count them as dropped."""
        self.written(chunk)
        with self._lock:
            self._dropped += sum(map(_dropped_with, chunk.events))

    def drop_all(self) -> None:
        """Remove all events that are not stored, and count them as dropped."""
        with self._lock:
            self.offered = None
            self._dropped += sum(_dropped_with(event) for event, _ in self._pending)
            self._pending.clear()
            self._pending_bytes = 0

    def close(self) -> None:
        """Remove all events that are not stored, and take no more."""
        self.drop_all()
        with self._lock:
            self._closed = True

    def _add(self, kind: str, data: Any, *, replaced: bool) -> None:
        # The size as it is stored: the codec escapes what is not ASCII.
        size = len(json.dumps(data, separators=(",", ":"))) + _BYTES_PER_EVENT
        with self._lock:
            if self._closed or self._pending_bytes + size > MAX_PENDING_BYTES or self._count >= EVENTS_OF_AGENT - 1:
                self._dropped += 1
            else:
                self._append(kind, data, size=size, replaced=replaced)
            on_first, self.on_first = self.on_first, None
        if on_first is not None:
            on_first()

    def _append(self, kind: str, data: Any, *, size: int, replaced: bool = False) -> None:
        self._count += 1
        event = Event(
            seq=self.last_seq, at=self.clock.now(), attempt=self.run.attempt, kind=kind, data=data, truncated=replaced
        )
        self._pending.append((event, size))
        self._pending_bytes += size

    def _tell_dropped(self) -> None:
        if self._dropped and self._count < EVENTS_OF_AGENT:
            self._append(DROPPED, {"count": self._dropped}, size=_BYTES_PER_EVENT)
            self._dropped = 0

    def _chunk(self) -> Chunk | None:
        events: list[Event] = []
        total = 0
        for event, size in self._pending:
            if events and (total + size > BYTES_PER_CHUNK or len(events) == EVENTS_PER_CHUNK):
                break
            events.append(event)
            total += size
        if not events:
            return None
        return Chunk(
            project=self.run.project,
            run=self.run.id,
            first_seq=events[0].seq,
            last_seq=events[-1].seq,
            events=tuple(events),
            expire_at=events[-1].at + self.retention,
        )


def _dropped_with(event: Event) -> int:
    """Return how many events are dropped with this one: itself or, if it tells of dropped ones, as many as it tells."""
    return int(event.data["count"]) if event.kind == DROPPED else 1
