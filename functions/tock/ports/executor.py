"""The contract of an executor: the adapter that runs agents of one kind, and what an agent knows and can ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from tock.core.ids.derived import step_key
from tock.core.run.outcome import AgentOutcome, OnDeadline, Usage, WaitFor, Waiting
from tock.ports.host import AttemptHost, Message, Previous, Reports


class Ability(StrEnum):
    """What agents of a kind can do; API, command line and console ask for it before they offer a verb."""

    #: Take messages while they work.
    STEER = "steer"
    #: Go on with the conversation of a settled run.
    RESUME = "resume"
    #: Wait for an answer without computing.
    WAIT = "wait"
    #: Work in a git workspace of the run.
    WORKSPACE = "workspace"
    #: Work on the version or branch that the run asks for.
    REF = "ref"
    #: List its own triggers with the token of its run.
    LIST_TRIGGERS = "list_triggers"
    #: Create and delete triggers of its own with that token.
    MANAGE_TRIGGERS = "manage_triggers"


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What ended the wait of the leg before."""

    #: True or False after an approval or a rejection; None for an answer of another kind, or if nobody answered.
    approved: bool | None
    #: What the person said besides, or empty.
    note: str
    #: Who answered, or `deadline` if nobody did.
    by: str
    #: When, UTC.
    at: datetime
    #: The body of a callback, what a person gave, or None.
    value: Any = None
    #: Whether an attempt that began with this answer has failed or timed out, so that this one tries again.
    failed_since: bool = False


@dataclass(frozen=True, slots=True)
class Callback:
    """What a service needs to answer a run that waits for it: POST to these URLs, with the run's token as the bearer's.

    The token opens nothing else, and nothing once the run has ended.
    """

    #: Takes the result: any JSON value of at most 256 KiB.
    url: str
    #: Takes events of the run: `{"events": [{"kind": …, "data": …}, …]}`.
    events_url: str
    #: Takes what the next leg gets as its state: `{"state": …}`.
    checkpoint_url: str
    #: The run's token, for the header `Authorization: Bearer`.
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AnyRunContext:
    """What every agent knows about its attempt, and what it can report while it works."""

    #: The id of its project.
    project: str
    #: The id of its run.
    run: str
    #: The id of its trigger, or None if the run has none.
    trigger: str | None
    #: The id of its agent.
    agent: str
    #: The message with its placeholders filled, or None if neither the trigger nor the request has one.
    message: str | None
    #: The payload: a JSON object.
    input: Mapping[str, Any]
    #: The model that the run asks for, or None if the agent chooses.
    model: str | None
    #: The version or branch that the run asks for, or None for the agent's default.
    ref: str | None
    #: Why the run exists: `schedule`, `manual`, `retry`, `resume` or `exec`.
    source: str
    #: The number of the attempt, from 1.
    attempt: int
    #: The run's fire time or, for a run on request, the time of the request; UTC.
    scheduled_for: datetime
    #: When the attempt is aborted, UTC.
    deadline: datetime
    #: What Tock does for the agent.
    host: Reports = field(repr=False)
    #: The IANA name of the zone of the trigger's schedule: `scheduled_for.astimezone(ZoneInfo(time_zone))` is its time
    #: there. `UTC` for `every` and `at`, and for a run without a trigger.
    time_zone: str = "UTC"
    #: What an earlier attempt or leg of this run saved by `checkpoint`, any JSON value; None if none did.
    state: Any = None
    #: The answer that this leg begins with, or None if the run has not waited.
    answer: GivenAnswer | None = None
    #: What to pass on to a service whose callback the agent will wait for; None if the deployment takes none.
    callback: Callback | None = None
    #: The id of the conversation that the run goes on with or begins; None if agents of its kind have none.
    session: str | None = None
    #: The id of the settled run whose conversation this one goes on with, or None.
    resumed_from: str | None = None
    #: The commit that the workspace begins with, because the run repeats one that began there; None otherwise.
    start_commit: str | None = None
    #: The id of the settled run in whose workspace this one runs a command; None if it works in one of its own.
    workspace_of: str | None = None

    def emit(self, kind: str, data: Any = None) -> None:
        """Append an event to the run: a short kind (`progress`) and any JSON value. It counts as a sign of work.

        It never raises, and any thread may call it. Data that is not JSON becomes its text; data over 16 KiB is cut.
        """
        self.host.report(kind, data, replaced=False)

    @property
    def cancelled(self) -> bool:
        """Whether the agent must stop now; an async agent is also interrupted at its next await."""
        return self.host.cancelled

    def idempotency_key(self, step: str) -> str:
        """Return the key of one step of the run, the same in every attempt: pass it to services that must act once."""
        return step_key(project=self.project, run=self.run, step=step)

    def usage(
        self, *, input_tokens: int = 0, output_tokens: int = 0, cost: float = 0.0, model: str | None = None
    ) -> None:
        """Add what the agent has just consumed: tokens, and US dollars. It also counts if the attempt fails.

        What is given here must not be given in the outcome again. Any thread may call it.
        """
        self.host.use(Usage(input_tokens=input_tokens, output_tokens=output_tokens, cost=cost, model=model))

    def request_approval(
        self,
        question: str,
        *,
        deadline: timedelta = timedelta(days=1),
        on_deadline: OnDeadline = OnDeadline.FAIL,
    ) -> Waiting:
        """Return the outcome that makes the run wait until a person approves or rejects: `return` it from the agent.

        The next leg of the run then begins, with `answer`.
        """
        return Waiting(WaitFor.APPROVAL, question=question, deadline=deadline, on_deadline=on_deadline)


