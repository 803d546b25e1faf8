"""One attempt in the agents' loop, with what it started in this process: tasks, threads and child processes."""

import asyncio
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextvars import ContextVar
from functools import partial
from typing import Any, Optional, TypeVar, TypeVarTuple

from tock.core.json.value import text_of
from tock.core.run.outcome import AgentOutcome
from tock.executors.kept_process.child_processes import ChildProcess, now_in_ticks
from tock.executors.python.agent_output import AgentOutput
from tock.executors.python.shared_process.process_starts import process_starts
from tock.ports.executor import RunContext

#: The most characters of a name.
_MAX_NAME = 80
T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")
#: The attempt in whose context something is started; None for what belongs to no attempt.
OWNER: ContextVar[Optional["AgentTask"]] = ContextVar("agent_task", default=None)
#: The attempts whose processes are not ended yet.
_at_work: set["AgentTask"] = set()


class AgentTask:
    """What is started in the attempt's context belongs to it, also by its tasks, its threads and its calls in threads.

    What several runs share is started in an empty one: `contextvars.Context().run(…)`.
    """

    def __init__(
        self, *, context: RunContext, output: AgentOutput, ended: "asyncio.Future[AgentOutcome | None]"
    ) -> None:
        self.context = context
        #: Takes what it prints and logs.
        self.output = output
        #: Done, in the loop of the caller, when the attempt ended; its result is None if the attempt was cancelled.
        self.ended = ended
        #: The tasks that the attempt consists of and that it started, as far as they are not done.
        self.tasks: set[asyncio.Task[Any]] = set()
        #: Somebody asked to stop the attempt, perhaps before it began.
        self.stopped = False
        self._began = now_in_ticks()
        #: The names of the functions that its threads are in.
        self._calls: dict[object, str] = {}
        self._closed = False
        #: Whether it is known that the attempt started a process.
        self._starts_processes = False
        _at_work.add(self)

    def call(self, function: Callable[[*Arguments], T], *args: *Arguments) -> T:
        """Call the function in the current thread, which nothing can stop meanwhile, unless `close` was called."""
        call = object()
        self._calls[call] = _name(function)
        try:
            if self._closed:
                raise CancelledError
            return function(*args)
        finally:
            del self._calls[call]

    def note_process(self) -> None:
        """Note that the attempt starts a process now, in the current thread."""
        self._starts_processes = True
        process_starts().about_to_start(self)

    def close(self) -> None:
        """Let the attempt begin no further call in a thread."""
        self._closed = True

    def alive(self) -> tuple[str, ...]:
        """Return what of the attempt works on, each in a few words."""
        return (
            *(f"the task {_word(task.get_name())}" for task in tuple(self.tasks)),
            *(f"a thread in {_word(name)}" for name in tuple(self._calls.values())),
            *(f"the process {child.id} ({_word(child.name)})" for child in self._living_processes()),
        )

    def processes_to_end(self) -> set[ChildProcess]:
        """Return the child processes that are surely this attempt's; they may have ended."""
        own = self._own_processes()  # first: what ends from now on is in it, and what ended has left its orphans
        return own | {orphan for orphan, starters in self._orphans().items() if starters == {self}}

    def forget_processes(self) -> None:
        """Start no longer to count as one that may have started what is found from now on."""
        _at_work.discard(self)

    def _living_processes(self) -> set[ChildProcess]:
        """Return the attempt's processes that are alive, and the orphans that may be another's, too."""
        own = self._own_processes()  # first, as above
        orphans = self._orphans() if self._starts_processes else {}
        return own | {orphan for orphan in orphans if orphan.alive}

    def _own_processes(self) -> set[ChildProcess]:
        return process_starts().owned_by(self) if self._starts_processes else set()

    def _orphans(self) -> dict[ChildProcess, set["AgentTask"]]:
        """Return the children of unknown origin that this attempt may have started, with all that may have.

        Those are the attempts that worked when it started; of several, those that are known to start processes.
        """
        found = {}
        for orphan in process_starts().unknown():
            present = {work for work in (*_at_work, self) if work._began <= orphan.started}  # noqa: SLF001 - its own
            starters = {work for work in present if work._starts_processes} or present  # noqa: SLF001 - as above
            if self in starters:
                found[orphan] = starters
        return found


def _word(name: object) -> str:
    """Return a name that somebody else chose, short and of whole characters."""
    return text_of(name)[:_MAX_NAME]


def _name(function: Any) -> str:
    """Return the name of a function; `asyncio.to_thread` wraps it in a partial of `Context.run`."""
    inner = function.args[0] if isinstance(function, partial) and function.args else function
    return str(getattr(inner, "__qualname__", None) or type(inner).__name__)
