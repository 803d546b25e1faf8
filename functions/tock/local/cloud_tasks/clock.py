"""The one place of the emulator that reads the time and waits for it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

#: A limit: the event loop's clock stands still while a laptop sleeps, so no wait trusts it for longer.
LONGEST_NAP = timedelta(seconds=1)


class Alarm(Protocol):
    """A callback that waits for its instant."""

    def cancel(self) -> None:
        """Never call back. A second cancel, or one after the call, does nothing."""


class Clock(Protocol):
    """Tells the time (aware, UTC) and calls back at an instant, never before it."""

    def now(self) -> datetime:
        """The present instant, aware and UTC."""

    def call_at(self, instant: datetime, *, callback: Callable[[], None]) -> Alarm:
        """Call `callback` once, when `now()` has reached `instant`; soon, if it already has."""


class SystemClock:
    """The machine's clock, and alarms on the running event loop."""

    def now(self) -> datetime:
        """The present instant, aware and UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the clock adapter

    def call_at(self, instant: datetime, *, callback: Callable[[], None]) -> Alarm:
        """Call `callback` within a few milliseconds after `instant`, never before it."""
        return _LoopAlarm(clock=self, instant=instant, callback=callback)


class _LoopAlarm:
    """Naps until the wall clock says so: a loop timer alone may ring a moment early."""

    def __init__(self, *, clock: SystemClock, instant: datetime, callback: Callable[[], None]) -> None:
        self._clock = clock
        self._instant = instant
        self._callback = callback
        self._loop = asyncio.get_running_loop()
        self._handle = self._nap()

    def cancel(self) -> None:
        self._handle.cancel()

    def _nap(self) -> asyncio.TimerHandle:
        left = max(timedelta(), self._instant - self._clock.now())
        return self._loop.call_later(min(left, LONGEST_NAP).total_seconds(), self._wake)

    def _wake(self) -> None:
        if self._clock.now() >= self._instant:
            self._callback()
        else:
            self._handle = self._nap()
