"""A run: one execution of an agent, with its input snapshot, its attempts and its outcome."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict

from tock.core.agent.evidence import Evidence
from tock.core.fields.later import LATER
from tock.core.policies import CatchUp, Overlap, Retry
from tock.core.run.follow_up import FollowUp
from tock.core.run.messages.wait import Wait
from tock.core.run.status import AttemptStatus, RunSource, RunStatus
from tock.core.time.duration import Duration
from tock.core.time.instant import Instant
from tock.core.time.stamp import Stamp

#: How many times that a run was held are kept.
MAX_HOLDS = 20


class Snapshot(BaseModel):
    """The input of a run with its message filled in; later edits of the trigger do not change it."""

    model_config = ConfigDict(frozen=True)

    message: str | None = None
    payload: dict[str, Any] = {}
    model: str | None = None
    ref: str | None = None
    #: The IANA name of the schedule's zone; `UTC` without a trigger.
    time_zone: str = "UTC"


class RunError(BaseModel):
    """Why a run or an attempt did not succeed; `type` is a stable word, `message` a sentence."""

    model_config = ConfigDict(frozen=True)

    type: str
    message: str
    retryable: bool


class RunUsage(BaseModel):
    """Tokens, their cost in US dollars, the name of the model that was used last, and how many tokens have no price."""

    model_config = ConfigDict(frozen=True)

    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    model: Annotated[str | None, LATER] = None
    #: How many of the tokens the cost does not cover, because no price of their model is known.
    unpriced_tokens: Annotated[int, LATER] = 0


class RunWorkspace(BaseModel):
    """What the run left in its git workspace; see `Workspace` among the outcomes."""

    model_config = ConfigDict(frozen=True)

    repository: str
    branch: str
    commit: str | None
    start_commit: Annotated[str | None, LATER] = None
    dirty: bool
    files: tuple[str, ...]
    changed: int
    ref: str | None
    warning: str | None


class Attempt(BaseModel):
    """One try at a run or, after a wait or a continuation, its next leg; numbered from 1."""

    model_config = ConfigDict(frozen=True)

    number: int
    status: AttemptStatus
    owner: str
    started: Instant
    ended: Instant | None = None
    error: RunError | None = None
    agent_revision: int
    session: str | None = None
    #: What it consumed; None if it reported nothing, or has not ended.
    usage: Annotated[RunUsage | None, LATER] = None
    #: What its run waited for after it, or None.
    wait: Annotated[Wait | None, LATER] = None
    #: When the attempt after it became due, as its end or the answer decided; None if that ended the run.
    next_at: Annotated[Instant | None, LATER] = None


class Lease(BaseModel):
    """A runner's exclusive right to write the run, until it expires."""

    model_config = ConfigDict(frozen=True)

    owner: str
    expires_at: Instant


class CancelRequest(BaseModel):
    """Somebody asked a running run to stop."""

    model_config = ConfigDict(frozen=True)

    reason: str
    at: Instant
    by: str
    #: The number of the signal by which its runner hears of it; None if no attempt was at work.
    signal: Annotated[int | None, LATER] = None


class Hold(BaseModel):
    """A stay in the status `held`."""

    model_config = ConfigDict(frozen=True)

    #: How many attempts were made before it.
    after: int
    #: The earlier run that this one had to wait for, or None.
    behind: str | None = None
    #: The limit for a slot of which it had to wait, or None.
    in_line: str | None = None
    at: Instant
    #: When it was promoted; None as long as it is held, and if it ended so.
    until: Instant | None = None


