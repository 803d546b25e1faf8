"""A leased attempt: the run as its runner last wrote it, the heartbeats of its lease, and why the agent must stop."""

import asyncio
import logging
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tock.app.execution.attempt.event_buffer import EventBuffer
from tock.app.find_run import find_run
from tock.app.log import log_run_event
from tock.app.services import Services
from tock.core.errors import CommitConflict, StoreUnavailable
from tock.core.run import transition
from tock.core.run.consumed import Consumed
from tock.core.run.events.event import Chunk
from tock.core.run.events.event_kind import EventKind
from tock.core.run.outcome import Cancelled, Failed, HandedBack, Outcome, TimedOut, Workspace
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.changes import News, SignalChanges
from tock.ports.host import Message
from tock.ports.store import Change, Create, Versioned, Write

#: How often events are stored while the agent works.
FLUSH_EVERY = timedelta(seconds=1)
#: How long an agent works before its runner listens for signals. Price: a short run pays nothing for that.
LISTEN_AFTER = timedelta(seconds=2)


@dataclass(slots=True)
class LeasedAttempt:
    """What a runner holds from the claim of an attempt to its settlement.

    A lease is the exclusive right to write the run until it expires; each heartbeat extends it. Every write has the
    precondition that the run is as this runner last saw it. So a runner that was taken for dead cannot overwrite
    anything: its write conflicts, it reads the run once, finds another runner's lease, and stops.
    """

    services: Services
    run: Versioned[Run]
    owner: str
    events: EventBuffer
    #: The kind of its agent.
    kind: str
    #: Why the agent was stopped: timed out, cancelled or handed back. None while it works, or if it ended by itself.
    stopped: Outcome | None = None
    #: The runner no longer holds the lease, or cannot be sure that it does: it must not write any more.
    lost: bool = False
    #: The run as the runner read it when it found that it had lost the lease.
    seen: Run | None = None
    #: When the agent last showed progress: an event, usage, a checkpoint or a line of output; None before the first.
    progressed_at: datetime | None = None
    #: What the agent reported so far that it consumed.
    consumed: Consumed = field(default_factory=Consumed)
    #: What the agent left in its workspace; None if it has none, or has not ended.
    left: Workspace | None = None
    #: Guards `consumed`: agents report from threads of their own.
    counting: threading.Lock = field(default_factory=threading.Lock)
    #: Set when the run, as read last, has signals that no attempt has taken; None until the agent waits for any.
    signalled: asyncio.Event | None = None
    #: Takes signals, or has taken some that no caller has got yet; None if neither.
    taking: "asyncio.Task[Sequence[Message]] | None" = None

    @property
    def must_stop(self) -> bool:
        """Whether the agent must stop now."""
        return self.lost or self.stopped is not None

    @property
    def is_ending(self) -> bool:
        """Whether the lease has ended, or ends so soon that the agent must not start any more."""
        return self._lease_left() <= timedelta()

    async def until_deadline(self) -> None:
        """Return at the attempt's timeout, with `stopped` set, or `stop_margin` before the lease ends, with `lost` set.

        A lease ends if no heartbeat extends it, also while a call to the store hangs. Once it has ended the sweep may
        rescue the run, so the agent must stop before.
        """
        while (left := min(self._lease_left(), self._time_left())) > timedelta():
            await self.services.clock.sleep(left)
        if self.is_ending:
            self.lost = True
        else:
            self.stopped = TimedOut(timeout=self.run.value.timeout)

    def note_progress(self) -> None:
        """Note that the agent shows progress. Any thread may call it."""
        self.progressed_at = self.services.clock.now()

    async def until_stalled(self, every: timedelta) -> None:
        """Return once the agent has shown no progress for this long, with `stopped` set.

        The failure is retryable, like a timeout: the agent was stopped, and did not say that it was done.
        """
        started = self.run.value.attempts[-1].started
        while (left := (self.progressed_at or started) + every - self.services.clock.now()) > timedelta():
            await self.services.clock.sleep(left)
        message = f"The agent showed no progress for {every}: no event, usage, checkpoint or line of output."
        self.stopped = Failed(type="no_progress", message=message, retryable=True)

    async def until_shutdown(self) -> None:
        """Return when this process is told to end, with `stopped` set."""
        await self.services.shutdown.wait()
        self.stopped = self.stopped or HandedBack()

    async def until_stopped(self) -> None:
        """Extend the lease at every heartbeat; return when somebody asked to cancel the run or the lease is lost.

        After a while the runner also listens, and so hears of a signal at once. Without news, a heartbeat finds it.
        """
        heartbeat = self.services.timing.heartbeat
        first = min(heartbeat, LISTEN_AFTER)
        await self.services.clock.sleep(first)
        run = self.run.value
        signals = SignalChanges(run.project, run.id, since=run.signals)
        async with self.services.changes.listen(signals) as news, asyncio.TaskGroup() as tasks:
            beating = tasks.create_task(self._beat(news, first=heartbeat - first))
            while not self.must_stop:
                await news.wait()
                if not self.must_stop:
                    await self._look()
            beating.cancel()

    async def _beat(self, news: News, *, first: timedelta) -> None:
        """Extend the lease at every heartbeat until the agent must stop; then tell whoever waits for news."""
        await self.services.clock.sleep(first)
        await self._heartbeat()
        while not self.must_stop:
            await self.services.clock.sleep(self.services.timing.heartbeat)
            await self._heartbeat()
        news.tell()

    async def _look(self) -> None:
        """Read the run for what there is news of; while the store does not answer, the next heartbeat finds it."""
        try:
            await self.reread()
        except StoreUnavailable as exc:
            log_run_event("signal_not_read", self.run.value, level=logging.WARNING, problem=str(exc))
        self._stop_if_asked()

    async def flush_events(self) -> None:
        """Store the attempt's events once a second, until cancelled."""
        while True:
            await self.services.clock.sleep(FLUSH_EVERY)
            chunk = self.events.next_chunk()
            if chunk is not None:
                with suppress(StoreUnavailable):
                    await self._write(chunk)

    async def write_events_but_last(self) -> list[Write]:
        """Store all chunks of events but the last, and return that one's write, for the Commit that settles the run.

        A chunk whose write was tried before may be stored already, and every settlement that creates it would conflict,
        so such a chunk is stored by itself. Heartbeats go on meanwhile; the attempt may be `lost` afterwards.
        """
        tried = self.events.offered
        while not self.lost and (chunk := self.events.next_chunk()) is not None:
            if chunk is not tried and chunk.last_seq == self.events.last_seq:
                return [Create(value=chunk)]
            await self._write(chunk)
            if self._heartbeat_is_due():
                await self._heartbeat()
        return []

    async def _write(self, chunk: Chunk) -> None:
        try:
            await self.services.store.commit([Create(value=chunk)])
        except CommitConflict:
            # An earlier, unacknowledged try stored this chunk: only this attempt writes its numbers.
            self.events.written(chunk)
        except StoreUnavailable:
            raise
        except Exception as exc:  # noqa: BLE001 - events that cannot be stored must not cost the run
            log_run_event("events_not_storable", self.run.value, level=logging.ERROR, problem=str(exc))
            self.events.drop(chunk)
        else:
            self.events.written(chunk)

    def _lease_left(self) -> timedelta:
        """Return how long the agent may go on unless a heartbeat extends the lease."""
        lease = self.run.value.lease
        if lease is None:
            return timedelta()
        return lease.expires_at - self.services.timing.stop_margin - self.services.clock.now()

    def _time_left(self) -> timedelta:
        """Return how long it is until the attempt's timeout."""
        run = self.run.value
        return run.attempts[-1].started + run.timeout - self.services.clock.now()

    def _heartbeat_is_due(self) -> bool:
        lease, timing = self.run.value.lease, self.services.timing
        return lease is None or self.services.clock.now() >= lease.expires_at - timing.lease + timing.heartbeat

    async def reread(self) -> bool:
        """Read the run after a conflict, and return whether this runner still holds its lease.

        A race: an answer that comes after that to a later write is older than what is known, so the run is read again.
        """
        while True:
            known = self.run.version
            current = await find_run(self.services, project=self.run.value.project, run=self.run.value.id)
            if current is None or not holds(current.value, owner=self.owner):
                self.seen = current.value if current is not None else None
                self.lost = True
                return False
            if self.run.version == known:
                break
        self.run = current
        if self.signalled is not None and current.value.signals > current.value.signals_taken:
            self.signalled.set()
        return True

    def wrote(self, after: Run, *, before: Versioned[Run], version: Any) -> None:
        """Know the run as this runner has just written it, on the condition that it was as `before`.

        A race: somebody may have read this write, or a later one, before its answer came. Then that is newer.
        """
        if self.run.version == before.version:
            self.run = Versioned(value=after, version=version)

    async def _heartbeat(self) -> None:
        """Extend the lease; set `stopped` if somebody asked to cancel the run, and `lost` if the lease is lost."""
        try:
            # Somebody else wrote the run, or an earlier heartbeat was not acknowledged: extend it as read now. Whoever
            # sends one signal after the other writes it more than once.
            while not self.lost and not await self._extend():
                if not await self.reread():
                    break
        except StoreUnavailable as exc:
            log_run_event("heartbeat_failed", self.run.value, level=logging.WARNING, problem=str(exc))
        lease = self.run.value.lease
        if lease is None or self.services.clock.now() >= lease.expires_at:
            # The sweep may have rescued the run by now, so this runner stops even if it has not read so.
            self.lost = True
        self._stop_if_asked()

    def _stop_if_asked(self) -> None:
        request = self.run.value.cancel_requested
        if request is None or self.lost:
            return
        if not isinstance(self.stopped, Cancelled):
            self.events.add(EventKind.CANCEL_REQUESTED, {"by": request.by, "reason": request.reason})
        self.stopped = Cancelled(reason=request.reason)

    async def _extend(self) -> bool:
        before, now = self.run, self.services.clock.now()
        extended = transition.heartbeat(before.value, now=now, owner=self.owner, timing=self.services.timing)
        try:
            version = await self.services.store.commit([Change(before=before, after=extended)])
        except CommitConflict:
            return False
        self.wrote(extended, before=before, version=version)
        return True


def holds(run: Run, *, owner: str) -> bool:
    """Whether `owner` holds the run's lease."""
    return run.status is RunStatus.RUNNING and run.lease is not None and run.lease.owner == owner
