"""Looks for new events of all runs of a project."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tock.client.server_sent import UnreadableEvents

if TYPE_CHECKING:
    from tock import Client
    from tock.core.run.events.event import Event
    from tock.web.resources.runs.run import RunResource

#: How many runs, the latest ones, are looked at.
RUNS_AT_ONCE = 50
#: How many events are read at once.
_EVENTS_AT_ONCE = 500


class Tail:
    """Remembers up to which number the events of each run were seen."""

    def __init__(self, client: "Client") -> None:
        self._client = client
        self._seen: dict[str, int] = {}
        self._ended: set[str] = set()
        #: Events before the first look are no news.
        self._is_first = True

    def look(self) -> "Iterator[tuple[RunResource, Event | UnreadableEvents]]":
        """Yield each event that is new since the last look, with its run; none at the first look.

        A run that ended before the first look is left out.
        """
        page = self._client.runs.list(page_size=RUNS_AT_ONCE).page()
        for run in reversed(page.runs):
            if run.id in self._ended:
                continue
            if self._is_first and run.finished:
                self._ended.add(run.id)
                continue
            for event in self._new(run.id):
                if not self._is_first:
                    yield run, event
        self._is_first = False

    def _new(self, run: str) -> "Iterator[Event | UnreadableEvents]":
        while True:
            seen = self._seen.get(run, 0)
            page = self._client.runs.list_events(run, since=seen, limit=_EVENTS_AT_ONCE)
            yield from page.events
            for unreadable in page.unreadable:
                yield UnreadableEvents(seq=page.next_since, data=unreadable.model_dump())
            self._seen[run] = page.next_since
            if page.next_since == seen:
                if page.status.terminal:
                    self._ended.add(run)
                return
