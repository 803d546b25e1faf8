"""Settle: apply an attempt's outcome to its run exactly once, fenced by the lease."""

import logging
import traceback
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from tock.app.enqueue import enqueue
from tock.app.execution.admission.take_slots import promote_in_line
from tock.app.execution.attempt.consumed_by import consumed_by
from tock.app.execution.attempt.leased_attempt import LeasedAttempt
from tock.app.execution.run_commit import run_commit
from tock.app.find_run import find_run
from tock.app.log import log_run_event
from tock.core.errors import CommitConflict, StoreUnavailable
from tock.core.run import transition
from tock.core.run.admission.slot import Slot
from tock.core.run.consumed import Consumed
from tock.core.run.gate import message_of
from tock.core.run.outcome import Failed, Outcome
from tock.core.run.run import Attempt, Run
from tock.core.run.status import AttemptStatus, RunStatus
from tock.core.usage.day import UsageDay
from tock.ports.store import Add

#: The wait between two tries to settle while the store does not answer.
TRY_AGAIN_AFTER = timedelta(seconds=1)
#: The error type of an attempt whose outcome cannot be stored.
NOT_STORABLE = "outcome_not_storable"
#: After this many tries, a try that conflicts is followed by the same wait; before, the next try follows at once.
MAX_CONFLICTS = 5


async def settle(leased: LeasedAttempt, outcome: Outcome) -> Run | None:
    """Apply the outcome, and return the run once it is stored; None if the lease was lost.

    1. In one Commit, write the run, the release of its lock, the promotion of the run behind it, and the last events,
       and add what the attempt consumed to the usage of the day.
    2. If that conflicts, read who won: an earlier, unacknowledged try of this settlement (done), a cancel request
       (this runner still holds the lease, so it settles the run as it is now), or another runner (write nothing).
    3. While the store does not answer, try again until the lease ends; then raise StoreUnavailable: the sweep rescues
       the run.
    4. If the attempt cannot be written for any other reason, try without its last events, and then as a final failure
       instead: whatever an agent gave, its run ends.
    5. Enqueue the next attempt and the promoted run, and promote a run that waited in line for its slot.
    """
    services = leased.services
    jitter = services.random.jitter()
    consumed = await consumed_by(leased, outcome)
    reductions = iter((_without_events, _without_any_event, _as_failure))
    #: The ids of all runs that any try would have enqueued: an unacknowledged one may have been applied.
    candidates: set[str] = set()
    for tried in count(1):
        try:
            settled = await _try(leased, outcome, jitter=jitter, consumed=consumed, candidates=candidates)
        except StoreUnavailable:
            if _lease_ends_before_next_try(leased):
                raise
            await services.clock.sleep(TRY_AGAIN_AFTER)
            continue
        except Exception as exc:
            reduce = next(reductions, None)
            if reduce is None:
                raise
            problem = "".join(traceback.format_exception(exc))
            log_run_event("outcome_not_storable", leased.run.value, level=logging.ERROR, problem=problem)
            outcome = reduce(leased, outcome, exc)
            continue
        if settled is not None:
            log_run_event(
                "run_settled", settled.run, outcome=type(outcome).__name__, error=_error_of(leased, settled.run)
            )
            await enqueue(services, settled.queued)
            if settled.freed:
                with suppress(StoreUnavailable):
                    await promote_in_line(services, project=settled.run.project, scopes=settled.freed)
            return settled.run
        if leased.lost or _lease_ends_before_next_try(leased):
            break
        if tried >= MAX_CONFLICTS:
            await services.clock.sleep(TRY_AGAIN_AFTER)
    log_run_event("settlement_refused", leased.run.value)
    return None


def _without_events(leased: LeasedAttempt, outcome: Outcome, _problem: Exception) -> Outcome:
    leased.events.drop_all()
    return outcome


def _without_any_event(leased: LeasedAttempt, outcome: Outcome, _problem: Exception) -> Outcome:
    # Not even the event that tells how many were dropped.
    leased.events.close()
    return outcome


def _as_failure(_leased: LeasedAttempt, _outcome: Outcome, problem: Exception) -> Outcome:
    # Not retryable: the same outcome would be refused again.
    return Failed(type=NOT_STORABLE, message=f"The outcome cannot be stored: {message_of(problem)}", retryable=False)


@dataclass(frozen=True, slots=True)
class _Settled:
    """The run as it is now, and the runs to enqueue: itself for its next attempt, and the promoted run."""

    run: Run
    queued: tuple[Run, ...]
    #: The limits of which it gave back a slot.
    freed: tuple[str, ...] = ()


def _lease_ends_before_next_try(leased: LeasedAttempt) -> bool:
    lease = leased.run.value.lease
    return lease is None or leased.services.clock.now() + TRY_AGAIN_AFTER >= lease.expires_at


async def _try(
    leased: LeasedAttempt, outcome: Outcome, *, jitter: float, consumed: Consumed, candidates: set[str]
) -> _Settled | None:
    """Return the settled run, or None after a conflict: if `leased.lost`, give up, otherwise try again."""
    services = leased.services
    last_events = await leased.write_events_but_last()
    if leased.lost:
        return None
    now = services.clock.now()
    after = transition.settle(
        leased.run.value,
        outcome,
        now=now,
        jitter=jitter,
        timing=services.timing,
        consumed=consumed.total,
        left=leased.left,
    )
    commit = await run_commit(services, leased.run, after)
    candidates.update(run.id for run in commit.queued)
    try:
        await services.store.commit([*commit.writes, *_usage(after, consumed, now=now), *last_events])
    except CommitConflict:
        return await _after_conflict(leased, candidates=candidates)
    return _Settled(run=after, queued=commit.queued, freed=commit.freed)


def _usage(run: Run, consumed: Consumed, *, now: datetime) -> list[Add]:
    """Return what the attempt adds to the usage of the day: nothing if it consumed nothing."""
    return [Add(UsageDay.of(run, part, now=now)) for part in consumed.parts]


def _error_of(leased: LeasedAttempt, run: Run) -> str | None:
    """Return the type of the error that this attempt ended with, or None."""
    [error, *_] = [attempt.error for attempt in run.attempts if attempt.owner == leased.owner]
    return None if error is None else error.type


def _is_settled(attempt: Attempt) -> bool:
    """Return whether its runner ended the attempt, not the sweep: only the sweep sets `lost` without handing back."""
    handed_back = attempt.error is not None and attempt.error.type == transition.HANDED_BACK
    return handed_back or attempt.status not in {AttemptStatus.RUNNING, AttemptStatus.LOST}


async def _after_conflict(leased: LeasedAttempt, *, candidates: set[str]) -> _Settled | None:
    """Return the run if an earlier try settled this attempt; otherwise None, with `leased` read again.

    It is not known which try was applied, so the runs to enqueue are all candidates that are queued now.
    """
    if await leased.reread():
        return None
    current = leased.seen
    if current is None:
        return None
    mine = [attempt for attempt in current.attempts if attempt.owner == leased.owner]
    if not mine or not _is_settled(mine[-1]):
        return None
    others = [
        await find_run(leased.services, project=current.project, run=run) for run in sorted(candidates - {current.id})
    ]
    runs = [current, *(other.value for other in others if other is not None)]
    freed = tuple(Slot.named(current, name).scope for name in leased.run.value.slots)
    return _Settled(run=current, queued=tuple(run for run in runs if run.status is RunStatus.QUEUED), freed=freed)
