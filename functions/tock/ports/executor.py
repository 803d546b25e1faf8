"""The contract of an executor: the adapter that runs one kind of agent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from tock.core.ids import step_key
from tock.core.run.outcome import Outcome


@dataclass(frozen=True, slots=True)
class RunContext:
    """What an agent knows of the attempt it works for, and how it reports while it works."""

    project: str
    run: str
    trigger: str | None
    agent: str
    #: The resolved message, or None when neither the trigger nor the caller gave one.
    message: str | None
    #: The payload: a JSON object.
    input: Mapping[str, Any]
    #: The model that the run asks for, or None for the agent's own choice.
    model: str | None
    #: The version or branch that the run asks for, or None for the agent's default.
    ref: str | None
    source: str
    #: Numbered from 1.
    attempt: int
    #: The run's nominal time, UTC.
    scheduled_for: datetime
    #: When the attempt is aborted, UTC.
    deadline: datetime
    #: Called with an event's kind and its JSON data.
    report: Callable[[str, Any], None] = field(repr=False)
    #: Answers whether a stop was asked for.
    cancellation: Callable[[], bool] = field(repr=False)

    def emit(self, kind: str, data: Any = None) -> None:
        """Append an event to the run: a short kind (`progress`) and any JSON value; a sign of work."""
        self.report(kind, data)

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked the run to stop; an async agent is also interrupted at its next await."""
        return self.cancellation()

    def idempotency_key(self, step: str) -> str:
        """The key of one step of the run, the same in every attempt: pass it on to whatever must happen once."""
        return step_key(project=self.project, run=self.run, step=step)


class Executor(Protocol):
    """Runs agents of one kind.

    `check` is called when an agent is written, `execute` once per attempt. Both get the agent's `config` as stored.
    """

    @property
    def kind(self) -> str:
        """The word that an agent's `kind` names it by."""
        ...

    def check(self, config: Mapping[str, Any]) -> None:
        """Accept the configuration or raise InvalidArgument, whose field starts with `config.`."""
        ...

    async def execute(self, config: Mapping[str, Any], context: RunContext) -> Outcome:
        """Run one attempt to its end.

        Whatever the agent does, an Outcome comes back: its exceptions are a Failed. When the task is cancelled (a
        timeout, a request to stop), the work is really stopped, within seconds, before the cancellation goes on.
        """
        ...
