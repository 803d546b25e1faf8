"""The buffer for the events of one attempt, which numbers them and groups them into chunks."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tock.core.run.event import EVENTS_PER_ATTEMPT, LARGEST_EVENT, Chunk, Event
from tock.core.run.run import Run
from tock.ports.clock import Clock

#: The most events, and bytes of data, in one chunk; a Firestore document holds 1 MiB.
EVENTS_PER_CHUNK = 200
BYTES_PER_CHUNK = 512 * 1024
#: The most characters of an event's kind.
LONGEST_KIND = 64


@dataclass(slots=True)
class EventBuffer:
    """Holds the events that the agent emits until their chunk is stored."""

    run: Run
    clock: Clock
    retention: timedelta
    emitted: int = 0
    #: The chunk that was returned for a write and is not acknowledged yet; it may be stored already.
    offered: Chunk | None = None
    _pending: list[tuple[Event, int]] = field(default_factory=list)

    def emit(self, kind: str, data: Any) -> None:
        """Append an event; data that is not JSON becomes its text, data over 16 KiB is cut, and both are marked."""
        if self.emitted >= EVENTS_PER_ATTEMPT - 1:
            return
        self.emitted += 1
        kept, size, truncated = _bounded(data)
        event = Event(
            seq=self.last_seq,
            at=self.clock.now(),
            attempt=self.run.attempt,
            kind=kind[:LONGEST_KIND],
            data=kept,
            truncated=truncated,
        )
        self._pending.append((event, size))

    @property
    def last_seq(self) -> int:
        """The number of the newest event of this attempt."""
        return self.run.attempt * EVENTS_PER_ATTEMPT + self.emitted

    def next_chunk(self) -> Chunk | None:
        """Return the oldest pending events as a chunk, the same one until `written` is called; None if there are none.

        A chunk whose write was not acknowledged must not grow before the next try: if it was stored, the next try
        conflicts and counts as written, so events added meanwhile would be lost.
        """
        if self.offered is None:
            self.offered = self._chunk()
        return self.offered

    def written(self, chunk: Chunk) -> None:
        """Drop the events of a chunk that is stored."""
        self.offered = None
        self._pending = [(event, size) for event, size in self._pending if event.seq > chunk.last_seq]

    def _chunk(self) -> Chunk | None:
        events: list[Event] = []
        total = 0
        for event, size in self._pending[:EVENTS_PER_CHUNK]:
            if events and total + size > BYTES_PER_CHUNK:
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


def _bounded(data: Any) -> tuple[Any, int, bool]:
    """Return the data as JSON of at most 16 KiB, its size in bytes, and whether it was changed."""
    try:
        text = json.dumps(data, allow_nan=False)
    except (TypeError, ValueError):
        text = json.dumps(str(data))
        return json.loads(text) if len(text) <= LARGEST_EVENT else text[:LARGEST_EVENT], len(text), True
    if len(text) <= LARGEST_EVENT:
        # A copy, because the agent may change its object later.
        return json.loads(text), len(text), False
    return text[:LARGEST_EVENT], LARGEST_EVENT, True
