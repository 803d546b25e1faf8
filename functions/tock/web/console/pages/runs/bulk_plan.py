"""What somebody asks of many runs at once: of which it can be done, and why the others are left alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tock.app.start.retry import NEVER_TRIED
from tock.core.run.run import Run
from tock.core.run.status import RunStatus


class BulkVerb(StrEnum):
    """What is done to each run."""

    #: Stop it.
    CANCEL = "cancel"
    #: Repeat it once.
    RETRY = "retry"

    @property
    def done(self) -> str:
        """The word for a run that it was done to."""
        return "cancelled" if self is BulkVerb.CANCEL else "repeated"

    @property
    def usual(self) -> frozenset[RunStatus]:
        """The statuses of the runs that it is for if nobody names statuses."""
        if self is BulkVerb.CANCEL:
            return frozenset(status for status in RunStatus if not status.terminal)
        return frozenset({RunStatus.FAILED, RunStatus.TIMED_OUT})

    @property
    def possible(self) -> frozenset[RunStatus]:
        """The statuses of the runs that it can be done to."""
        if self is BulkVerb.CANCEL:
            return self.usual
        return frozenset(status for status in RunStatus if status.terminal) - NEVER_TRIED


@dataclass(frozen=True, slots=True)
class BulkPlan:
    """The runs that it will be done to, and those that are left alone, each with the reason."""

    runs: tuple[Run, ...]
    left_alone: tuple[tuple[str, str], ...]


def plan_of(runs: Sequence[Run], *, verb: BulkVerb, missing: Iterable[str] = ()) -> BulkPlan:
    """Return the plan for the runs that were chosen; `missing` are ids of runs that cannot be found or read."""
    reasons = [(run, _left_alone(run, verb=verb)) for run in runs]
    return BulkPlan(
        runs=tuple(run for run, reason in reasons if reason is None),
        left_alone=(
            *((run.id, reason) for run, reason in reasons if reason is not None),
            *((run, "cannot be found or read") for run in missing),
        ),
    )


def statuses_for(chosen: frozenset[RunStatus], *, verb: BulkVerb) -> frozenset[RunStatus]:
    """Return the statuses to look for among all runs that match: the chosen ones that it can be done to, or the usual.

    None is left if it can be done to none of the chosen ones.
    """
    return chosen & verb.possible if chosen else verb.usual


def _left_alone(run: Run, *, verb: BulkVerb) -> str | None:
    if verb is BulkVerb.CANCEL:
        if run.status.terminal:
            return f"is over: {run.status.replace('_', ' ')}"
        return "was asked to stop already" if run.cancel_requested is not None else None
    if not run.status.terminal:
        return f"is not over: {run.status}"
    if run.status in NEVER_TRIED:
        return "was missed, so there is nothing to repeat"
    return f"was repeated by run {run.retried_by[-1]}" if run.retried_by else None
