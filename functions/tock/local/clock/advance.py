"""Moves the clock of a running stack, with everything that happens on the way."""

import asyncio
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

import httpx

from tock.bootstrap.moved_clock import MovedClock
from tock.local.clock.clock_file import alone, clock_of
from tock.local.clock.deliveries import Deliveries
from tock.local.clock.ticker import Job, Ticker
from tock.local.errors import StillAtWork, TickFailed
from tock.local.identity.token_issuer import TokenIssuer

#: How often the deliveries under way are looked at, in seconds.
_LOOK_EVERY = 0.02
#: Work that takes longer than this takes time on a clock that stands, too: its timeout and the queue's rate need that.
_UNTIMED = 5.0
#: How long nothing may end until whoever waits gives up.
PATIENCE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class MovableStack:
    """What moving the clock of a running stack takes."""

    #: The file of the clock.
    clock: str
    #: The directory of the local identity.
    identity: str
    #: The URL of the tick function, and the service account that calls it.
    tick_url: str
    service_account: str
    #: host:port of the Cloud Tasks emulator, and the whole names of its queues.
    cloud_tasks: str
    queues: tuple[str, ...]

    @classmethod
    def from_json(cls, given: Any) -> Self:
        """Return what `as_json` told. Raises KeyError, TypeError."""
        return cls(**{**given, "queues": tuple(given["queues"])})

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Advance:
    """From when to when a clock was moved, and how many ticks that took."""

    start: datetime
    end: datetime
    ticks: int


async def advance(stack: MovableStack, *, by: timedelta, skip: bool = False, patience: timedelta = PATIENCE) -> Advance:
    """Move the stack's clock forward, and return once nothing that is due then is under way.

    1. Wait for the right to move the clock, and let it stand: it neither goes on nor does the ticker tick until this
       returns, so an agent takes no time.
    2. Wait until no delivery is due or under way.
    3. Go to the next minute, and tick, or to the next delivery; then go on with 2 until the end.

    With `skip`, go to the end at once, as if no tick had come on the way, and tick there once: that tick finds what
    was due as a backlog.

    Raises StillAtWork (nothing ended for `patience`, in real time), TickFailed, StackSilent, ClockDamaged, OSError; the
    clock is then somewhere on the way.
    """
    clock, ticks = clock_of(Path(stack.clock)), 0
    async with alone(Path(stack.clock)), Deliveries.of(stack.cloud_tasks, stack.queues) as deliveries:
        start = clock.now()
        clock.stand_at(start)
        end = start + by
        tick = _Tick(stack, clock=clock)
        await _until_nothing_is_due(deliveries, clock, patience=patience)
        next_tick = end if skip else tick.job.next_time(min(start, clock.ticked_until))
        while (now := clock.now()) < end or next_tick <= end:
            if next_tick <= now:
                await tick(next_tick)
                ticks += 1
                next_tick = tick.job.next_time(max(next_tick, now))
            else:
                moments = (end, next_tick) if skip else (end, next_tick, *await deliveries.after(now))
                clock.move_to(min(moments))
            await _until_nothing_is_due(deliveries, clock, patience=patience)
    return Advance(start=start, end=clock.now(), ticks=ticks)


class _Tick:
    """Calls the tick function as the ticker does."""

    def __init__(self, stack: MovableStack, *, clock: MovedClock) -> None:
        self._clock = clock
        self.job = Job(url=stack.tick_url, email=stack.service_account, audience=stack.tick_url)
        self._told: dict[str, Any] = {}
        identity = TokenIssuer.load(Path(stack.identity))
        self._ticker = Ticker(job=self.job, token_issuer=identity, report=self._told.update, now=clock.now)

    async def __call__(self, scheduled: datetime) -> None:
        """Tick for this time. Raises TickFailed."""
        async with httpx.AsyncClient(timeout=self.job.attempt_deadline.total_seconds(), trust_env=False) as client:
            if not await self._ticker.call(client, scheduled=scheduled):
                reason = self._told.get("error") or f"status {self._told['status']}: {self._told.get('answer', '')}"
                raise TickFailed(at=scheduled, reason=reason)
        # The ticker does not tick for this time again.
        self._clock.note_ticked(scheduled)


async def _until_nothing_is_due(deliveries: Deliveries, clock: MovedClock, *, patience: timedelta) -> None:
    """Return once no delivery is due or under way. Raises StillAtWork if none of them ends for this long."""
    loop = asyncio.get_running_loop()
    since = looked = loop.time()
    before: frozenset[str] = frozenset()
    while current := await deliveries.due(clock.now()):
        now = loop.time()
        if current != before:
            since, before = now, current
        if now - since > patience.total_seconds():
            raise StillAtWork(await deliveries.described(current), at=clock.now(), patience=patience)
        if now - since > _UNTIMED:
            clock.move_to(clock.now() + timedelta(seconds=now - looked))
        looked = now
        await asyncio.sleep(_LOOK_EVERY)
