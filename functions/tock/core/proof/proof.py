"""The proof of one trigger: it compares the expected occurrences of an interval with the records of its runs."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from types import MappingProxyType

from tock.core.proof.expected import GenerationPeriod, expected_fire_times, generation_periods
from tock.core.proof.occurrence import Occurrence, OccurrenceStatus, occurrence_status
from tock.core.proof.overlapping import overlapping_runs
from tock.core.proof.unreadable_runs import unreadable_runs
from tock.core.run.admission.lateness import PUNCTUAL
from tock.core.run.run import MissedRange, Run
from tock.core.run.status import AttemptStatus, RunSource, RunStatus
from tock.core.trigger.revision import Revision

#: How an attempt ended after which another one is explained.
_EXPLAINS_ANOTHER = {
    AttemptStatus.FAILED,
    AttemptStatus.TIMED_OUT,
    AttemptStatus.LOST,
    AttemptStatus.WAITING,
    AttemptStatus.CONTINUED,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem of one occurrence: its fire time, if known, the run that records it, if any, and what is wrong."""

    fire_time: datetime | None
    run: str | None
    problem: str


@dataclass(frozen=True, slots=True)
class Proof:
    """The expected occurrences of one trigger with `since <= fire time < until`, and the problems of their records."""

    since: datetime
    until: datetime
    #: Every expected occurrence, oldest first.
    occurrences: tuple[Occurrence, ...]
    #: Expected and no longer due, but without a record.
    lost: tuple[Finding, ...] = ()
    #: Recorded, but not expected.
    extra: tuple[Finding, ...] = ()
    #: Recorded twice, or started again although nothing had failed.
    doubled: tuple[Finding, ...] = ()
    #: Ended without a reason, or not ended although no sweep will look at it again.
    unexplained: tuple[Finding, ...] = ()
    #: Records and revisions that cannot be read, so that nothing can be said about them.
    unreadable: tuple[Finding, ...] = ()
    #: At work beside another run of the trigger although the overlap policy forbids it.
    overlapping: tuple[Finding, ...] = ()
    #: Started later than the tolerance. This is no fault: runs that catch up or waited in a queue start late.
    late: tuple[Finding, ...] = ()

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that break the proof."""
        kinds = (self.lost, self.extra, self.doubled, self.unexplained, self.unreadable, self.overlapping)
        return tuple(chain.from_iterable(kinds))

    @property
    def holds(self) -> bool:
        """Whether there is no fault: every expected occurrence has exactly one explained record or is due.

        The overlap policy held, too.
        """
        return not self.faults

    @property
    def counts(self) -> Counter[OccurrenceStatus]:
        """How many occurrences have each status."""
        return Counter(occurrence.status for occurrence in self.occurrences)


def prove(
    revisions: Sequence[Revision],
    runs: Iterable[Run],
    *,
    since: datetime,
    until: datetime,
    next_run_at: datetime | None,
    unreadable: Mapping[str, str] = MappingProxyType({}),
    tolerance: timedelta = PUNCTUAL,
) -> Proof:
    """Return the proof of one trigger for `since <= fire time < until`.

    1. Each enabled revision demands the fire times after its `valid_from`, up to and including that of the next one.
    2. A record covers its fire time in its generation. A range covers all fire times within it and must state their
       right number.
    3. A run that an edit cancelled before it started covers no expected fire time, and is no fault.

    Args:
        revisions: the trigger's revisions, oldest first, beginning with the one in force just before `since`.
        runs: its stored runs with a fire time in the interval, and the missed ranges that reach into it; other runs
            are ignored.
        since: the start of the interval, inclusive.
        until: the end of the interval, exclusive.
        next_run_at: the trigger's, read before the revisions and runs: without a record, fire times of the newest
            generation from there on are due, not lost. None if the trigger has none.
        unreadable: its stored runs that cannot be read: what is wrong with each, by the run's id.
        tolerance: a later start is reported as late.
    """
    records = [run for run in runs if run.source is RunSource.SCHEDULE and _inside(run, since=since, until=until)]
    expected = tuple(expected_fire_times(revisions, since=since, until=until))
    records_of = _records_by_occurrence(records, expected)
    newest = revisions[-1].generation if revisions else None
    unread = unreadable_runs(unreadable, expected, of=revisions)
    occurrences: list[Occurrence] = []
    for fire_time, generation in expected:
        if found := records_of.get((generation, fire_time)):
            occurrences.append(Occurrence(fire_time, occurrence_status(found[0]), found[0].id))
        elif (run := unread.get((generation, fire_time))) is not None:
            occurrences.append(Occurrence(fire_time, OccurrenceStatus.UNREADABLE, run))
        elif next_run_at is not None and fire_time >= next_run_at and generation == newest:
            occurrences.append(Occurrence(fire_time, OccurrenceStatus.DUE))
        else:
            occurrences.append(Occurrence(fire_time, OccurrenceStatus.LOST))
    recorded_twice = [
        Finding(fire_time, found[0].id, f"has {len(found)} records: {', '.join(run.id for run in found)}")
        for (_, fire_time), found in records_of.items()
        if len(found) > 1
    ]
    started_again = [
        Finding(run.scheduled_for, run.id, f"was started {starts} times more than its failures explain")
        for run in records
        if (starts := unexplained_starts(run))
    ]
    expected_set = frozenset(expected)
    periods = {period.generation: period for period in generation_periods(revisions)}
    return Proof(
        since=since,
        until=until,
        occurrences=tuple(occurrences),
        lost=tuple(
            Finding(each.fire_time, None, "has no record")
            for each in occurrences
            if each.status is OccurrenceStatus.LOST
        ),
        extra=_findings(records, lambda run: _unexpected(run, expected_set, periods.get(run.generation))),
        doubled=(*recorded_twice, *started_again),
        unexplained=_findings(records, _unexplained),
        unreadable=_unreadable_findings(unreadable, unread),
        overlapping=tuple(
            Finding(run.scheduled_for, run.id, f"was at work beside run {other.id}; overlap is {run.overlap}")
            for run, other in overlapping_runs(records)
        ),
        late=_findings(records, lambda run: _lateness(run, tolerance=tolerance)),
    )


def unprovable(problems: Iterable[str], *, since: datetime, until: datetime) -> Proof:
    """Return the proof of an interval whose expected occurrences are not known: it holds only these problems."""
    findings = tuple(Finding(None, None, problem) for problem in problems)
    return Proof(since, until, (), unreadable=findings)


def unexplained_starts(run: Run) -> int:
    """Return how many attempts of a run began although the one before asked for none, and did not fail."""
    numbers = [attempt.number for attempt in run.attempts]
    repeated = len(numbers) - len(set(numbers))
    return repeated + sum(1 for attempt in run.attempts[:-1] if attempt.status not in _EXPLAINS_ANOTHER)


def _inside(run: Run, *, since: datetime, until: datetime) -> bool:
    if run.missed is not None:
        return run.missed.first < until and run.missed.last >= since
    return since <= run.scheduled_for < until


def _records_by_occurrence(
    records: Iterable[Run], expected: Sequence[tuple[datetime, int]]
) -> Mapping[tuple[int, datetime], Sequence[Run]]:
    """Return the records that cover each expected fire time, by generation and fire time."""
    single: dict[tuple[int, datetime], list[Run]] = defaultdict(list)
    ranges: dict[int, list[tuple[MissedRange, Run]]] = defaultdict(list)
    for run in records:
        if run.missed is None:
            single[run.generation, run.scheduled_for].append(run)
        else:
            ranges[run.generation].append((run.missed, run))
    found: dict[tuple[int, datetime], list[Run]] = {}
    for fire_time, generation in expected:
        covering = [run for missed, run in ranges[generation] if missed.first <= fire_time <= missed.last]
        if both := [*single[generation, fire_time], *covering]:
            found[generation, fire_time] = both
    return found


def _unreadable_findings(
    unreadable: Mapping[str, str], unread: Mapping[tuple[int, datetime], str]
) -> tuple[Finding, ...]:
    fire_times = {run: fire_time for (_, fire_time), run in unread.items()}
    return tuple(Finding(fire_times.get(run), run, f"cannot be read: {problem}") for run, problem in unreadable.items())


def _findings(records: Iterable[Run], problem_of: Callable[[Run], str | None]) -> tuple[Finding, ...]:
    return tuple(
        Finding(run.scheduled_for, run.id, problem) for run in records if (problem := problem_of(run)) is not None
    )


def _unexpected(run: Run, expected: frozenset[tuple[datetime, int]], period: GenerationPeriod | None) -> str | None:
    """Return what a record says that was not expected, or None; `period` is that of its generation."""
    if run.missed is not None:
        return _miscount(run.missed, period)
    if (run.scheduled_for, run.generation) in expected or (run.status is RunStatus.CANCELLED and not run.attempts):
        return None
    return "records an occurrence that no revision demands"


def _miscount(missed: MissedRange, period: GenerationPeriod | None) -> str | None:
    if period is None:
        return "records a range of occurrences that no revision demands"
    span = f"from {missed.first} to {missed.last}"
    if not (period.demands(missed.first) and period.demands(missed.last)):
        return f"records a range {span}, but its first or last time is no expected fire time"
    expected = period.count(first=missed.first, last=missed.last)
    return None if expected == missed.count else f"counts {missed.count} missed {span}, but {expected} were expected"


def _unexplained(run: Run) -> str | None:
    if not run.status.terminal:
        return None if run.check_at is not None else f"is {run.status}, but no sweep will look at it"
    has_reason = run.reason or run.cancel_requested is not None
    if run.status in {RunStatus.SKIPPED, RunStatus.MISSED, RunStatus.CANCELLED} and not has_reason:
        return f"is {run.status} without a reason"
    if run.status in {RunStatus.FAILED, RunStatus.TIMED_OUT} and run.error is None:
        return f"is {run.status} without an error"
    if run.status is RunStatus.SUCCEEDED and AttemptStatus.SUCCEEDED not in {each.status for each in run.attempts}:
        return "succeeded, but none of its attempts did"
    return None


def _lateness(run: Run, *, tolerance: timedelta) -> str | None:
    late = run.lateness
    return None if late is None or late <= tolerance else f"started {late} late"
