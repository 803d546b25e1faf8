"""The overlap policy: whether a run that is about to start may do so, given the earlier runs of its trigger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tock.core.policies import CatchUpMode, Overlap
from tock.core.run.admission.lateness import is_late
from tock.core.run.run import Run
from tock.core.run.status import AttemptStatus, RunStatus

#: The most earlier runs that one decision reads. More would matter only if a trigger was `parallel` until an edit and
#: more runs than this started after one that is still active. A decision does not read replaced runs again.
LONGEST_CHAIN = 1000


@dataclass(frozen=True, slots=True)
class Start:
    """The run may start."""


@dataclass(frozen=True, slots=True)
class Look:
    """The decision depends on this earlier run: read it and decide again."""

    run: str


@dataclass(frozen=True, slots=True)
class Skip:
    """The run is skipped because of the nearest active run."""

    blocked_by: Run


@dataclass(frozen=True, slots=True)
class Hold:
    """The run is held behind the nearest active run; with `replace`, that one is cancelled."""

    behind: Run
    replace: bool = False


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The nearest active run waits for its retry and gives it up for this one: settle it and decide again."""

    retry_of: Run


Decision = Start | Look | Skip | Hold | GiveUp


def decide(run: Run, earlier: Sequence[Run | None], *, now: datetime) -> Decision:
    """Return the decision for a run that is about to start.

    `earlier` holds the runs that previous `Look` answers asked for, in that order; None for one that no longer exists.
    If an earlier run is settled and had started, or was refused, the runs before it need not be read, unless its own
    policy was `parallel`. If it settled without starting, the run that blocked it is read next, or else its `previous`.

    Late runs take turns, and so does a run that meets a late one: it is held, whatever its policy. The policy is about
    runs that meet by their own fire times. So `skip` and `queue` also hold a run that meets one which waits for such a
    turn.
    """
    if run.overlap is Overlap.PARALLEL:
        return _turn_of_parallel(run, earlier, now=now) if is_late(run, now=now) else Start()
    pointer = run.previous
    active: list[Run] = []
    meets_late = False
    for predecessor in earlier:
        if predecessor is None:
            pointer = None
            break
        settled = predecessor.status.terminal
        if settled and not active:
            pointer = behind(predecessor)
            continue
        if not settled:
            active.append(predecessor)
            meets_late = meets_late or (is_late(predecessor, now=now) and not _gives_way(predecessor, run))
        # `queue` counts the waiting runs, so it reads on past the nearest active run until it has found enough of them.
        must_count = run.overlap is Overlap.QUEUE and _waiting(active) < run.queue_depth
        # An active run that has not started may itself wait for the turn of a late one; `replace` replaces it anyway.
        must_look = run.overlap is not Overlap.REPLACE and active[-1].started is None
        pointer = None
        if not meets_late and (must_count or must_look):
            pointer = behind(predecessor) if settled else _ahead(predecessor)
    if pointer is not None and len(earlier) < LONGEST_CHAIN:
        return Look(run=pointer)
    return _decide_beside(run, active, takes_turn=meets_late) if active else Start()


def decide_beside_session(run: Run, holder: Run) -> Skip | Hold | GiveUp:
    """Return the decision for a run whose conversation another active run goes on with, such as a resumed one."""
    return _decide_beside(run, [holder], takes_turn=False)


def behind(settled: Run) -> str | None:
    """Return the earlier run to read after a settled one, or None if that one's own decision covered all before it."""
    if _never_started(settled):
        return settled.blocked_by or settled.previous
    # A refused run (failed, never started) had passed the overlap decision, like one that started.
    return settled.previous if settled.overlap is Overlap.PARALLEL else None


def _gives_way(late: Run, run: Run) -> bool:
    """Whether a late run has no turn that a replacing one must wait for: its catch-up policy lets it start no more."""
    undecided = not late.late and late.catch_up.mode is not CatchUpMode.ALL
    return run.overlap is Overlap.REPLACE and undecided


def _never_started(settled: Run) -> bool:
    return settled.started is None and settled.status is not RunStatus.FAILED


def _turn_of_parallel(run: Run, earlier: Sequence[Run | None], *, now: datetime) -> Decision:
    """Return the decision for a late run that may start beside others: only the late run just before it blocks it."""
    pointer = run.previous
    for predecessor in earlier:
        if predecessor is None:
            return Start()
        if not predecessor.status.terminal:
            return Hold(behind=predecessor) if is_late(predecessor, now=now) else Start()
        pointer = (predecessor.blocked_by or predecessor.previous) if _never_started(predecessor) else None
    return Look(run=pointer) if pointer is not None and len(earlier) < LONGEST_CHAIN else Start()


def _ahead(active: Run) -> str | None:
    """Return the earlier run to read after an active one, or None if the active one has started."""
    if active.started is not None:
        return None
    return active.blocked_by or (active.previous if active.status is RunStatus.QUEUED else None)


def _waiting(active: list[Run]) -> int:
    """Return how many active runs wait: the held ones, or all but the first to start if that is more."""
    return max(sum(1 for each in active if each.status is RunStatus.HELD), len(active) - 1)


def _decide_beside(run: Run, active: list[Run], *, takes_turn: bool) -> Skip | Hold | GiveUp:
    nearest = active[0]
    if nearest.retry.give_up_at_next and _waits_for_retry(nearest):
        return GiveUp(retry_of=nearest)
    if takes_turn:
        return Hold(behind=nearest)
    if run.overlap is Overlap.REPLACE:
        return Hold(behind=nearest, replace=True)
    if run.overlap is Overlap.QUEUE and _waiting(active) < run.queue_depth:
        return Hold(behind=nearest)
    return Skip(blocked_by=nearest)


def _waits_for_retry(run: Run) -> bool:
    ended = {AttemptStatus.FAILED, AttemptStatus.TIMED_OUT}
    return run.status is RunStatus.QUEUED and bool(run.attempts) and run.attempts[-1].status in ended
