"""The emulator's clock: the only file of the emulator that reads the time or sets timers."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from tock.bootstrap.moved_clock import LOOK_EVERY, MovedClock

#: The longest wait on the event loop's clock, which stops while a laptop sleeps: wake up and read the wall clock again.
LONGEST_SLEEP = timedelta(seconds=1)


class Alarm(Protocol):
    """A scheduled callback."""

    def cancel(self) -> None:
        """Prevent the callback. A second cancel, or one after the callback was called, does nothing."""


class Clock(Protocol):
    """Returns the time (aware, UTC) and calls a callback at an instant, never before it."""

    def now(self) -> datetime:
        """Return the current time, aware and UTC."""

    def call_at(self, instant: datetime, *, callback: Callable[[], None]) -> Alarm:
        """Call `callback` once, as soon as `now()` has reached `instant`."""


class SystemClock:
    """The machine's clock, or another one that `read` tells, with timers on the running event loop.

    A timer looks at the clock at least every `look_every`, because the clock may be set.
    """

    def __init__(self, *, read: Callable[[], datetime] | None = None, look_every: timedelta = LONGEST_SLEEP) -> None:
        self._read = read or _machine_time
        self.look_every = look_every

    def now(self) -> datetime:
        """Return the current time, aware and UTC."""
        return self._read()

    def call_at(self, instant: datetime, *, callback: Callable[[], None]) -> Alarm:
        """Call `callback` within a few milliseconds after `instant`, never before it."""
        return _LoopAlarm(clock=self, instant=instant, callback=callback)


def timers_on(clock: MovedClock) -> SystemClock:
    """Return a clock that can be moved with timers, which notice soon that it was."""
    return SystemClock(read=clock.now, look_every=timedelta(seconds=LOOK_EVERY))


def _machine_time() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - this is the clock adapter


class _LoopAlarm:
    """Calls back when the wall clock has reached the instant: a timer of the event loop may fire slightly early."""

    def __init__(self, *, clock: SystemClock, instant: datetime, callback: Callable[[], None]) -> None:
        self._clock = clock
        self._instant = instant
        self._callback = callback
        self._loop = asyncio.get_running_loop()
        self._handle = self._start_timer()

    def cancel(self) -> None:
        self._handle.cancel()

    def _start_timer(self) -> asyncio.TimerHandle:
        left = max(timedelta(), self._instant - self._clock.now())
        return self._loop.call_later(min(left, self._clock.look_every).total_seconds(), self._check)

    def _check(self) -> None:
        if self._clock.now() >= self._instant:
            self._callback()
        else:
            self._handle = self._start_timer()
