"""Blocks the names of executed and deleted tasks for a while, as Cloud Tasks does."""

import itertools
from collections.abc import Iterable
from datetime import datetime, timedelta


class Tombstones:
    """The blocked names with the time at which each is freed, in that order."""

    def __init__(self, until: dict[str, datetime], *, window: timedelta) -> None:
        self._until = until
        self._window = window

    def blocks(self, name: str, *, now: datetime) -> bool:
        """Whether a new task may not have this name yet."""
        until = self._until.get(name)
        return until is not None and now < until

    def end(self, *, now: datetime) -> datetime:
        """Return when a name is freed that is blocked now."""
        return now + self._window

    def expired(self, *, now: datetime) -> list[str]:
        """Return the names whose time has come. They are in that order, so stop at the first that must wait."""
        return [*itertools.takewhile(lambda name: self._until[name] <= now, self._until)]

    def below(self, prefix: str) -> list[str]:
        """Return the names with this prefix."""
        return [name for name in self._until if name.startswith(prefix)]

    def block(self, name: str, *, now: datetime) -> None:
        """Block the name for the window."""
        self._until.pop(name, None)
        self._until[name] = self.end(now=now)

    def free(self, names: Iterable[str]) -> None:
        """Free these names."""
        for name in names:
            del self._until[name]
