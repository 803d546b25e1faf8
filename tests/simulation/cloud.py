"""Cloud Scheduler and Cloud Tasks as the world has them: they call the functions, late, twice, or not at all."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from model.queue import ModelQueue, Request
from simulation.dice import Dice
from simulation.instance import Instance
from tock.app.execution.execute import Receipt, execute
from tock.app.tick.tick import tick
from tock.core.errors import TockError
from tock.core.scheduler_state import TickCounters
from tock.ports.queue import TickContinuation

#: The name of the minute's tick among calls.
TICK = "tick"
#: How long Cloud Scheduler waits for a tick.
SCHEDULER_DEADLINE = 180.0
#: How long Cloud Tasks looks away when nothing is due.
LONGEST_LOOK = 60.0


@dataclass
class Scheduler:
    """Calls tick each minute, at most one call at a time; sometimes twice, sometimes for hours not at all."""

    dice: Dice
    choose: Callable[[str], Instance]
    tell: Callable[[str, str], None]
    #: How likely a minute's tick is called twice.
    doubled: float
    withheld: bool = False

    async def run(self) -> None:
        """Go on for ever."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(60 - loop.time() % 60 + self.dice.between(0.0, 1.0))
            if self.withheld:
                continue
            calls = 2 if self.dice.happens(self.doubled) else 1
            begun = [self._call() for _ in range(calls)]
            ended, _ = await asyncio.wait(begun, timeout=SCHEDULER_DEADLINE)
            failed = all(not isinstance(call.result(), TickCounters) for call in ended)
            if failed and not self.withheld:
                await asyncio.sleep(5.0)
                await asyncio.wait([self._call()], timeout=SCHEDULER_DEADLINE)

    def go_on(self) -> None:
        """Call again each minute."""
        self.withheld = False

    def _call(self) -> "asyncio.Future[Any]":
        instance = self.choose("tick")
        self.tell("scheduler", f"calls {instance.name}")
        return instance.spawn(tick(instance.services), name=TICK)


@dataclass
class Tasks:
    """Delivers what lies in the queue; now and then twice, or minutes late."""

    dice: Dice
    queue: ModelQueue
    choose: Callable[[str], Instance]
    tell: Callable[[str, str], None]
    now: Callable[[], datetime]
    #: How likely a request is made twice.
    doubled: float = 0.0
    _asleep: asyncio.Future[None] | None = None

    async def run(self) -> None:
        """Go on for ever."""
        while True:
            for request in self.queue.due(self.now()):
                if self.dice.happens(self.doubled):
                    self.queue.duplicate(request, at=self.now() + self.dice.time(0, 120))
                asyncio.get_running_loop().create_task(self._make(request))
            await self._next()

    def wake(self) -> None:
        """Look again: a task has come."""
        if self._asleep is not None and not self._asleep.done():
            self._asleep.set_result(None)

    async def _next(self) -> None:
        loop = asyncio.get_running_loop()
        due = self.queue.next_due()
        wait = LONGEST_LOOK if due is None else min(max((due - self.now()).total_seconds(), 0.0), LONGEST_LOOK)
        self._asleep = loop.create_future()
        timer = loop.call_later(wait + self.dice.between(0.005, 0.1), self.wake)
        await self._asleep
        timer.cancel()

    def disturb(self) -> None:
        """Delay what waits by minutes, or forget everything."""
        if self.dice.happens(0.3):
            self.tell("tasks", "forget everything")
            self.queue.forget()
            return
        for name in self.queue.waiting:
            if self.dice.happens(0.5):
                self.queue.postpone(name, until=self.now() + self.dice.time(0, 400))
        self.tell("tasks", "are late")

    async def _make(self, request: Request) -> None:
        body = request.body
        if isinstance(body, TickContinuation):
            instance, name = self.choose("tick"), f"further tick {body.name}"
            work: Any = tick(instance.services, shards=body.shards, name=body.name)
        else:
            instance, name = self.choose("run"), f"run {body.run[:8]} attempt {body.attempt} dispatch {body.dispatch}"
            work = execute(instance.services, body)
        self.tell("tasks", f"deliver to {instance.name}: {name}")
        answer = await instance.spawn(work, name=name)
        again = (
            answer is None or isinstance(answer, TockError) or (isinstance(answer, Receipt) and answer.deliver_again)
        )
        self.queue.answer(request, ok=not again)
        self.tell("tasks", f"{name}: {answer}")