class MissedRange(BaseModel):
    """The fire times that one `missed` record stands for, from `first` to `last` inclusive."""

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
    #: The fire time or, for a manual run or a retry, the time of the request.
    scheduled_for: Instant
    #: When the current attempt should start.
    due_at: Instant
    status: RunStatus
    reason: str | None = None
    input: Snapshot
    retry: Retry
    timeout: Duration
    overlap: Overlap
    queue_depth: int = 1
    #: How many runs of its trigger may work at once, if its overlap policy is `parallel`; None for any number.
    max_parallel: int | None = None
    catch_up: CatchUp = CatchUp()
    #: How long after `scheduled_for` it may start; None means that only the catch-up policy limits that.
    start_deadline: Duration | None = None
    #: What its trigger asks it to show, or None.
    evidence: Annotated[Evidence | None, LATER] = None
    #: How long its trigger lets an attempt go on without a sign of progress, or None.
    progress_every: Annotated[Duration | None, LATER] = None
    #: A tick claimed it after its fire time, or it could not start soon after that. Late runs take turns.
    late: bool = False
    generation: int = 0
    #: The tick or request that created it: by this, the creator of the run recognises it after an ambiguous Commit.
    claimed_by: str
    created: Stamp
    #: The number of the current attempt; while the run is queued, of the next one.
    attempt: int = 1
    #: The number of the current delivery of that attempt.
    dispatch: int = 1
    attempts: tuple[Attempt, ...] = ()
    #: Attempts that failed or timed out; the retry policy counts these.
    failures: int = 0
    #: Attempts whose runner disappeared, and those handed back beyond the limit.
    lost: int = 0
    lease: Lease | None = None
    #: When the sweep must look at it; None once it is terminal.
    check_at: Instant | None
    shard: int
    cancel_requested: CancelRequest | None = None
    #: How many signals it was sent, and how many of them, in their order, an attempt has taken.
    signals: Annotated[int, LATER] = 0
    signals_taken: Annotated[int, LATER] = 0
    #: How many events its agent sent with the run's token, from elsewhere.
    events_sent: Annotated[int, LATER] = 0
    #: The value that came with the newest answer: any JSON value, or None.
    answer: Any = None
    #: What an attempt has saved for the attempts after it: any JSON value, or None.
    state: Any = None
    #: The conversation that it goes on with or begins, or None if its agent's kind has none.
    session: str | None = None
    #: The earlier run whose status decides first whether this one may start: the run of the occurrence before it or,
    #: once this run has replaced that one, the next earlier run.
    previous: str | None = None
    #: The earlier run that this one waits for, or that it was skipped for.
    blocked_by: str | None = None
    #: The limit for a slot of which it waits in line, or is about to take one; None if it does not.
    in_line: str | None = None
    #: The names of the slots that its attempt holds while it runs.
    slots: tuple[str, ...] = ()
    #: The times that it was held, the first ones if they were more than MAX_HOLDS.
    holds: Annotated[tuple[Hold, ...], LATER] = ()
    #: The run that was held behind this one.
    followed_by: str | None = None
    subject: str | None = None
    #: The document id of the lock that it holds until it settles.
    lock: str | None = None
    #: The fingerprint of the request that created it.
    request: str | None = None
    #: The commit that its workspace begins with; None for the head of its ref, or for what a resumed run kept.
    start_commit: Annotated[str | None, LATER] = None
    #: The command that it runs in the workspace of a settled run, instead of its agent.
    follow_up: Annotated[FollowUp | None, LATER] = None
    #: The settled run that it repeats.
    retry_of: str | None = None
    #: The settled run whose conversation it goes on with.
    resumed_from: str | None = None
    #: The run that goes on with its conversation.
    resumed_by: str | None = None
    #: The runs that repeat it.
    retried_by: tuple[str, ...] = ()
    #: The first run of the chain of retries to which it belongs; its own id if it is the first.
    root: str | None = None
    started: Instant | None = None
    finished: Instant | None = None
    result: Any = None
    error: RunError | None = None
    usage: RunUsage = RunUsage()
    #: What its newest attempt with a workspace left there, or None.
    workspace: Annotated[RunWorkspace | None, LATER] = None
    #: What its readers should know, in sentences: which placeholders of the message had no value, and what of the run
    #: that it repeats could not be restored.
    warnings: tuple[str, ...] = ()
    missed: MissedRange | None = None
    #: When Firestore may delete it (its TTL policy).
    expire_at: Instant | None = None

    @property
    def awaits_session(self) -> bool:
        """Whether it goes on with its trigger's conversation, and must take that one's lock when it starts."""
        return self.session not in {None, self.id} and self.lock is None

    @property
    def untaken_messages(self) -> int:
        """How many of the messages that it was sent no attempt has taken."""
        asked = None if self.cancel_requested is None else self.cancel_requested.signal
        return self.signals - self.signals_taken - (asked is not None and asked > self.signals_taken)

    @property
    def lateness(self) -> timedelta | None:
        """How long after `scheduled_for` the first attempt started; None before it did."""
        return None if self.started is None else self.started - self.scheduled_for

    @property
    def duration(self) -> timedelta | None:
        """The time from the first attempt's start to the run's end; None before its end, or if it never started."""
        return None if self.started is None or self.finished is None else self.finished - self.started
