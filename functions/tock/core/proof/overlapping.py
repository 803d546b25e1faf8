"""The runs of one trigger that were at work at once although the overlap policy of the later one forbids it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tock.core.policies import Overlap
from tock.core.run.run import Run

#: How far the clocks of two runners may differ: attempts that were at work at once for less may have been so one after
#: the other.
CLOCKS_DIFFER = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class _Work:
    """An attempt's time at work by its runner's clock; `ended` is None while it works."""

    run: Run
    started: datetime
    ended: datetime | None

    def lasts_beyond(self, instant: datetime) -> bool:
        """Whether it was still at work then."""
        return self.ended is None or self.ended > instant


def overlapping_runs(runs: Iterable[Run]) -> Iterator[tuple[Run, Run]]:
    """Yield each scheduled run that began beside another one against its policy, and one that was at work then.

    The policy of the run with the later fire time counts; with `parallel` it may begin beside others.
    """
    work = sorted((each for run in runs for each in _attempts(run)), key=lambda each: (each.started, each.run.id))
    at_work: list[_Work] = []
    found: set[str] = set()
    for begun in work:
        surely = begun.started + CLOCKS_DIFFER
        at_work = [other for other in at_work if other.lasts_beyond(surely)]
        excluded = (other.run for other in at_work if _excludes(begun.run, other.run))
        beside = next(excluded, None) if begun.lasts_beyond(surely) else None
        if beside is not None and begun.run.id not in found:
            found.add(begun.run.id)
            yield begun.run, beside
        at_work.append(begun)


def _attempts(run: Run) -> Iterator[_Work]:
    for attempt in run.attempts:
        # The clock of the sweep, which ends a lost attempt, may be behind the runner's.
        ended = None if attempt.ended is None else max(attempt.ended, attempt.started)
        yield _Work(run, attempt.started, ended)


def _excludes(run: Run, other: Run) -> bool:
    later = run if run.scheduled_for > other.scheduled_for else other
    return run.id != other.id and later.overlap is not Overlap.PARALLEL
