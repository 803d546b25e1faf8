"""The network between an instance and the store and queue: calls take time, fail, and may outlive their caller."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from app.faults import Crash, Kind
from simulation.call import CALL
from simulation.commit_text import commit_text
from simulation.environment import Environment
from tock.core.errors import CommitConflict, QueueUnavailable, StoreUnavailable, TockError
from tock.ports.queue import Queue, Task, TickContinuation
from tock.ports.store import Store, Write

T = TypeVar("T")
#: How many seconds a call waits for a store or queue that does not answer.
TIMEOUT = 10.0


class Caller(Protocol):
    """The process that makes the calls."""

    name: str

    def kill(self) -> None:
        """End the process at once."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that time. Raises Crash if the process dies meanwhile."""
        ...


class Network:
    """Carries the calls of one process, with faults."""

    def __init__(self, world: Environment, *, caller: Caller) -> None:
        self._world = world
        self._caller = caller

    async def read(self, call: Callable[[], Awaitable[T]], *, text: str) -> T:
        """Return what the read found. Raises StoreUnavailable if a fault keeps the answer back."""
        await self._transfer()
        if await self._times_out() or self._world.network_faults.read_fails():
            CALL.get().disturbed = True
            raise StoreUnavailable(f"no answer to {text}")
        found = await call()
        await self._transfer()
        return found

    async def effect(self, call: Callable[[], Awaitable[T]], *, text: Callable[[], str], lost: TockError) -> T:
        """Return what the effect returned, unless a fault makes it fail in one of the ways of `Kind`."""
        if self._world.network_faults.stalls_caller():
            self._world.stall(self._caller)
        try:
            await self._transfer()
        except asyncio.CancelledError:
            # The request may have been sent although nobody waits for its answer any more.
            self._maybe_run_detached(call, within=0.0)
            raise
        if await self._times_out():
            CALL.get().disturbed = True
            self._record("no answer", text)
            self._maybe_run_detached(call, within=8.0)
            raise lost
        kind = self._world.network_faults.fault()
        if kind is not None:
            self._record(kind, text)
            CALL.get().disturbed |= kind is not Kind.REPEATED
        return await (self._do(call, text=text) if kind is None else self._fail(kind, call, lost=lost))

    async def _do(self, call: Callable[[], Awaitable[T]], *, text: Callable[[], str]) -> T:
        try:
            done = await call()
        except CommitConflict:
            CALL.get().conflicts += 1
            self._record("conflict", text)
            await self._transfer()
            raise
        self._record("", text)
        await self._transfer()
        return done

    async def _fail(self, kind: Kind, call: Callable[[], Awaitable[T]], *, lost: TockError) -> T:
        match kind:
            case Kind.REFUSED:
                raise lost
            case Kind.CRASH_BEFORE:
                self._maybe_run_detached(call, within=2.0)
                self._caller.kill()
                raise Crash(kind)
        done = await call()
        match kind:
            case Kind.CRASH_AFTER:
                self._caller.kill()
                raise Crash(kind)
            case Kind.LOST_ACKNOWLEDGEMENT:
                raise lost
        # The client library repeats a call without an acknowledgement; the second one may conflict with the first.
        await call()
        await self._transfer()
        return done

    def _maybe_run_detached(self, call: Callable[[], Awaitable[Any]], *, within: float) -> None:
        if self._world.network_faults.request_survives():
            self._world.run_detached(call, after=self._world.random.between(0.0, within))

    def _record(self, what: str, text: Callable[[], str]) -> None:
        # Rendering the text is expensive, and traces are seldom wanted.
        if self._world.tracing:
            self._world.record(self._caller.name, f"{what}: {text()}" if what else text())

    async def _times_out(self) -> bool:
        """Wait during an outage of the store and queue, up to the timeout; return whether it lasts longer."""
        outage = self._world.network_faults.unreachable_for(self._world.now())
        if outage <= 0:
            return False
        CALL.get().kept_waiting = True
        await self._caller.sleep(min(outage, TIMEOUT))
        return outage > TIMEOUT

    async def _transfer(self) -> None:
        await self._caller.sleep(self._world.network_faults.latency())


class RemoteStore:
    """The store as one instance sees it."""

    def __init__(self, store: Store, *, network: Network) -> None:
        #: The store itself, which answers at once.
        self.at_once = store
        self._network = network

    async def commit(self, writes: list[Write]) -> Any:
        lost = StoreUnavailable("no answer to a commit")
        return await self._network.effect(
            lambda: self.at_once.commit(writes), text=lambda: commit_text(writes), lost=lost
        )

    async def record_tick(self, state: Any) -> None:
        lost = StoreUnavailable("no answer to record_tick")
        await self._network.effect(lambda: self.at_once.record_tick(state), text=lambda: "record_tick", lost=lost)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.at_once, name)

        async def read(*args: Any, **kwargs: Any) -> Any:
            return await self._network.read(lambda: method(*args, **kwargs), text=name)

        return read


class RemoteQueue:
    """The queue as one instance sees it."""

    def __init__(self, queue: Queue, *, network: Network) -> None:
        self._queue = queue
        self._network = network

    async def enqueue(self, tasks: Sequence[Task]) -> Mapping[Task, QueueUnavailable]:
        """Enqueue the tasks beside each other; a fault concerns one of them."""
        refused: dict[Task, QueueUnavailable] = {}

        async def enqueue_one(task: Task) -> None:
            try:
                refused.update(await self._carry(task))
            except QueueUnavailable as exc:
                refused[task] = exc

        async with asyncio.TaskGroup() as group:
            for task in tasks:
                group.create_task(enqueue_one(task))
        return refused

    async def _carry(self, task: Task) -> Mapping[Task, QueueUnavailable]:
        lost = QueueUnavailable("no answer to enqueue")

        def text() -> str:
            return f"enqueue {task.run[:8]} attempt {task.attempt} dispatch {task.dispatch}"

        CALL.get().enqueued.add((task.project, task.run))
        return await self._network.effect(lambda: self._queue.enqueue([task]), text=text, lost=lost)

    async def continue_tick(self, tick: TickContinuation) -> None:
        lost = QueueUnavailable("no answer to continue_tick")
        text = f"continue tick over {tick.shards}"
        await self._network.effect(lambda: self._queue.continue_tick(tick), text=lambda: text, lost=lost)
