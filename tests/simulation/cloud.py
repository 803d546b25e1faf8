"""Cloud Scheduler and Cloud Tasks of a simulation: they call the functions, sometimes late, twice or not at all."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from model.queue import ModelQueue, Request
from simulation.instance import Instance
from simulation.seeded_random import SeededRandom
from tock.app.execution.execute import Receipt, execute
from tock.app.tick.tick import tick
from tock.core.errors import TockError
from tock.core.health.scheduler_state import TickCounters
from tock.ports.queue import TickContinuation

#: The name of the calls that Cloud Scheduler makes.
TICK = "tick"
#: How long Cloud Scheduler waits for a tick.
SCHEDULER_DEADLINE = 180.0
#: How many seconds Cloud Tasks waits at most before it looks again for due tasks.
MAX_WAIT = 60.0


@dataclass
class Scheduler:
    """Calls `tick` each minute, one call at a time; sometimes twice at once, and not at all while it is paused."""

    random: SeededRandom
    choose: Callable[[str], Instance]
    record: Callable[[str, str], None]
    #: The probability that it calls twice at once.
    doubled: float
    paused: bool = False

    async def run(self) -> None:
        """Run until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(60 - loop.time() % 60 + self.random.between(0.0, 1.0))
            if self.paused:
                continue
            calls = 2 if self.random.happens(self.doubled) else 1
            begun = [self._call() for _ in range(calls)]
            ended, _ = await asyncio.wait(begun, timeout=SCHEDULER_DEADLINE)
            failed = all(not isinstance(call.result(), TickCounters) for call in ended)
            if failed and not self.paused:
                await asyncio.sleep(5.0)
                await asyncio.wait([self._call()], timeout=SCHEDULER_DEADLINE)

    def resume(self) -> None:
        """Call again each minute."""
        self.paused = False

    def _call(self) -> "asyncio.Future[Any]":
        instance = self.choose("tick")
        self.record("scheduler", f"calls {instance.name}")
        return instance.spawn(tick(instance.services), name=TICK)


@dataclass
class Tasks:
    """Delivers the tasks of the queue, now and then twice or minutes late."""

    random: SeededRandom
    queue: ModelQueue
    choose: Callable[[str], Instance]
    record: Callable[[str, str], None]
    now: Callable[[], datetime]
    #: The probability that a request is made twice.
    doubled: float = 0.0
    #: It delivers nothing until then, as if there were no queue or no runner.
    stopped_until: datetime | None = None
    _asleep: asyncio.Future[None] | None = None

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            for request in () if self._is_stopped() else self.queue.due(self.now()):
                if self.random.happens(self.doubled):
                    self.queue.duplicate(request, at=self.now() + self.random.time(0, 120))
                asyncio.get_running_loop().create_task(self._make(request))
            await self._next()

    def wake(self) -> None:
        """Look for due tasks again, since one was added."""
        if self._asleep is not None and not self._asleep.done():
            self._asleep.set_result(None)

    def _is_stopped(self) -> bool:
        return self.stopped_until is not None and self.now() < self.stopped_until

    async def _next(self) -> None:
        loop = asyncio.get_running_loop()
        due = self.stopped_until if self._is_stopped() else self.queue.next_due()
        wait = MAX_WAIT if due is None else min(max((due - self.now()).total_seconds(), 0.0), MAX_WAIT)
        self._asleep = loop.create_future()
        timer = loop.call_later(wait + self.random.between(0.005, 0.1), self.wake)
        await self._asleep
        timer.cancel()

    def stop(self, *, seconds: float) -> None:
        """Deliver nothing for this long."""
        self.stopped_until = self.now() + timedelta(seconds=seconds)
        self.record("tasks", f"deliver nothing for {seconds:.0f} s")

    def disturb(self) -> None:
        """Delay waiting tasks by minutes, or lose all tasks."""
        if self.random.happens(0.3):
            self.record("tasks", "lose all tasks")
            self.queue.forget()
            return
        for name in self.queue.waiting:
            if self.random.happens(0.5):
                self.queue.postpone(name, until=self.now() + self.random.time(0, 400))
        self.record("tasks", "are late")

    async def _make(self, request: Request) -> None:
        body = request.body
        if isinstance(body, TickContinuation):
            instance, name = self.choose("tick"), f"continuation {body.name}"
            work: Any = tick(instance.services, shards=body.shards, name=body.name)
        else:
            instance, name = self.choose("run"), f"run {body.run[:8]} attempt {body.attempt} dispatch {body.dispatch}"
            work = execute(instance.services, body)
        self.record("tasks", f"deliver to {instance.name}: {name}")
        answer = await instance.spawn(work, name=name)
        again = (
            answer is None or isinstance(answer, TockError) or (isinstance(answer, Receipt) and answer.deliver_again)
        )
        self.queue.answer(request, ok=not again)
        self.record("tasks", f"{name}: {answer}")
