"""The network between an instance and the store and the queue: calls are slow, fail, and go on without their caller."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from app.faults import Crash, Kind
from simulation.call import CALL
from simulation.surroundings import Surroundings
from simulation.words import told
from tock.core.errors import CommitConflict, QueueUnavailable, StoreUnavailable, TockError
from tock.ports.queue import Queue, Task, TickContinuation
from tock.ports.store import Store, Write

T = TypeVar("T")
#: How long a call waits for a store or a queue that does not answer.
PATIENCE = 10.0


class Caller(Protocol):
    """The process whose calls are carried."""

    name: str

    def die(self) -> None:
        """End at once."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that time, or once it goes on; raises Crash when it died meanwhile."""
        ...


class Network:
    """Carries the calls of one process, by the weather."""

    def __init__(self, world: Surroundings, *, caller: Caller) -> None:
        self._world = world
        self._caller = caller

    async def read(self, call: Callable[[], Awaitable[T]], *, text: str) -> T:
        """Return what a read found; by the weather nobody answers."""
        await self._travel()
        if await self._is_dark() or self._world.weather.read_fails():
            CALL.get().disturbed = True
            raise StoreUnavailable(f"no answer to {text}")
        found = await call()
        await self._travel()
        return found

    async def effect(self, call: Callable[[], Awaitable[T]], *, text: Callable[[], str], lost: TockError) -> T:
        """Return what an effect returned; by the weather it fails in one of the ways that effects fail."""
        if self._world.weather.stops_here():
            self._world.stop(self._caller)
        try:
            await self._travel()
        except asyncio.CancelledError:
            # The request may be under way although nobody waits for its answer any more.
            self._perhaps_later(call, within=0.0)
            raise
        if await self._is_dark():
            CALL.get().disturbed = True
            self._tell("no answer", text)
            self._perhaps_later(call, within=8.0)
            raise lost
        kind = self._world.weather.fault()
        if kind is not None:
            self._tell(kind, text)
            CALL.get().disturbed |= kind is not Kind.REPEATED
        return await (self._do(call, text=text) if kind is None else self._fail(kind, call, lost=lost))

    async def _do(self, call: Callable[[], Awaitable[T]], *, text: Callable[[], str]) -> T:
        try:
            done = await call()
        except CommitConflict:
            CALL.get().conflicts += 1
            self._tell("conflict", text)
            await self._travel()
            raise
        self._tell("", text)
        await self._travel()
        return done

    async def _fail(self, kind: Kind, call: Callable[[], Awaitable[T]], *, lost: TockError) -> T:
        match kind:
            case Kind.REFUSED:
                raise lost
            case Kind.CRASH_BEFORE:
                self._perhaps_later(call, within=2.0)
                self._caller.die()
                raise Crash(kind)
        done = await call()
        match kind:
            case Kind.CRASH_AFTER:
                self._caller.die()
                raise Crash(kind)
            case Kind.LOST_ACKNOWLEDGEMENT:
                raise lost
        # The client repeats a call that was not acknowledged: the second one may conflict with the first.
        await call()
        await self._travel()
        return done

    def _perhaps_later(self, call: Callable[[], Awaitable[Any]], *, within: float) -> None:
        if self._world.weather.goes_on_alone():
            self._world.later(call, after=self._world.dice.between(0.0, within))

    def _tell(self, what: str, text: Callable[[], str]) -> None:
        # The story is long, and seldom read.
        if self._world.telling:
            self._world.tell(self._caller.name, f"{what}: {text()}" if what else text())

    async def _is_dark(self) -> bool:
        """Whether nobody answers, after having waited for that."""
        dark = self._world.weather.dark_for(self._world.now())
        if dark <= 0:
            return False
        CALL.get().kept_waiting = True
        await self._caller.sleep(min(dark, PATIENCE))
        return dark > PATIENCE

    async def _travel(self) -> None:
        await self._caller.sleep(self._world.weather.latency())


class RemoteStore:
    """The store as one instance sees it."""

    def __init__(self, store: Store, *, network: Network) -> None:
        #: The store itself, which answers at once.
        self.at_once = store
        self._network = network

    async def commit(self, writes: list[Write]) -> Any:
        lost = StoreUnavailable("no answer to a commit")
        return await self._network.effect(lambda: self.at_once.commit(writes), text=lambda: told(writes), lost=lost)

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

    async def enqueue(self, task: Task) -> None:
        lost = QueueUnavailable("no answer to enqueue")

        def text() -> str:
            return f"enqueue {task.run[:8]} attempt {task.attempt} dispatch {task.dispatch}"

        CALL.get().offered.add((task.project, task.run))
        await self._network.effect(lambda: self._queue.enqueue(task), text=text, lost=lost)

    async def continue_tick(self, tick: TickContinuation) -> None:
        lost = QueueUnavailable("no answer to continue_tick")
        text = f"hand over {tick.shards}"
        await self._network.effect(lambda: self._queue.continue_tick(tick), text=lambda: text, lost=lost)
