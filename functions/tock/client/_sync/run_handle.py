# Made from the file of this name in `_async` by `make client`: change that one.
"""A handle on one run: wait for it, watch it, and act on it."""

import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tock.app.start.retry import ConfigChoice
from tock.client.encoding import seconds_of
from tock.client.errors import RunStillActive
from tock.client.fields import GivenDuration
from tock.client.server_sent import UnreadableEvents
from tock.client.settled import result_of
from tock.core.run.events.event import Event
from tock.core.run.status import RunStatus
from tock.web.resources.runs.run import CancelledRun, RunResource
from tock.web.resources.runs.signal import SignalResource

if TYPE_CHECKING:
    from tock.client._sync.runs import Runs

#: Whoever waits looks again after a tenth of the time waited so far, within these seconds.
_SHORTEST, _LONGEST = 0.2, 5.0


class RunHandle:
    """One run; `resource` is the run as it was read last."""

    def __init__(self, runs: "Runs", resource: RunResource) -> None:
        self._runs = runs
        self.resource = resource

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} {self.status}>"

    @property
    def id(self) -> str:
        """The run's id."""
        return self.resource.id

    @property
    def status(self) -> RunStatus:
        """The run's status when it was read last."""
        return self.resource.status

    def refresh(self) -> RunResource:
        """Read the run again, and return it."""
        self.resource = self._runs.get(self.id)
        return self.resource

    def wait(self, *, timeout: timedelta | float | None = None) -> RunResource:
        """Wait until the run is settled, and return it; each look is one read of the run.

        Raises RunStillActive, a TimeoutError, if that takes longer than `timeout`, in seconds; by default it may take
        any time. A run that waits for an approval or an answer is not settled.
        """
        limit = None if timeout is None else seconds_of(timeout, field="timeout")
        started = time.monotonic()
        while not (self.refresh()).status.terminal:
            waited = time.monotonic() - started
            pause = min(max(_SHORTEST, waited / 10), _LONGEST)
            if limit is not None:
                if waited >= limit:
                    raise RunStillActive(self.resource, waited=timedelta(seconds=limit))
                pause = min(pause, limit - waited)
            time.sleep(pause)
        return self.resource

    def result(self, *, timeout: timedelta | float | None = None) -> Any:
        """Wait until the run is settled, and return its result.

        Raises RunNotSucceeded (RunFailed, RunTimedOut, RunCancelled, …) if it ended otherwise, RunStillActive, a
        TimeoutError, if that takes longer than `timeout`, in seconds.
        """
        return result_of(self.wait(timeout=timeout))

    def events(self, *, since: int = 0) -> Iterator[Event | UnreadableEvents]:
        """Yield what happens in the run as it comes, from its beginning or after the event `since`, until it settles.

        A connection that breaks is opened again, and goes on after the last event.
        """
        return self._runs.stream_events(self.id, since=since)

    def steer(self, message: str, *, idempotency_key: str | None = None) -> SignalResource:
        """Send a message to the agent, into the turn that is under way."""
        return self._runs.steer(self.id, message, idempotency_key=idempotency_key)

    def follow_up(self, message: str, *, idempotency_key: str | None = None) -> SignalResource:
        """Send a message to the agent, for after the turn that is under way."""
        return self._runs.steer(self.id, message, mode="follow_up", idempotency_key=idempotency_key)

    def approve(self, *, note: str | None = None, attempt: int | None = None) -> RunResource:
        """Approve what the run waits for; its next leg starts. `attempt` is the one that asked (default: any)."""
        self.resource = self._runs.approve(self.id, note=note, attempt=attempt)
        return self.resource

    def reject(self, *, note: str | None = None, attempt: int | None = None) -> RunResource:
        """Reject what the run waits for; its next leg starts, and finds it. `attempt` is as for `approve`."""
        self.resource = self._runs.reject(self.id, note=note, attempt=attempt)
        return self.resource

    def answer(self, value: Any, *, note: str | None = None, attempt: int | None = None) -> RunResource:
        """Give the run the answer that it waits for, any JSON value. `attempt`: as for `approve`."""
        self.resource = self._runs.answer(self.id, value, note=note, attempt=attempt)
        return self.resource

    def cancel(self, *, reason: str | None = None) -> CancelledRun:
        """Cancel the run: at once if no attempt is at work, or else within seconds."""
        cancelled = self._runs.cancel(self.id, reason=reason)
        self.resource = cancelled
        return cancelled

    def retry(
        self,
        *,
        model: str | None = None,
        config: ConfigChoice | str | None = None,
        idempotency_key: str | None = None,
    ) -> "RunHandle":
        """Start a new run that repeats this one, which is settled."""
        return self._runs.retry(self.id, model=model, config=config, idempotency_key=idempotency_key)

    def resume(
        self, feedback: str | None = None, *, model: str | None = None, idempotency_key: str | None = None
    ) -> "RunHandle":
        """Start a run that goes on with the conversation of this one, which is settled."""
        return self._runs.resume(self.id, feedback, model=model, idempotency_key=idempotency_key)

    def exec(
        self,
        command: str,
        arguments: Sequence[str] = (),
        *,
        timeout: GivenDuration | None = None,
        idempotency_key: str | None = None,
    ) -> "RunHandle":
        """Start a run of a command of the deployment's configuration in the workspace of this one."""
        return self._runs.exec(self.id, command, arguments, timeout=timeout, idempotency_key=idempotency_key)
