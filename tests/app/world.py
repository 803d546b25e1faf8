"""Time that a test moves, and chance that a seed decides."""

import random
from datetime import UTC, datetime, timedelta

import anyio

#: What each look at the clock moves it by: two stamps are never the same.
TICKING = timedelta(microseconds=1)


class SteppedClock:
    """Stands still, but for a microsecond at each look, until a test moves it; wakes its sleepers on the way."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._ticking = TICKING
        self._sleepers: dict[anyio.Event, datetime] = {}
        self._frozen: dict[anyio.Event, datetime] = {}

    @property
    def present(self) -> datetime:
        """The time, without moving it."""
        return self._now

    @property
    def next_waking(self) -> datetime | None:
        """When the next sleeper is due, or None when nobody sleeps."""
        return min(self._sleepers.values(), default=None)

    def now(self) -> datetime:
        self._now += self._ticking
        return self._now

    def stand_still(self) -> None:
        """Give the same time at every look from now on, as two machines may."""
        self._ticking = timedelta()

    async def sleep(self, length: timedelta) -> None:
        waking = anyio.Event()
        self._sleepers[waking] = self._now + length
        try:
            if length > timedelta():
                await waking.wait()
        finally:
            self._sleepers.pop(waking, None)
            self._frozen.pop(waking, None)

    def move(self, until: datetime) -> None:
        """Move on to this instant, if it is to come, and wake whoever slept until then."""
        self._now = max(self._now, until)
        for waking, due in self._sleepers.items():
            if due <= self._now:
                waking.set()

    def freeze(self) -> None:
        """Let whoever sleeps now sleep on, however late it gets: processes that stand still, or died."""
        self._frozen |= self._sleepers
        self._sleepers.clear()

    def thaw(self) -> None:
        """Let the frozen go on; they wake when the clock moves next."""
        self._sleepers |= self._frozen
        self._frozen.clear()


class SkewedClock:
    """The clock of a machine that is ahead or, with a negative skew, behind."""

    def __init__(self, clock: SteppedClock, *, skew: timedelta) -> None:
        self._clock = clock
        self._skew = skew

    def now(self) -> datetime:
        return self._clock.now() + self._skew

    async def sleep(self, length: timedelta) -> None:
        await self._clock.sleep(length)


class SeededRandomSource:
    """The same tokens and draws for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        #: The tokens drawn so far: what their owner signs with.
        self.tokens: list[str] = []

    def token(self) -> str:
        self.tokens.append(f"{self._random.getrandbits(128):032x}")
        return self.tokens[-1]

    def jitter(self) -> float:
        return self._random.random()
