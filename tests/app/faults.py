"""A process between the use cases and the real parts: it counts every call, and makes one effect fail on request."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

from tock.core.errors import CommitConflict, QueueUnavailable, StoreUnavailable
from tock.ports.queue import Queue, Task, TickContinuation
from tock.ports.store import Create, Store, Write

T = TypeVar("T")
#: How many documents a call to the store reads, by the value it returned.
_READS: dict[str, Callable[[Any], int]] = {
    "due_triggers": lambda page: len(page.triggers),
    "due_count": lambda _: 0,
    "overdue_runs": len,
}


class Crash(BaseException):
    """The process died here. No `except Exception` catches it, as none catches a SIGKILL."""


class Kind(StrEnum):
    """How an effect fails."""

    #: The process dies before the effect.
    CRASH_BEFORE = "crash before"
    #: The process dies right after the effect.
    CRASH_AFTER = "crash after"
    #: The effect happens, and the caller gets no answer.
    LOST_ACKNOWLEDGEMENT = "lost acknowledgement"
    #: The effect happens, the client library repeats the call, and the caller sees a conflict with itself.
    REPEATED = "repeated"
    #: The effect does not happen, and the caller gets no answer.
    REFUSED = "refused"


@dataclass(frozen=True)
class Fault:
    """Which effect fails, counted from 1, and how."""

    at: int
    kind: Kind


#: On whose behalf the running code makes its calls. Tasks inherit it from the code that starts them.
CALLER: ContextVar[object] = ContextVar("CALLER", default=None)


class CallsInFlight:
    """The calls to the real parts that have not ended. A call goes on to its end even if its caller is cancelled."""

    def __init__(self) -> None:
        self._calls: dict[asyncio.Future[Any], object] = {}
        #: How many calls have begun or ended so far.
        self.steps = 0

    def any(self, caller: object = None) -> bool:
        """Whether a call is in flight, of this caller if one is named."""
        return caller in self._calls.values() if caller is not None else bool(self._calls)

    async def make(self, call: Awaitable[T]) -> T:
        """Return what the call returns."""
        future = asyncio.ensure_future(call)
        self._calls[future] = CALLER.get()
        self.steps += 1
        future.add_done_callback(self._ended)
        return await asyncio.shield(future)

    def _ended(self, future: asyncio.Future[Any]) -> None:
        del self._calls[future]
        self.steps += 1
        if not future.cancelled():
            future.exception()


@dataclass
class Process:
    """One process: its effects in order, its reads and writes by kind of document, and whether it is dead."""

    calls: CallsInFlight
    fault: Fault | None = None
    #: Called before each effect with its text: what another process does at that moment.
    before_effect: Callable[[str], Awaitable[None]] | None = None
    effects: list[str] = field(default_factory=list)
    reads: Counter[str] = field(default_factory=Counter)
    writes: Counter[str] = field(default_factory=Counter)
    dead: bool = False

    async def read(self, name: str, call: Awaitable[T]) -> T:
        if self.dead:
            raise Crash
        found = await self.calls.make(call)
        self.reads[name] += _READS.get(name, lambda _: 1)(found)
        return found

    async def effect(self, text: str, call: Callable[[], Awaitable[T]], *, lost: Exception) -> T:
        if self.dead:
            raise Crash
        if self.before_effect is not None:
            await self.before_effect(text)
        self.effects.append(text)
        kind = self.fault.kind if self.fault is not None and self.fault.at == len(self.effects) else None
        if kind is Kind.CRASH_BEFORE:
            self.dead = True
            raise Crash(text)
        if kind is Kind.REFUSED:
            raise lost
        done = await self.calls.make(call())
        if kind is Kind.CRASH_AFTER:
            self.dead = True
            raise Crash(text)
        if kind is Kind.LOST_ACKNOWLEDGEMENT:
            raise lost
        if kind is Kind.REPEATED and text.startswith("commit"):
            raise CommitConflict(f"repeated {text}")
        return done


class ProcessStore:
    """The store as one process sees it."""

    def __init__(self, store: Store, *, process: Process) -> None:
        self._store = store
        self._process = process

    async def commit(self, writes: Sequence[Write]) -> Any:
        text = f"commit {', '.join(map(_text, writes))}"
        lost = StoreUnavailable(f"no answer to {text}")
        version = await self._process.effect(text, lambda: self._store.commit(writes), lost=lost)
        self._process.writes.update(map(_text, writes))
        return version

    async def record_tick(self, state: Any) -> None:
        lost = StoreUnavailable("no answer to record_tick")
        await self._process.effect("record_tick", lambda: self._store.record_tick(state), lost=lost)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        async def read(*args: Any, **kwargs: Any) -> Any:
            return await self._process.read(name, method(*args, **kwargs))

        return read


class ProcessQueue:
    """The queue as one process sees it."""

    def __init__(self, queue: Queue, *, process: Process) -> None:
        self._queue = queue
        self._process = process

    async def enqueue(self, tasks: Sequence[Task]) -> Mapping[Task, QueueUnavailable]:
        """Enqueue one task after another, so that a fault concerns one of them."""
        refused: dict[Task, QueueUnavailable] = {}
        for task in tasks:
            lost = QueueUnavailable("no answer to enqueue")
            try:
                refused |= await self._process.effect("enqueue", partial(self._queue.enqueue, [task]), lost=lost)
            except QueueUnavailable as exc:
                refused[task] = exc
        return refused

    async def continue_tick(self, tick: TickContinuation) -> None:
        lost = QueueUnavailable("no answer to continue_tick")
        await self._process.effect("continue_tick", lambda: self._queue.continue_tick(tick), lost=lost)


def _text(write: Write) -> str:
    match write:
        case Create(value=value):
            return f"create {type(value).__name__}"
    after = getattr(write, "after", None) or getattr(write, "value", None)
    return f"{type(write).__name__.lower()} {type(after).__name__}"
