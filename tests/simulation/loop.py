"""An event loop on virtual time: when no task can run, time jumps to the next timer. Its order is reproducible."""

import asyncio
import selectors
from collections.abc import Coroutine
from itertools import count
from typing import Any

import anyio._backends._asyncio

#: How many rounds of the loop may pass without any time passing; more are taken for a livelock.
MAX_ROUNDS = 200_000


class StuckError(Exception):
    """No task can ever run again, or tasks run for ever without time passing."""


class _TimeJump(selectors.SelectSelector):
    """A selector that never waits: it adds up how long the loop would have waited."""

    elapsed = 0.0
    rounds = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise StuckError("every task waits and no timer is set")
        self.rounds = self.rounds + 1 if timeout <= 0 else 0
        if self.rounds > MAX_ROUNDS:
            raise StuckError("no time passes any more")
        self.elapsed += max(timeout, 0.0)
        return []


class _NumberedTask(asyncio.Task[Any]):
    """A task whose hash is its number, so that every replay iterates over sets of tasks in the same order."""

    def __init__(self, coro: Coroutine[Any, Any, Any], *, number: int, **given: Any) -> None:
        self._number = number
        super().__init__(coro, **given)

    def __hash__(self) -> int:
        return self._number


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs tasks on virtual time, which starts at 0.0 s."""

    def __init__(self) -> None:
        self._selector = _TimeJump()
        super().__init__(self._selector)
        numbers = count(1)

        def numbered(
            _loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **given: Any
        ) -> asyncio.Task[Any]:
            return _NumberedTask(coro, number=next(numbers), loop=self, **given)

        self.set_task_factory(numbered)

    def time(self) -> float:
        """Return the virtual time in seconds."""
        return self._selector.elapsed


class _NumberedScope(anyio._backends._asyncio.CancelScope):
    """A cancel scope whose hash is its number, since anyio iterates over a set of them."""

    _numbers = count(1)

    def __new__(cls, **_given: Any) -> Any:
        return object.__new__(cls)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._number = next(_NumberedScope._numbers)

    def __hash__(self) -> int:
        return self._number


def run_virtually(main: Coroutine[Any, Any, Any]) -> Any:
    """Run the coroutine on virtual time and return its result; cancel the tasks that are left then.

    anyio iterates over sets of cancel scopes, whose order depends on addresses. While this runs they have numbers.
    """
    loop = VirtualLoop()
    backend = anyio._backends._asyncio
    unnumbered, backend.CancelScope = backend.CancelScope, _NumberedScope
    _NumberedScope._numbers = count(1)
    try:
        return loop.run_until_complete(main)
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(loop.shutdown_asyncgens())
        backend.CancelScope = unnumbered
        loop.close()
