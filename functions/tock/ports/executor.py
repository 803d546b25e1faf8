"""The contract of an executor: the adapter that runs agents of one kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from tock.core.ids import step_key
from tock.core.run.outcome import Failed, Succeeded


@dataclass(frozen=True, slots=True)
class RunContext:
    """What an agent knows about its attempt, and how it reports events while it works."""

    project: str
    run: str
    trigger: str | None
    agent: str
    #: The message with its placeholders filled, or None if neither the trigger nor the request has one.
    message: str | None
    #: The payload: a JSON object.
    input: Mapping[str, Any]
    #: The model that the run asks for, or None if the agent chooses.
    model: str | None
    #: The version or branch that the run asks for, or None for the agent's default.
    ref: str | None
    source: str
    #: The number of the attempt, from 1.
    attempt: int
    #: The run's fire time or, for a run on request, the time of the request; UTC.
    scheduled_for: datetime
    #: When the attempt is aborted, UTC.
    deadline: datetime
    #: Takes an event's kind, its data, and whether something of the data was replaced already.
    report: Callable[[str, Any, bool], None] = field(repr=False)
    #: Returns whether the agent must stop.
    cancellation: Callable[[], bool] = field(repr=False)
    #: Takes an event of Tock's own, which is no sign of the agent's work: a kind that starts with `run.`, and its data.
    notice: Callable[[str, Any], None] = field(repr=False, default=lambda _kind, _data: None)
    #: The IANA name of the zone of the trigger's schedule: `scheduled_for.astimezone(ZoneInfo(time_zone))` is its time
    #: there. `UTC` for `every` and `at`, and for a run without a trigger.
    time_zone: str = "UTC"

    def emit(self, kind: str, data: Any = None) -> None:
        """Append an event to the run: a short kind (`progress`) and any JSON value. It counts as a sign of work.

        It never raises, and any thread may call it. Data that is not JSON becomes its text; data over 16 KiB is cut.
        """
        self.report(kind, data, False)  # noqa: FBT003 - the callable takes no names

    @property
    def cancelled(self) -> bool:
        """Whether the agent must stop now; an async agent is also interrupted at its next await."""
        return self.cancellation()

    def idempotency_key(self, step: str) -> str:
        """Return the key of one step of the run, the same in every attempt: pass it to services that must act once."""
        return step_key(project=self.project, run=self.run, step=step)


class Executor(Protocol):
    """Runs agents of one kind.

    Tock calls `check` when an agent is written, and `execute` once per attempt. Both get the agent's `config`, and both
    refuse what the deployment does not allow to the agent's project.
    """

    @property
    def kind(self) -> str:
        """The kind of the agents that it runs."""
        ...

    @property
    def config_schema(self) -> Mapping[str, Any]:
        """The JSON Schema of a configuration. What it cannot say, such as an allow-list, `check` decides."""
        ...

    def check(self, config: Mapping[str, Any], *, project: str) -> None:
        """Return if the configuration is valid for an agent of the project.

        Raises InvalidArgument, whose field starts with `config.`. It says nothing of what other projects have.
        """
        ...

    async def execute(self, config: Mapping[str, Any], context: RunContext) -> Succeeded | Failed:
        """Run one attempt and return its outcome, whatever the agent does: an exception of the agent becomes a Failed.

        Use cases pass the outcome through the gate (`core/run/gate.py`), so that it can be stored and shown.

        When this coroutine is cancelled (the timeout, a request to stop, the end of the lease or of the process), it
        stops the agent's work within seconds, and only then lets the cancellation continue.
        """
        ...
