"""One instance of a function: a process with its own clock, which can stall, resume, get SIGTERM and be killed."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from app.faults import Crash
from simulation.call import CALL, Call
from simulation.environment import Environment
from simulation.faults.network import Network, RemoteQueue, RemoteStore
from tock.app.services import Services
from tock.core.errors import TockError

T = TypeVar("T")
#: Seconds between SIGTERM and SIGKILL (Cloud Run).
SIGTERM_NOTICE = 10.0


class Instance:
    """Runs use cases on its own clock, behind a network with faults."""

    def __init__(self, name: str, world: Environment, *, skew: timedelta) -> None:
        self.name = name
        self.skew = skew
        self.dead = False
        #: When it got SIGTERM, by the true time; and whether it then ended by that, and by nothing else before.
        self.sigterm_at: datetime | None = None
        self.ended_by_sigterm = False
        self._world = world
        self._running = asyncio.Event()
        self._running.set()
        self._work: dict[asyncio.Task[Any], None] = {}
        self._calls: dict[Call, None] = {}
        network = Network(world, caller=self)
        self.services = Services(
            store=RemoteStore(world.store, network=network),
            queue=RemoteQueue(world.queue, network=network),
            clock=_SkewedClock(world, instance=self),
            random=world.random,
            timing=world.timing,
            executors={"sim": world.executor_for(self)},
            changes=world.changes,
        )

    @property
    def stalled(self) -> bool:
        """Whether it is stalled."""
        return not self._running.is_set()

    @property
    def busy(self) -> bool:
        """Whether a use case runs in it."""
        return bool(self._work)

    def spawn(self, work: Coroutine[Any, Any, T], *, name: str) -> "asyncio.Future[T | TockError | None]":
        """Start a use case; the future gets its result, its TockError, or None if the process dies."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T | TockError | None] = loop.create_future()
        task = loop.create_task(self._carry_out(work, name=name))
        self._work[task] = None

        def ended(task: asyncio.Task[Any]) -> None:
            del self._work[task]
            # A race: a process that dies before the work begins answers nothing either.
            if not answer.done():
                answer.set_result(None if task.cancelled() else task.result())

        task.add_done_callback(ended)
        return answer

    def stall(self) -> None:
        """Do nothing until `resume`, as a process does after SIGSTOP."""
        for call in self._calls:
            call.stalled = True
        self._running.clear()
        self._world.record(self.name, "stalls")

    def resume(self) -> None:
        """Continue where it stalled."""
        if self.stalled:
            self._running.set()
            self._world.record(self.name, "resumes")

    def send_sigterm(self) -> None:
        """Tell the process to end; ten seconds later it is killed."""
        if not self.dead and self.sigterm_at is None:
            self._world.record(self.name, "gets SIGTERM")
            self.sigterm_at = self._world.now()
            self.services.shutdown.set()
            asyncio.get_running_loop().call_later(SIGTERM_NOTICE, self._kill_after_notice)

    def _kill_after_notice(self) -> None:
        self.ended_by_sigterm = not self.dead
        self.kill()

    def kill(self) -> None:
        """End the process and everything that runs in it, at once."""
        if self.dead:
            return
        self.dead = True
        self._world.record(self.name, "dies")
        self._running.set()
        for task in self._work:
            task.cancel()

    async def sleep(self, seconds: float) -> None:
        """Return after that time, and not before it resumes if it stalls. Raises Crash if it dies meanwhile."""
        if self.dead:
            raise Crash(self.name)
        await asyncio.sleep(seconds)
        while not self._running.is_set():
            await self._running.wait()
        if self.dead:
            raise Crash(self.name)

    async def _carry_out(self, work: Coroutine[Any, Any, T], *, name: str) -> T | TockError | None:
        call = Call(name, has_sigterm=lambda: self.sigterm_at is not None)
        call.stalled = self.stalled
        CALL.set(call)
        self._calls[call] = None
        self._world.begun(call)
        try:
            answer = await work
        except TockError as error:
            self._world.record(self.name, f"{name} ends with {type(error).__name__}: {error}")
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
    def __init__(self, world: Environment, *, instance: Instance) -> None:
        self._world = world
        self._instance = instance

    def now(self) -> datetime:
        return self._world.now() + self._instance.skew

    async def sleep(self, length: timedelta) -> None:
        await self._instance.sleep(max(length.total_seconds(), 0.0))
