"""Whether a run may start, given the runs before it: the overlap policy, decided when the run is about to start."""

from collections.abc import Sequence
from dataclasses import dataclass

from tock.core.policy import Overlap
from tock.core.run.run import Run
from tock.core.run.status import RunStatus

#: How far the chain of predecessors is followed through runs that allowed company: beyond it lie runs of a trigger that
#: was `parallel`, with more than this many started after one that still works. A run replaced is not walked through.
LONGEST_CHAIN = 1000


@dataclass(frozen=True, slots=True)
class Start:
    """Nothing is in the way."""


@dataclass(frozen=True, slots=True)
class Look:
    """The answer depends on this earlier run: read it and ask again."""

    run: str


@dataclass(frozen=True, slots=True)
class Skip:
    """Give way to the nearest active run."""

    blocked_by: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Wait behind the nearest active run; `replace` asks it to stop, if it runs, or ends it, if it does not."""

    behind: Run
    replace: bool = False


Decision = Start | Look | Skip | Hold


def decide(run: Run, earlier: Sequence[Run | None]) -> Decision:
    """Return what becomes of a run that is about to start.

    `earlier` holds the runs that former answers asked to look at, in that order; None for one that no longer exists.
    A settled run that started, or was refused when it was about to, answers for all before it, unless its own policy
    was `parallel`. One that ended without ever starting hands on what blocked it, or else its own previous run.
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
        # A queue counts who stands in it: behind an active run, whatever has not started, or ended while it waited.
        deeper = run.overlap is Overlap.QUEUE and _waiting(active) < run.queue_depth
        pointer = (behind(predecessor) if settled else _ahead(predecessor)) if deeper else None
    if pointer is not None and len(earlier) < LONGEST_CHAIN:
        return Look(run=pointer)
    return _hold_or_skip(run, active) if active else Start()


def behind(settled: Run) -> str | None:
    """Return the run to look at behind a settled one, or None when it answers for all before it."""
    if settled.started is None and settled.status is not RunStatus.FAILED:
        return settled.blocked_by or settled.previous
    # One that was refused had been decided like one that started.
    return settled.previous if settled.overlap is Overlap.PARALLEL else None


def _ahead(active: Run) -> str | None:
    """The run that one which has not started stands behind; one that works stands behind none."""
    if active.started is not None:
        return None
    return active.blocked_by or (active.previous if active.status is RunStatus.QUEUED else None)


def _waiting(active: list[Run]) -> int:
    """How many of these wait: all that are held, and all but the foremost, which is at work or next to be."""
    return max(sum(1 for each in active if each.status is RunStatus.HELD), len(active) - 1)


def _hold_or_skip(run: Run, active: list[Run]) -> Decision:
    nearest = active[0]
    if run.overlap is Overlap.REPLACE:
        return Hold(behind=nearest, replace=True)
    if run.overlap is Overlap.QUEUE and _waiting(active) < run.queue_depth:
        return Hold(behind=nearest)
    return Skip(blocked_by=nearest.id)