@dataclass(frozen=True, slots=True)
class RunContext(AnyRunContext):
    """The run as an async agent gets it; a plain agent gets a `tock.ports.sync_run_context.SyncRunContext`."""

    host: AttemptHost = field(repr=False)

    async def messages(self) -> Sequence[Message]:
        """Wait for messages to this run, and return those that came: steers and follow-ups, in their order.

        Each is delivered once, to one attempt. A call that is cancelled, as by `asyncio.timeout`, loses none.
        """
        return await self.host.take_signals()

    async def checkpoint(self, state: Any) -> None:
        """Save a JSON value of at most 256 KiB for the attempts and legs after this one, in `state`.

        It is stored when this returns. Raises InvalidArgument for a value that is not JSON or is too large.
        """
        await self.host.checkpoint(state)

    async def load_session(self) -> Any:
        """Return what the conversation was when it was saved last, by this run or one before; None if it is new."""
        return await self.host.load_session()

    async def save_session(self, state: Any) -> None:
        """Save the conversation, a JSON value of at most 3.6 MB, for the runs that resume this one.

        Raises InvalidArgument for a value that is not JSON or is too large, SessionMoved if another run saved it.
        """
        await self.host.save_session(state)

    async def previous(self) -> Previous:
        """Return the last result and the last failure of this run's trigger; both None without a trigger."""
        return await self.host.previous()


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

    def abilities(self, config: Mapping[str, Any]) -> frozenset[Ability]:
        """Return what an agent with this configuration can do; the configuration has passed `check`."""
        ...

    def check(self, config: Mapping[str, Any], *, project: str) -> None:
        """Return if the configuration is valid for an agent of the project.

        Raises InvalidArgument, whose field starts with `config.`. It says nothing of what other projects have.
        """
        ...

    async def execute(self, config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
        """Run one attempt and return its outcome, whatever the agent does: an exception of the agent becomes a Failed.

        Use cases pass the outcome through the gate (`core/run/gate/`), so that it can be stored and shown.

        When this coroutine is cancelled (the timeout, a request to stop, the end of the lease or of the process), it
        stops the agent's work within seconds, and only then lets the cancellation continue.
        """
        ...


class Command(Protocol):
    """A command of the deployment's configuration, and the repository of the workspace that it works in."""

    @property
    def repository(self) -> str:
        """The repository's name in the configuration."""
        ...

    @property
    def command(self) -> str:
        """The command's name in the configuration."""
        ...

    @property
    def arguments(self) -> Sequence[str]:
        """The arguments that are added to the command's own."""
        ...


@runtime_checkable
class WorkspaceExecutor(Protocol):
    """What an executor also does if its agents can have workspaces: run other commands in them."""

    def command_config(self, command: Command, *, project: str) -> Mapping[str, Any]:
        """Return the configuration with which `execute` runs the command in the workspace of `context.workspace_of`.

        Raises InvalidArgument, whose field is `command` or `arguments`, for what the deployment does not allow to the
        project.
        """
        ...
