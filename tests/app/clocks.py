"""Clocks that a test moves."""

from datetime import UTC, datetime, timedelta

import anyio

#: How far the clock moves whenever it is read, so that no two timestamps are equal.
TICKING = timedelta(microseconds=1)


class SteppedClock:
    """A clock that only a test moves, but for a microsecond at each reading. It wakes whoever sleeps until then."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._ticking = TICKING
        self._sleepers: dict[anyio.Event, datetime] = {}
        self._never_woken: dict[anyio.Event, datetime] = {}

    @property
    def present(self) -> datetime:
        """The time, which reading here does not move."""
        return self._now

    @property
    def next_waking(self) -> datetime | None:
        """When the next sleeper wakes, or None if nobody sleeps."""
        return min(self._sleepers.values(), default=None)

    def now(self) -> datetime:
        self._now += self._ticking
        return self._now

    def stand_still(self) -> None:
        """Return the same time at every reading from now on, as two machines may."""
        self._ticking = timedelta()

    async def sleep(self, length: timedelta) -> None:
        waking = anyio.Event()
        self._sleepers[waking] = self._now + length
        try:
            if length > timedelta():
                await waking.wait()
        finally:
            self._sleepers.pop(waking, None)
            self._never_woken.pop(waking, None)

    def move(self, until: datetime) -> None:
        """Move on to this instant, unless it has passed, and wake whoever slept until then."""
        self._now = max(self._now, until)
        for waking, due in self._sleepers.items():
            if due <= self._now:
                waking.set()

    def freeze(self) -> None:
        """Never wake those who sleep now, as if their processes were stopped or dead."""
        self._never_woken |= self._sleepers
        self._sleepers.clear()

    def thaw(self) -> None:
        """Wake them again, when the clock moves next."""
        self._sleepers |= self._never_woken
        self._never_woken.clear()


class SkewedClock:
    """The clock of a machine that is ahead of another or, with a negative skew, behind it."""

    def __init__(self, clock: SteppedClock, *, skew: timedelta) -> None:
        self._clock = clock
        self._skew = skew

    def now(self) -> datetime:
        return self._clock.now() + self._skew

    async def sleep(self, length: timedelta) -> None:
        await self._clock.sleep(length)
