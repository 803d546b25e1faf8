"""A runner's hold on one attempt: the run as last written under its lease, and why the work must stop."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from tock.app.execution.event_buffer import EventBuffer
from tock.app.log import log_run_event
from tock.app.services import Services
from tock.core.errors import CommitConflict, StoreUnavailable
from tock.core.run import transition
from tock.core.run.event import Chunk
from tock.core.run.outcome import Cancelled, HandedBack, Outcome, TimedOut
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.store import Change, Create, Versioned, Write

#: How often emitted events are written while the agent works.
FLUSH_EVERY = timedelta(seconds=1)


@dataclass(slots=True)
class LeasedAttempt:
    """Held from the claim of an attempt to its settlement.

    A lease is the exclusive right to write the run until it expires; each heartbeat extends it. Every write is
    conditioned on the run being as this runner last saw it, so a runner that was taken for dead cannot overwrite
    anything: its write conflicts, it reads once, finds that the lease is another's, and stops.
    """

    services: Services
    run: Versioned[Run]
    owner: str
    events: EventBuffer
    #: What ended the work from outside; None while the agent may go on, or ended by itself.
    stopped: Outcome | None = None
    #: Another runner holds the run, or nobody knows: nothing may be written any more.
    lost: bool = False
    #: The run as it was found when the lease was gone.
    seen: Run | None = None

    @property
    def must_stop(self) -> bool:
        """Whether the agent is to end now."""
        return self.lost or self.stopped is not None

    @property
    def is_ending(self) -> bool:
        """Whether the lease is gone, or so near its end that nothing may be begun any more."""
        lease = self.run.value.lease
        return lease is None or self.services.clock.now() >= lease.expires_at - self.services.timing.stop_margin

    async def until_timeout(self) -> None:
        """Return when the attempt's time is over."""
        run = self.run.value
        deadline = run.attempts[-1].started + run.timeout
        await self.services.clock.sleep(max(deadline - self.services.clock.now(), timedelta()))
        self.stopped = TimedOut(timeout=run.timeout)

    async def until_shutdown(self) -> None:
        """Return when this process is told to end."""
        await self.services.shutdown.wait()
        self.stopped = self.stopped or HandedBack()

    async def until_stopped(self) -> None:
        """Extend the lease at every heartbeat; return when a cancellation was asked for or the lease is lost."""
        while not self.must_stop:
            await self.services.clock.sleep(self.services.timing.heartbeat)
            await self._heartbeat()

    async def until_lease_ends(self) -> None:
        """Return shortly before the lease ends without having been extended, whatever the store is doing meanwhile.

        Somebody may rescue the run from then on, so the work is stopped while the lease still holds.
        """
        while (lease := self.run.value.lease) is not None:
            left = lease.expires_at - self.services.timing.stop_margin - self.services.clock.now()
            if left <= timedelta():
                break
            await self.services.clock.sleep(left)
        self.lost = True

    async def flush_events(self) -> None:
        """Write what the agent emits, again and again, at most once a second."""
        while True:
            await self.services.clock.sleep(FLUSH_EVERY)
            chunk = self.events.next_chunk()
            if chunk is not None:
                with suppress(StoreUnavailable):
                    await self._write(chunk)

    async def write_events_but_last(self) -> list[Write]:
        """Write all events but a last chunk, and return that one's write, for the Commit of the settlement.

        A chunk that was tried before may be there already, which would make every settlement with it conflict: it is
        written by itself.
        """
        tried = self.events.offered
        while (chunk := self.events.next_chunk()) is not None:
            if chunk is not tried and chunk.last_seq == self.events.last_seq:
                return [Create(value=chunk)]
            await self._write(chunk)
        return []

    async def _write(self, chunk: Chunk) -> None:
        # A conflict is an unacknowledged earlier try of this very chunk: nobody else writes this attempt's numbers.
        with suppress(CommitConflict):
            await self.services.store.commit([Create(value=chunk)])
        self.events.written(chunk)

    async def reread(self) -> bool:
        """Look at the run after a conflict; return whether it is still this runner's."""
        current = await self.services.store.run(self.run.value.project, self.run.value.id)
        if current is None or not holds(current.value, owner=self.owner):
            self.seen = current.value if current is not None else None
            self.lost = True
            return False
        self.run = current
        return True

    async def _heartbeat(self) -> None:
        """Extend the lease; notice what others wrote to the run, and that the lease is gone."""
        try:
            if not await self._extend() and await self.reread():
                # Another wrote to the run, or its own heartbeat was not acknowledged: the lease is not extended.
                await self._extend()
        except StoreUnavailable as exc:
            log_run_event("heartbeat_failed", self.run.value, level=logging.WARNING, problem=str(exc))
        request, lease = self.run.value.cancel_requested, self.run.value.lease
        if lease is None or self.services.clock.now() >= lease.expires_at:
            # Somebody may have rescued the run by now: this runner stops before it is told.
            self.lost = True
        if request is not None and not self.lost:
            self.stopped = Cancelled(reason=request.reason)

    async def _extend(self) -> bool:
        now = self.services.clock.now()
        extended = transition.heartbeat(self.run.value, now=now, owner=self.owner, timing=self.services.timing)
        try:
            version = await self.services.store.commit([Change(before=self.run, after=extended)])
        except CommitConflict:
            return False
        self.run = Versioned(value=extended, version=version)
        return True


def holds(run: Run, *, owner: str) -> bool:
    """Whether `owner` holds the run's lease."""
    return run.status is RunStatus.RUNNING and run.lease is not None and run.lease.owner == owner
