"""The host of an attempt: does what its agent asks of Tock while it works."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tock.app.execution.attempt.leased_attempt import LeasedAttempt
from tock.app.execution.attempt.session_state import load_session, save_session
from tock.core.errors import CommitConflict
from tock.core.run.events.event_kind import EventKind
from tock.core.run.gate import log_text_of, state_of, usage_of, workspace_of
from tock.core.run.masked import masked_usage
from tock.core.run.messages.signal import Signal, SignalKind
from tock.core.run.outcome import Usage, Workspace
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.host import Message, Previous, PreviousFailure
from tock.ports.store import Change, RunFilter, Versioned

#: How many signals are taken at once.
SIGNALS_AT_ONCE = 50
#: The kind of the event that an agent's output becomes.
LOG = "log"


@dataclass(frozen=True, slots=True)
class Host:
    """What one attempt's agent can ask for; see the port."""

    leased: LeasedAttempt

    def report(self, kind: Any, data: Any, *, replaced: bool) -> None:
        """Append an event of the agent."""
        self.leased.events.emit(kind, data, replaced=replaced)
        self.leased.note_progress()

    def log(self, text: str, *, level: str, stream: str | None = None) -> None:
        """Append a line that the agent printed or logged."""
        # Masked before it is cut: a secret that is cut in its middle could not be told any more.
        kept, cut = log_text_of(self.leased.services.mask(text))
        data = {"level": level, "text": kept}
        self.leased.events.add(LOG, data if stream is None else {**data, "stream": stream}, cut=cut)
        self.leased.note_progress()

    def notice(self, kind: str, data: Any) -> None:
        """Append an event of Tock's own."""
        self.leased.events.add(kind, self.leased.services.mask(data))

    def use(self, usage: Usage) -> None:
        """Add what the agent consumed; what is no valid usage becomes a warning instead."""
        # Masked first, because the problem quotes what is wrong.
        valid, problem = usage_of(masked_usage(usage, self.leased.services.mask))
        if problem is not None:
            self.notice(EventKind.WARNING, {"text": f"Usage was left out, because {problem}."})
        with self.leased.counting:
            self.leased.consumed = self.leased.consumed.add(valid)
        self.leased.note_progress()

    def leave(self, workspace: Workspace) -> None:
        """Note what the attempt left in its workspace; what is no workspace is left out."""
        left, mask = workspace_of(workspace), self.leased.services.mask
        if left is not None:
            self.leased.left = replace(left, files=tuple(map(mask, left.files)), warning=mask(left.warning))

    @property
    def cancelled(self) -> bool:
        """Whether the agent must stop now."""
        return self.leased.must_stop

    async def take_signals(self) -> Sequence[Message]:
        """Wait for messages that no attempt has taken, mark them as taken, and return them in order.

        1. Wait until the run, as a heartbeat or the news of a signal made the runner read it, has untaken signals.
        2. In one Commit, fenced by the lease, count them as taken on the run and mark each of them.
        3. If that conflicts and the run counts them as taken, an unacknowledged try did it: only the holder of the
           lease takes signals, and it takes them in one task at a time.

        That task goes on when a caller is cancelled; what it took, the next call returns.
        """
        leased = self.leased
        while not leased.lost:
            if leased.taking is None:
                run = leased.run.value
                if run.signals == run.signals_taken:
                    await _untaken_signals(leased)
                    continue
                leased.taking = asyncio.create_task(self._take_next(run))
            taking = leased.taking
            await asyncio.wait({taking})
            if leased.taking is taking:  # another caller may have got its result
                leased.taking = None
                if messages := taking.result():
                    return messages
        return ()

    async def _take_next(self, run: Run) -> Sequence[Message]:
        """Take the untaken signals of the run, and return the messages among them."""
        leased = self.leased
        found = await leased.services.store.signals(run.project, run.id, since=run.signals_taken, limit=SIGNALS_AT_ONCE)
        last = found[-1].value.number if found else run.signals
        if not await self._take(found, last=last):
            return ()
        messages = tuple(each.value for each in found if each.value.kind is not SignalKind.CANCEL)
        for message in messages:
            leased.events.add(EventKind.SIGNAL, _told(message))
        return tuple(Message(each.number, each.kind, each.message, each.by, each.at) for each in messages)

    async def checkpoint(self, state: Any) -> None:
        """Store the value with the run."""
        saved = self.leased.services.mask(state_of(state))
        while not self.leased.lost:
            before = self.leased.run
            after = before.value.model_copy(update={"state": saved})
            try:
                version = await self.leased.services.store.commit([Change(before=before, after=after)])
            except CommitConflict:
                # A heartbeat, or somebody's signal, came first; or an earlier try was not acknowledged.
                await self.leased.reread()
            else:
                self.leased.wrote(after, before=before, version=version)
                self.leased.note_progress()
                return

    async def load_session(self) -> Any:
        """Return the state of the run's session that was saved last."""
        return await load_session(self.leased)

    async def save_session(self, state: Any) -> None:
        """Store the state of the run's session."""
        await save_session(self.leased, state)
        self.leased.note_progress()

    async def _take(self, found: Sequence[Versioned[Signal]], *, last: int) -> bool:
        """Count the signals up to the number `last` as taken, and mark the found ones; False if the lease is lost."""
        leased = self.leased
        while not leased.lost:
            before = leased.run
            if before.value.signals_taken >= last:
                return True
            after = before.value.model_copy(update={"signals_taken": last})
            marks = [
                Change(before=each, after=each.value.model_copy(update={"taken_by": after.attempt})) for each in found
            ]
            try:
                version = await leased.services.store.commit([Change(before=before, after=after), *marks])
            except CommitConflict:
                await leased.reread()
            else:
                leased.wrote(after, before=before, version=version)
                return True
        return False

    async def previous(self) -> Previous:
        """Read the last result and the last failure of the run's trigger."""
        run, store = self.leased.run.value, self.leased.services.store
        if run.trigger is None:
            return Previous()
        found = []
        for statuses in ({RunStatus.SUCCEEDED}, {RunStatus.FAILED, RunStatus.TIMED_OUT}):
            matching = RunFilter(trigger=run.trigger, statuses=frozenset(statuses))
            page = await store.runs(run.project, matching=matching, limit=1, token=None)
            found.append(page.items[0] if page.items else None)
        succeeded, failed = found
        error = None if failed is None else failed.error
        return Previous(
            result=None if succeeded is None else succeeded.result,
            failure=None if error is None else PreviousFailure(error.type, error.message, retryable=error.retryable),
        )


async def _untaken_signals(leased: LeasedAttempt) -> None:
    """Return when the run may have untaken signals."""
    if leased.signalled is None:
        leased.signalled = asyncio.Event()
    leased.signalled.clear()
    await leased.signalled.wait()


def _told(signal: Signal) -> dict[str, Any]:
    return {"number": signal.number, "kind": signal.kind, "message": signal.message, "by": signal.by}
