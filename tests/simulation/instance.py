"""One instance of a function: a process with its own clock, that can stall, go on as a zombie, be ended, and die."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from app.faults import Crash
from simulation.call import CALL, Call
from simulation.network import Network, RemoteQueue, RemoteStore
from simulation.surroundings import Surroundings
from tock.app.services import Services
from tock.core.errors import TockError

T = TypeVar("T")
#: How long before its end a process is told, in seconds (Cloud Run).
NOTICE = 10.0


class Instance:
    """Runs use cases on its own clock, behind a network that fails by the weather."""

    def __init__(self, name: str, world: Surroundings, *, skew: timedelta) -> None:
        self.name = name
        self.skew = skew
        self.dead = False
        #: When it was told to end, by the true time; and whether it died of that, with nothing else before.
        self.told_to_end: datetime | None = None
        self.ended = False
        self._world = world
        self._going = asyncio.Event()
        self._going.set()
        self._work: dict[asyncio.Task[Any], None] = {}
        self._calls: dict[Call, None] = {}
        network = Network(world, caller=self)
        self.services = Services(
            store=RemoteStore(world.store, network=network),
            queue=RemoteQueue(world.queue, network=network),
            clock=_SkewedClock(world, instance=self),
            random=world.dice,
            timing=world.timing,
            executors={"sim": world.executor_for(self)},
        )

    @property
    def stalled(self) -> bool:
        """Whether it stands still."""
        return not self._going.is_set()

    @property
    def busy(self) -> bool:
        """Whether something is at work in it."""
        return bool(self._work)

    def spawn(self, work: Coroutine[Any, Any, T], *, name: str) -> "asyncio.Future[T | TockError | None]":
        """Begin to work; the future holds the result, a TockError, or None when the process died."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T | TockError | None] = loop.create_future()
        task = loop.create_task(self._carry_out(work, name=name))
        self._work[task] = None

        def ended(task: asyncio.Task[Any]) -> None:
            del self._work[task]
            # A process that dies before the work began answers nothing either.
            if not answer.done():
                answer.set_result(None if task.cancelled() else task.result())

        task.add_done_callback(ended)
        return answer

    def stall(self) -> None:
        """Stand still, as a stopped process does, until `go_on`."""
        for call in self._calls:
            call.stood_still = True
        self._going.clear()
        self._world.tell(self.name, "stalls")

    def go_on(self) -> None:
        """Go on where it stood still."""
        if self.stalled:
            self._going.set()
            self._world.tell(self.name, "goes on")

    def end(self) -> None:
        """Be told to end; what is not done when the notice is over is left undone."""
        if not self.dead and self.told_to_end is None:
            self._world.tell(self.name, "is told to end")
            self.told_to_end = self._world.now()
            self.services.shutdown.set()
            asyncio.get_running_loop().call_later(NOTICE, self._notice_is_over)

    def _notice_is_over(self) -> None:
        self.ended = not self.dead
        self.die()

    def die(self) -> None:
        """End at once: nothing that it was doing goes on."""
        if self.dead:
            return
        self.dead = True
        self._world.tell(self.name, "dies")
        self._going.set()
        for task in self._work:
            task.cancel()

    async def sleep(self, seconds: float) -> None:
        """Return after that time, or once it goes on; raises Crash when it died meanwhile."""
        if self.dead:
            raise Crash(self.name)
        await asyncio.sleep(seconds)
        while not self._going.is_set():
            await self._going.wait()
        if self.dead:
            raise Crash(self.name)

    async def _carry_out(self, work: Coroutine[Any, Any, T], *, name: str) -> T | TockError | None:
        call = Call(name, is_to_end=lambda: self.told_to_end is not None)
        call.stood_still = self.stalled
        CALL.set(call)
        self._calls[call] = None
        self._world.begun(call)
        try:
            answer = await work
        except TockError as error:
            self._world.tell(self.name, f"{name} ends with {type(error).__name__}: {error}")
            return error
        except BaseException as error:  # noqa: BLE001 - a process that dies ends with whatever was under way
            if not self.dead:
                self._world.failed(f"{self.name} {name}", error)
            return None
        finally:
            del self._calls[call]
        self._world.ended(call, answer)
        return answer


class _SkewedClock:
    def __init__(self, world: Surroundings, *, instance: Instance) -> None:
        self._world = world
        self._instance = instance

    def now(self) -> datetime:
        return self._world.now() + self._instance.skew

    async def sleep(self, length: timedelta) -> None:
        await self._instance.sleep(max(length.total_seconds(), 0.0))
