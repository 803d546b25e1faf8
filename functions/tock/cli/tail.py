"""Looks for new events of all runs of a project."""

from collections.abc import Iterator
from typing import Any

from tock.cli.client import Client
from tock.cli.event_stream import UNREADABLE

#: How many runs, the latest ones, are looked at.
RUNS_AT_ONCE = 50


class Tail:
    """Remembers up to which number the events of each run were seen."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._seen: dict[str, int] = {}
        self._ended: set[str] = set()
        #: Events before the first look are no news.
        self._is_first = True

    def look(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Yield each event that is new since the last look, with its run; none at the first look.

        A run that ended before the first look is left out.
        """
        runs = self._client.call("GET", "/runs", parameters={"page_size": RUNS_AT_ONCE})["runs"]
        for run in reversed(runs):
            if run["id"] in self._ended:
                continue
            if self._is_first and run["finished"]:
                self._ended.add(run["id"])
                continue
            for event in self._new(run["id"]):
                if not self._is_first:
                    yield run, event
        self._is_first = False

    def _new(self, run: str) -> Iterator[dict[str, Any]]:
        while True:
            seen = self._seen.get(run, 0)
            page = self._client.call("GET", f"/runs/{run}/events", parameters={"since": seen, "limit": 500})
            yield from page["events"]
            for unreadable in page["unreadable"]:
                yield {"kind": UNREADABLE, "data": unreadable}
            self._seen[run] = page["next_since"]
            if page["next_since"] == seen:
                if page["status"] in _FINAL:
                    self._ended.add(run)
                return


_FINAL = frozenset({"succeeded", "failed", "timed_out", "cancelled", "skipped", "missed"})
