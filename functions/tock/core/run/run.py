"""A run: one execution of an agent, with its input snapshot, its attempts and its outcome."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from tock.core.policy import Overlap, Retry
from tock.core.run.status import AttemptStatus, RunSource, RunStatus
from tock.core.stamp import Stamp
from tock.core.time import Duration, Instant


class Snapshot(BaseModel):
    """The resolved input of a run; later edits of its trigger do not change it."""

    model_config = ConfigDict(frozen=True)

    message: str | None = None
    payload: dict[str, Any] = {}
    model: str | None = None
    ref: str | None = None
    time_zone: str = "UTC"


class RunError(BaseModel):
    """Why a run or an attempt did not succeed; `type` is a stable word, `message` a sentence."""

    model_config = ConfigDict(frozen=True)

    type: str
    message: str
    retryable: bool


class Attempt(BaseModel):
    """One try at a run, numbered from 1."""

    model_config = ConfigDict(frozen=True)

    number: int
    status: AttemptStatus
    owner: str
    started: Instant
    ended: Instant | None = None
    error: RunError | None = None
    agent_revision: int
    session: str | None = None


class Lease(BaseModel):
    """The exclusive right of one runner to write the run, until it expires."""

    model_config = ConfigDict(frozen=True)

    owner: str
    expires_at: Instant


class CancelRequest(BaseModel):
    """Somebody asked a running run to stop."""

    model_config = ConfigDict(frozen=True)

    reason: str
    at: Instant
    by: str


class RunUsage(BaseModel):
    """What all attempts of a run consumed; cost in US dollars."""

    model_config = ConfigDict(frozen=True)

    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0


class MissedRange(BaseModel):
    """The fire times that one `missed` record stands for, both ends included."""

    model_config = ConfigDict(frozen=True)

    first: Instant
    last: Instant
    count: int


class Run(BaseModel):
    """One execution of an agent."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    project: str
    id: str
    agent: str
    trigger: str | None = None
    source: RunSource
    #: The fire time, or the moment of the request.
    scheduled_for: Instant
    #: When the current attempt is to start.
    due_at: Instant
    status: RunStatus
    reason: str | None = None
    input: Snapshot
    retry: Retry
    timeout: Duration
    overlap: Overlap
    queue_depth: int = 1
    generation: int = 0
    #: The tick or request that created it: tells a lost acknowledgement from a lost race.
    claimed_by: str
    created: Stamp
    #: The current attempt, or the next one while it is queued.
    attempt: int = 1
    #: The current delivery of that attempt.
    dispatch: int = 1
    attempts: tuple[Attempt, ...] = ()
    #: Attempts that the agent itself failed; the retry policy counts these.
    failures: int = 0
    #: Attempts whose runner disappeared.
    lost: int = 0
    lease: Lease | None = None
    #: When somebody must look at it; None once it is terminal.
    check_at: Instant | None
    shard: int
    cancel_requested: CancelRequest | None = None
    #: The run whose fate decides whether this one may start: of the occurrence before, or of one further back, once
    #: this one has replaced those between.
    previous: str | None = None
    blocked_by: str | None = None
    followed_by: str | None = None
    subject: str | None = None
    #: The document id of the lock it holds, released when it settles.
    lock: str | None = None
    request: str | None = None
    retry_of: str | None = None
    retried_by: tuple[str, ...] = ()
    root: str | None = None
    started: Instant | None = None
    finished: Instant | None = None
    result: Any = None
    error: RunError | None = None
    usage: RunUsage = RunUsage()
    missed: MissedRange | None = None
    #: When Firestore may delete it (its TTL policy).
    expire_at: Instant | None = None

    @property
    def lateness(self) -> timedelta | None:
        """How long after its nominal time the first attempt started."""
        return None if self.started is None else self.started - self.scheduled_for

    @property
    def duration(self) -> timedelta | None:
        """From the first attempt's start to the settlement."""
        return None if self.started is None or self.finished is None else self.finished - self.started
