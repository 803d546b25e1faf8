"""Tells which attempt started which child process of this process, although the attempts share it."""

import asyncio
import threading
from dataclasses import dataclass
from functools import cache

from tock.executors.kept_process.child_processes import ChildProcess, children, now_in_ticks


@dataclass(frozen=True, slots=True)
class _Start:
    """A thread is about to start a process, or has started it."""

    owner: object | None
    #: The children that the thread had before.
    before: set[ChildProcess]
    #: When it was, in clock ticks.
    at: int


class ProcessStarts:
    """The child processes of this process, with the owner of each: an attempt, or nobody.

    The kernel tells which thread started a child. So the children that a thread has now, and had not when it was about
    to start one, are the owner's for whom it did. What this does not tell is unknown: orphans, which a subreaper takes
    in, and what was started without an audit event (the method `spawn` of multiprocessing, code in C).
    """

    def __init__(self) -> None:
        #: The children that were there before belong to nobody.
        self._owners: dict[ChildProcess, object | None] = dict.fromkeys(children())
        #: By thread.
        self._starts: dict[int, _Start] = {}
        self._lock = threading.RLock()

    def about_to_start(self, owner: object | None) -> None:
        """Note that the current thread starts a process now, for this owner."""
        thread = threading.get_native_id()
        self._look(thread)
        with self._lock:
            self._starts[thread] = _Start(owner, children(thread=thread), now_in_ticks())
        try:
            # A thread to which orphans come, the main one, has its start looked at soon: one could be taken for it.
            asyncio.get_running_loop().call_soon(self._look, thread)
        except RuntimeError:
            return

    def owned_by(self, owner: object) -> set[ChildProcess]:
        """Return the children that were started for this owner and are alive."""
        return {child for child, known in self._current().items() if known is owner and child.alive}

    def unknown(self) -> set[ChildProcess]:
        """Return the children of which nothing is known; they may have ended."""
        return children() - self._current().keys()

    def _current(self) -> dict[ChildProcess, object | None]:
        with self._lock:
            now = children()
            if now:
                for thread in list(self._starts):
                    self._look(thread)
            self._owners = {child: owner for child, owner in self._owners.items() if child in now}
            return dict(self._owners)

    def _look(self, thread: int) -> None:
        with self._lock:
            start = self._starts.get(thread)
            if start is None:
                return
            for child in children(thread=thread) - start.before:
                if child.started >= start.at:
                    self._owners.setdefault(child, start.owner)
            if thread == threading.get_native_id():
                # Another thread may look between the note and the start; the thread itself cannot.
                del self._starts[thread]


@cache
def process_starts() -> ProcessStarts:
    """Return those of this process; the first call decides which children were there before."""
    return ProcessStarts()
