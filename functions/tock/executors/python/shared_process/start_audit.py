"""Notes the processes that attempts start, by Python's audit events (PEP 578)."""

import os
import sys
import threading
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from tock.executors.kept_process.subreaper import become_subreaper
from tock.executors.python.shared_process.agent_task import OWNER, AgentTask
from tock.executors.python.shared_process.process_starts import process_starts

_PROCESSES = frozenset({"subprocess.Popen", "os.posix_spawn", "os.fork", "os.forkpty", "os.system"})
_THREADS = frozenset({"_thread.start_new_thread", "_thread.start_joinable_thread"})

#: A thread that an attempt starts has an empty context, and what it starts in turn is the attempt's, too.
_owners: WeakKeyDictionary[threading.Thread, AgentTask] = WeakKeyDictionary()


@cache
def note_starts() -> None:
    """Note from now on what attempts start in this process, and take in their orphans. A second call does nothing.

    An audit hook cannot be removed. It is called in the context of what is about to happen, before it happens.
    """
    process_starts()
    become_subreaper()
    process = os.getpid()

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _PROCESSES and os.getpid() == process:
            _note_process()
        elif event in _THREADS and os.getpid() == process:
            _note_thread(getattr(arguments[0], "__self__", None))

    sys.addaudithook(note)
    if sys.version_info < (3, 12):  # which announces no start of a thread
        _note_threads()


def _note_process() -> None:
    attempt = owner()
    if attempt is None:
        process_starts().about_to_start(None)
    else:
        attempt.note_process()


def _note_threads() -> None:
    """Note each thread that the module threading starts."""
    process, start = os.getpid(), threading._start_new_thread  # type: ignore[attr-defined] # noqa: SLF001 - see above

    def noting(function: Any, *arguments: Any) -> Any:
        if os.getpid() == process:
            _note_thread(getattr(function, "__self__", None))
        return start(function, *arguments)

    threading._start_new_thread = noting  # type: ignore[attr-defined] # noqa: SLF001 - as above


def _note_thread(thread: object) -> None:
    attempt = owner()
    if attempt is not None and isinstance(thread, threading.Thread):
        _owners[thread] = attempt


def owner() -> AgentTask | None:
    """Return the attempt in whose name the current thread works at this moment, or None."""
    return OWNER.get() or _owners.get(threading.current_thread())
