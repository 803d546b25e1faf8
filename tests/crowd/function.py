"""A Cloud Run function: instances with one CPU each, which the autoscaler adds while requests wait."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from crowd.quotas import AUTOSCALER_SECONDS, AUTOSCALER_TARGET, LONGEST_PENDING

#: How many seconds an instance takes until it serves its first request: container, interpreter and imports.
START_SECONDS = 2.5


@dataclass(eq=False, slots=True)
class Instance:
    """One instance: its CPU does one thing at a time."""

    number: int
    requests: int = 0
    _free_at: float = 0.0

    def work(self, seconds: float, *, now: float) -> float:
        """Return how many seconds from now the CPU has done this work, behind what it has been given before."""
        self._free_at = max(self._free_at, now) + seconds
        return self._free_at - now


@dataclass(slots=True)
class Function:
    """Requests wait for an instance with room; those that wait too long are refused with 429."""

    most: int
    concurrency: int
    _instances: list[Instance] = field(default_factory=list)
    _starting: int = 0
    #: Instances with room, the one that was given a request last at the end.
    _with_room: deque[Instance] = field(default_factory=deque)
    _pending: deque[tuple[float, Callable[[Instance | None], None]]] = field(default_factory=deque)
    _in_progress: int = 0

    def request(self, admitted: Callable[[Instance | None], None]) -> None:
        """Call `admitted` with an instance that has room for the request, or with None if it is refused."""
        loop = asyncio.get_running_loop()
        if self._with_room:
            return self._admit(admitted)
        self._pending.append((loop.time() + LONGEST_PENDING, admitted))
        if not self._instances and not self._starting:
            self._start(1)
        return None

    def release(self, instance: Instance) -> None:
        """Take note that a request has ended."""
        self._in_progress -= 1
        instance.requests -= 1
        if instance.requests == self.concurrency - 1:
            self._with_room.append(instance)
        self._serve()

    async def autoscale(self) -> None:
        """Add instances as Cloud Run does, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(AUTOSCALER_SECONDS)
            while self._pending and self._pending[0][0] <= loop.time():
                self._pending.popleft()[1](None)
            wanted = ceil((self._in_progress + len(self._pending)) / (self.concurrency * AUTOSCALER_TARGET))
            self._start(min(wanted, self.most) - len(self._instances) - self._starting)

    def _start(self, count: int) -> None:
        for _ in range(count):
            self._starting += 1
            asyncio.get_running_loop().call_later(START_SECONDS, self._started)

    def _started(self) -> None:
        self._starting -= 1
        self._instances.append(Instance(len(self._instances)))
        self._with_room.append(self._instances[-1])
        self._serve()

    def _serve(self) -> None:
        while self._pending and self._with_room:
            self._admit(self._pending.popleft()[1])

    def _admit(self, admitted: Callable[[Instance | None], None]) -> None:
        instance = self._with_room.popleft()
        instance.requests += 1
        self._in_progress += 1
        if instance.requests < self.concurrency:
            self._with_room.append(instance)
        admitted(instance)
