"""The overlap policy: whether a run that is about to start may do so, given the earlier runs of its trigger."""

from collections.abc import Sequence
from dataclasses import dataclass

from tock.core.policies import Overlap
from tock.core.run.run import Run
from tock.core.run.status import RunStatus

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

    blocked_by: str


@dataclass(frozen=True, slots=True)
class Hold:
    """The run is held behind the nearest active run; with `replace`, that one is cancelled."""

    behind: Run
    replace: bool = False


Decision = Start | Look | Skip | Hold


def decide(run: Run, earlier: Sequence[Run | None]) -> Decision:
    """Return the decision for a run that is about to start.

    `earlier` holds the runs that previous `Look` answers asked for, in that order; None for one that no longer exists.
    If an earlier run is settled and had started, or was refused, the runs before it need not be read, unless its own
    policy was `parallel`. If it settled without starting, the run that blocked it is read next, or else its `previous`.
    """
    if run.overlap is Overlap.PARALLEL:
        return Start()
    pointer = run.previous
    active: list[Run] = []
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
        # `queue` counts the waiting runs, so it reads on past the nearest active run until it has found enough of them.
        must_count = run.overlap is Overlap.QUEUE and _waiting(active) < run.queue_depth
        pointer = (behind(predecessor) if settled else _ahead(predecessor)) if must_count else None
    if pointer is not None and len(earlier) < LONGEST_CHAIN:
        return Look(run=pointer)
    return _hold_or_skip(run, active) if active else Start()


def behind(settled: Run) -> str | None:
    """Return the earlier run to read after a settled one, or None if that one's own decision covered all before it."""
    if settled.started is None and settled.status is not RunStatus.FAILED:
        return settled.blocked_by or settled.previous
    # A refused run (failed, never started) had passed the overlap decision, like one that started.
    return settled.previous if settled.overlap is Overlap.PARALLEL else None


def _ahead(active: Run) -> str | None:
    """Return the earlier run to read after an active one, or None if the active one has started."""
    if active.started is not None:
        return None
    return active.blocked_by or (active.previous if active.status is RunStatus.QUEUED else None)


def _waiting(active: list[Run]) -> int:
    """Return how many active runs wait: the held ones, or all but the first to start if that is more."""
    return max(sum(1 for each in active if each.status is RunStatus.HELD), len(active) - 1)


def _hold_or_skip(run: Run, active: list[Run]) -> Decision:
    nearest = active[0]
    if run.overlap is Overlap.REPLACE:
        return Hold(behind=nearest, replace=True)
    if run.overlap is Overlap.QUEUE and _waiting(active) < run.queue_depth:
        return Hold(behind=nearest)
    return Skip(blocked_by=nearest.id)
