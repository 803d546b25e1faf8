"""The run as readers see it."""

from datetime import timedelta
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from tock.core.agent.evidence import Evidence
from tock.core.policies import CatchUp, Overlap, Retry
from tock.core.run.follow_up import FollowUp
from tock.core.run.messages.wait import Wait
from tock.core.run.run import Attempt, CancelRequest, Hold, MissedRange, Run, RunError, RunUsage, RunWorkspace, Snapshot
from tock.core.run.status import AttemptStatus, RunSource, RunStatus
from tock.core.time.duration import Duration
from tock.core.time.instant import Instant
from tock.core.time.stamp import Stamp
from tock.web.resources.page import Listed, TotalShape


class Classification(StrEnum):
    """Whether another attempt may succeed after a failure."""

    #: Another attempt may succeed.
    TRANSIENT = "transient"
    #: Every attempt would fail the same way.
    PERMANENT = "permanent"


class ErrorShape(BaseModel):
    """Why a run or an attempt did not succeed."""

    model_config = ConfigDict(frozen=True)

    type: str
    message: str
    retryable: bool
    classification: Classification

    @classmethod
    def of(cls, error: RunError | None) -> Self | None:
        """Return the error as readers see it."""
        if error is None:
            return None
        classification = Classification.TRANSIENT if error.retryable else Classification.PERMANENT
        return cls(**dict(error), classification=classification)


class AttemptShape(BaseModel):
    """One try at a run."""

    model_config = ConfigDict(frozen=True)

    number: int
    status: AttemptStatus
    started: Instant
    ended: Instant | None
    duration_seconds: float | None
    error: ErrorShape | None
    agent_revision: int
    session: str | None
    usage: RunUsage | None = Field(description="What it consumed; null if it reported nothing.")
    wait: Wait | None = Field(description="What the run waited for after it, and the answer.")

    @classmethod
    def of(cls, attempt: Attempt) -> Self:
        """Return the attempt as readers see it: without its owner, the token of its runner."""
        took = None if attempt.ended is None else attempt.ended - attempt.started
        return cls(
            number=attempt.number,
            status=attempt.status,
            started=attempt.started,
            ended=attempt.ended,
            duration_seconds=_seconds(took),
            error=ErrorShape.of(attempt.error),
            agent_revision=attempt.agent_revision,
            session=attempt.session,
            usage=attempt.usage,
            wait=attempt.wait,
        )


class RunResource(BaseModel):
    """One execution of an agent."""

    model_config = ConfigDict(frozen=True)

    project: str
    id: str
    agent: str
    trigger: str | None
    source: RunSource
    status: RunStatus
    reason: str | None
    scheduled_for: Instant
    due_at: Instant
    input: Snapshot
    retry: Retry
    timeout: Duration
    overlap: Overlap
    catch_up: CatchUp
    start_deadline: Duration | None
    evidence: Evidence | None = Field(description="What its trigger asks it to show to succeed.")
    progress_every: Duration | None = Field(
        description="How long its trigger lets an attempt go on without a sign of progress."
    )
    late: bool = Field(description="It was claimed after its fire time, or could not start in time: it takes turns.")
    attempt: int = Field(description="The number of the current attempt, or of the next one while the run is queued.")
    attempts: tuple[AttemptShape, ...]
    failures: int
    lost: int
    started: Instant | None
    finished: Instant | None
    lateness_seconds: float | None = Field(description="From scheduled_for to the start of the first attempt.")
    duration_seconds: float | None = Field(description="From the start of the first attempt to the settlement.")
    result: Any
    error: ErrorShape | None
    usage: RunUsage
    workspace: RunWorkspace | None = Field(
        description="What its newest attempt left in its git workspace; null for agents without one."
    )
    signals: int = Field(description="How many messages and requests to stop it was sent.")
    signals_taken: int = Field(description="How many of them, in their order, an attempt has taken.")
    events_sent: int = Field(description="How many events its agent sent from elsewhere, with the run's token.")
    answer: Any = Field(description="The value that came with the newest answer.")
    session: str | None = Field(description="The conversation that it goes on with or began.")
    warnings: tuple[str, ...] = Field(
        description="What its readers should know: placeholders of the message that had no value, and what a retry "
        "could not restore."
    )
    missed: MissedRange | None
    cancel_requested: CancelRequest | None
    previous: str | None
    blocked_by: str | None
    in_line: str | None = Field(
        description="The limit for a slot of which it waits or is about to take one: `agent:ID`, `trigger:ID` or "
        "`project`; null for none."
    )
    followed_by: str | None
    holds: tuple[Hold, ...] = Field(default=(), description="The times that it was held, the first twenty of them.")
    subject: str | None
    follow_up: FollowUp | None = Field(description="The command that it runs in the workspace of a settled run.")
    retry_of: str | None
    retried_by: tuple[str, ...]
    resumed_from: str | None
    resumed_by: str | None
    root: str | None
    created: Stamp
    expire_at: Instant | None

    @classmethod
    def of(cls, run: Run) -> "RunResource":
        """Return the run as readers see it: without its lease, lock, shard and request fingerprint."""
        same = {field: getattr(run, field) for field in cls.model_fields if field in Run.model_fields}
        return cls.model_construct(
            **same
            | {
                "attempts": tuple(AttemptShape.of(attempt) for attempt in run.attempts),
                "error": ErrorShape.of(run.error),
                "lateness_seconds": _seconds(run.lateness),
                "duration_seconds": _seconds(run.duration),
            }
        )


class CancelledRun(RunResource):
    """The run after a request to cancel it."""

    previous_status: RunStatus = Field(description="The run's status before this request.")


class RunPage(Listed):
    """A page of runs, in the order that was asked for."""

    runs: tuple[RunResource, ...]
    total: TotalShape | None = Field(default=None, description="How many match; null unless it was asked for.")


def run_path(run: Run) -> str:
    """Return the run's path in the API."""
    return f"/v1/projects/{run.project}/runs/{run.id}"


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else duration.total_seconds()
