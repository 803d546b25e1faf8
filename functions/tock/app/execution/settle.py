"""Settle: apply an attempt's outcome to its run, once, fenced by the lease."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from tock.app.enqueue import enqueue
from tock.app.execution.leased_attempt import LeasedAttempt
from tock.app.execution.run_commit import run_commit
from tock.app.log import log_run_event
from tock.core.errors import CommitConflict, InvalidArgument, StoreUnavailable
from tock.core.run import transition
from tock.core.run.outcome import Failed, Outcome
from tock.core.run.run import Attempt, Run
from tock.core.run.status import AttemptStatus, RunStatus

#: The wait between two tries to write an outcome while the store does not answer.
TRY_AGAIN_AFTER = timedelta(seconds=1)
#: The error of a result that the store refuses.
NOT_STORABLE = "result_not_storable"
#: How many conflicts with others are met by another try at once; more are waited out like a store that is silent.
MAX_CONFLICTS = 5


async def settle(leased: LeasedAttempt, outcome: Outcome) -> Run | None:
    """Return the run once its outcome is durable, or None when the lease was lost.

    1. One Commit: the run, its lock, the promotion of the run that follows, and the last events.
    2. On a conflict, look who won: this very settlement (its acknowledgement was lost), a cancel request (the run is
       still this runner's: settle what is there now), or another runner (nothing is written).
    3. While the store does not answer, keep trying within the lease; then StoreUnavailable, and the sweep rescues.
    4. What the store can never take becomes a final failure.
    5. Enqueue the next attempt and what was promoted.
    """
    services = leased.services
    jitter = services.random.jitter()
    #: What any of the tries would have put on its way; one of them may have been written unacknowledged.
    candidates: set[str] = set()
    for tried in count(1):
        try:
            settled = await _try(leased, outcome, jitter=jitter, candidates=candidates)
        except StoreUnavailable:
            if _is_over(leased):
                raise
            await services.clock.sleep(TRY_AGAIN_AFTER)
            continue
        except InvalidArgument as exc:
            if isinstance(outcome, Failed) and outcome.type == NOT_STORABLE:
                raise
            # Deterministic: the agent would do its work again for nothing.
            outcome = Failed(type=NOT_STORABLE, message=str(exc), retryable=False)
            continue
        if settled is not None:
            log_run_event(
                "run_settled", settled.run, outcome=type(outcome).__name__, error=_error_of(leased, settled.run)
            )
            await enqueue(services, settled.queued)
            return settled.run
        if leased.lost or _is_over(leased):
            break
        if tried >= MAX_CONFLICTS:
            await services.clock.sleep(TRY_AGAIN_AFTER)
    log_run_event("settlement_refused", leased.run.value)
    return None


@dataclass(frozen=True, slots=True)
class _Settled:
    """The run as it is now, and what is to be enqueued: its next attempt, and what was promoted."""

    run: Run
    queued: tuple[Run, ...]


def _is_over(leased: LeasedAttempt) -> bool:
    """Whether the lease ends before another try."""
    lease = leased.run.value.lease
    return lease is None or leased.services.clock.now() + TRY_AGAIN_AFTER >= lease.expires_at


async def _try(leased: LeasedAttempt, outcome: Outcome, *, jitter: float, candidates: set[str]) -> _Settled | None:
    """Return the settled run, or None after a conflict that leaves it to be tried again or given up."""
    services = leased.services
    now = services.clock.now()
    after = transition.settle(leased.run.value, outcome, now=now, jitter=jitter, timing=services.timing)
    commit = await run_commit(services, leased.run, after)
    candidates.update(run.id for run in commit.queued)
    last_events = await leased.write_events_but_last()
    try:
        await services.store.commit([*commit.writes, *last_events])
    except CommitConflict:
        return await _look(leased, candidates=candidates)
    return _Settled(run=after, queued=commit.queued)


def _error_of(leased: LeasedAttempt, run: Run) -> str | None:
    """The type of the error that this attempt ended with."""
    [error, *_] = [attempt.error for attempt in run.attempts if attempt.owner == leased.owner]
    return None if error is None else error.type


def _is_settled(attempt: Attempt) -> bool:
    """Whether its runner itself ended the attempt: only the sweep calls one lost that was not handed back."""
    handed_back = attempt.error is not None and attempt.error.type == transition.HANDED_BACK
    return handed_back or attempt.status not in {AttemptStatus.RUNNING, AttemptStatus.LOST}


async def _look(leased: LeasedAttempt, *, candidates: set[str]) -> _Settled | None:
    """Return the run if this attempt was settled already; note on the tenure whether it may still be.

    Which try was the winner is not known, so of the candidates those are enqueued that now are queued.
    """
    if await leased.reread():
        return None
    current = leased.seen
    if current is None:
        return None
    mine = [attempt for attempt in current.attempts if attempt.owner == leased.owner]
    if not mine or not _is_settled(mine[-1]):
        return None
    others = [await leased.services.store.run(current.project, run) for run in sorted(candidates - {current.id})]
    runs = [current, *(other.value for other in others if other is not None)]
    return _Settled(run=current, queued=tuple(run for run in runs if run.status is RunStatus.QUEUED))
