"""What a test sees of a run that `tock.testing.run` has made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tock.core.run.events.event import Event
from tock.core.run.messages.wait import Wait
from tock.core.run.outcome import Failed, Outcome, Succeeded, Usage, Waiting
from tock.core.run.run import Run, RunError
from tock.core.run.status import RunStatus


@dataclass(frozen=True, slots=True)
class Result:
    """The run as Tock would have stored it, and what its agent did meanwhile."""

    #: The stored run, with every field that a deployment keeps.
    run: Run
    #: All events of the run, oldest first, as the API shows them: those of the agent, and Tock's own (`run.…`).
    events: tuple[Event, ...]
    #: What the agent saved by `checkpoint`, in order.
    checkpoints: tuple[Any, ...]
    #: The conversation as the agent saved it last or as the test gave it; None if there is none.
    session: Any

    @property
    def status(self) -> RunStatus:
        """The run's status: `succeeded`, `failed`, `timed_out` or, without an answer for its wait, `waiting`."""
        return self.run.status

    @property
    def result(self) -> Any:
        """What the agent returned, as JSON; None unless it succeeded."""
        return self.run.result

    @property
    def error(self) -> RunError | None:
        """Why the run, or its newest failed attempt, did not succeed."""
        return self.run.error

    @property
    def outcome(self) -> Outcome:
        """What the run came to: Succeeded, Waiting or Failed, which a timeout is too (its type is `timed_out`)."""
        run, usage = self.run, self.usage
        if run.status is RunStatus.SUCCEEDED:
            return Succeeded(run.result, usage=usage)
        if run.status is RunStatus.WAITING and (asked := self.waits[-1]) is not None:
            since = run.attempts[-1].ended or run.attempts[-1].started
            return Waiting(
                asked.wait_for,
                question=asked.question,
                deadline=asked.deadline - since,
                on_deadline=asked.on_deadline,
                usage=usage,
            )
        error = run.error or RunError(type=run.status.value, message=run.reason or "", retryable=False)
        return Failed(error.type, error.message, retryable=error.retryable, usage=usage)

    @property
    def usage(self) -> Usage:
        """What all attempts consumed, without prices that only a deployment knows."""
        return Usage(**dict(self.run.usage))

    @property
    def waits(self) -> tuple[Wait, ...]:
        """What the run waited for, with the answers that it got."""
        return tuple(attempt.wait for attempt in self.run.attempts if attempt.wait is not None)

    @property
    def emitted(self) -> tuple[tuple[str, Any], ...]:
        """The kind and the data of each event that the agent itself emitted."""
        return tuple((event.kind, event.data) for event in self.events if not _is_tocks(event.kind))

    @property
    def warnings(self) -> Sequence[str]:
        """What Tock warns of: what it left out of what the agent gave, and placeholders without a value."""
        told = [event.data["text"] for event in self.events if event.kind == "run.warning"]
        return (*self.run.warnings, *told)


def _is_tocks(kind: str) -> bool:
    return kind.startswith("run.") or kind == "log"
