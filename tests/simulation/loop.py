"""An event loop on virtual time: when nobody can go on, the time jumps to the next timer; the order is reproducible."""

import asyncio
import selectors
from collections.abc import Coroutine
from itertools import count
from typing import Any

import anyio._backends._asyncio

#: Rounds of the loop without any time passing after which it is taken for a livelock.
MAX_ROUNDS = 200_000


class StuckError(Exception):
    """Nobody can ever go on, or somebody goes on for ever without time passing."""


class _Jump(selectors.SelectSelector):
    """A selector that waits for nothing: it notes how far the loop may jump."""

    jumped = 0.0
    rounds = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise StuckError("nobody is at work and no timer is set")
        self.rounds = self.rounds + 1 if timeout <= 0 else 0
        if self.rounds > MAX_ROUNDS:
            raise StuckError("no time passes any more")
        self.jumped += max(timeout, 0.0)
        return []


class _NumberedTask(asyncio.Task[Any]):
    """A task that hashes to its number: sets of tasks are then iterated in the same order in every replay."""

    def __init__(self, coro: Coroutine[Any, Any, Any], *, number: int, **given: Any) -> None:
        self._number = number
        super().__init__(coro, **given)

    def __hash__(self) -> int:
        return self._number


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs tasks on virtual time, starting at 0.0 s."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)
        numbers = count(1)

        def numbered(
            _loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **given: Any
        ) -> asyncio.Task[Any]:
            return _NumberedTask(coro, number=next(numbers), loop=self, **given)

        self.set_task_factory(numbered)

    def time(self) -> float:
        """Return the virtual time in seconds."""
        return self._jump.jumped


class _NumberedScope(anyio._backends._asyncio.CancelScope):
    """A cancel scope that hashes to its number: anyio cancels a set of them."""

    _numbers = count(1)

    def __new__(cls, **_given: Any) -> Any:
        return object.__new__(cls)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._number = next(_NumberedScope._numbers)

    def __hash__(self) -> int:
        return self._number


def run_virtually(main: Coroutine[Any, Any, Any]) -> Any:
    """Return what the coroutine returns, run to its end on virtual time; what does not end by itself is cancelled.

    anyio keeps its cancel scopes in sets, in the order of their addresses: for as long as it runs they are numbered.
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
