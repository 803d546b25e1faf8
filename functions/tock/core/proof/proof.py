"""The checker: which occurrences a trigger's revisions owed in an interval, and what its records say of each."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from tock.core.proof.expected import GenerationPeriod, expected_fire_times, generation_periods
from tock.core.proof.occurrence import Occurrence, OccurrenceStatus, occurrence_status
from tock.core.run.run import MissedRange, Run
from tock.core.run.status import AttemptStatus, RunSource, RunStatus
from tock.core.trigger.plan import MAX_COUNTED
from tock.core.trigger.revision import Revision

#: A start this long after its fire time is reported as late.
TOLERANCE = timedelta(seconds=60)
_SHORTEST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to explain: the fire time, the record if there is one, and a sentence."""

    fire_time: datetime
    run: str | None
    problem: str


@dataclass(frozen=True, slots=True)
class Proof:
    """The occurrences of one trigger with `since <= fire time < until`, and what is wrong with the records of them."""

    since: datetime
    until: datetime
    #: Every occurrence that was owed, oldest first.
    occurrences: tuple[Occurrence, ...]
    #: Owed, decided, and without any record.
    lost: tuple[Finding, ...]
    #: Recorded as an occurrence that no revision owed.
    extra: tuple[Finding, ...]
    #: Recorded twice, or started again although nothing had failed.
    doubled: tuple[Finding, ...]
    #: Let go without a reason, or not ended and forgotten.
    unexplained: tuple[Finding, ...]
    #: Started later than the tolerance; no fault by itself: a catch-up and a queue start late.
    late: tuple[Finding, ...]

    @property
    def faults(self) -> tuple[Finding, ...]:
        """All that must not be."""
        return (*self.lost, *self.extra, *self.doubled, *self.unexplained)

    @property
    def holds(self) -> bool:
        """Whether every occurrence is accounted for, once."""
        return not self.faults

    @property
    def counts(self) -> Counter[OccurrenceStatus]:
        """How many occurrences met each fate."""
        return Counter(occurrence.status for occurrence in self.occurrences)


def prove(
    revisions: Sequence[Revision],
    runs: Iterable[Run],
    *,
    since: datetime,
    until: datetime,
    next_run_at: datetime | None,
    tolerance: timedelta = TOLERANCE,
) -> Proof:
    """Return the proof of one trigger for `since <= fire time < until`.

    `revisions` are its versions, oldest first, from the one in force before `since` on; `runs` are its stored runs with
    a fire time in the interval and the ranges of missed ones that reach into it, others are passed over; `next_run_at`
    is what the trigger said before these were read: the newest version's fire times from there on are not decided yet.
    None means that nothing is to come.

    1. Each enabled version owes the fire times after its `valid_from`, up to the next one's.
    2. A record answers for its fire time and generation; a range for all it covers, and it must count them right.
    3. Runs taken back by an edit before they started answer for nothing, and are no fault.
    """
    records = [run for run in runs if run.source is RunSource.SCHEDULE and _inside(run, since=since, until=until)]
    expected = tuple(expected_fire_times(revisions, since=since, until=until))
    answering = _answers(records, expected)
    newest = revisions[-1].generation if revisions else None
    occurrences: list[Occurrence] = []
    for fire_time, generation in expected:
        if found := answering.get((generation, fire_time)):
            occurrences.append(Occurrence(fire_time, occurrence_status(found[0]), found[0].id))
        elif next_run_at is not None and fire_time >= next_run_at and generation == newest:
            occurrences.append(Occurrence(fire_time, OccurrenceStatus.DUE))
        else:
            occurrences.append(Occurrence(fire_time, OccurrenceStatus.LOST))
    twice = [
        Finding(fire_time, found[0].id, f"has {len(found)} records: {', '.join(run.id for run in found)}")
        for (_, fire_time), found in answering.items()
        if len(found) > 1
    ]
    again = [
        Finding(run.scheduled_for, run.id, f"was started {starts} times more than its failures explain")
        for run in records
        if (starts := unexplained_starts(run))
    ]
    owing = frozenset(expected)
    in_force = {term.generation: term for term in generation_periods(revisions)}
    return Proof(
        since=since,
        until=until,
        occurrences=tuple(occurrences),
        lost=tuple(
            Finding(each.fire_time, None, "has no record")
            for each in occurrences
            if each.status is OccurrenceStatus.LOST
        ),
        extra=_findings(records, lambda run: _excess(run, owing, in_force.get(run.generation))),
        doubled=(*twice, *again),
        unexplained=_findings(records, _unexplained),
        late=_findings(records, lambda run: _lateness(run, tolerance=tolerance)),
    )


def unexplained_starts(run: Run) -> int:
    """How many attempts of a run began although the one before had neither failed nor lost its runner."""
    explained = {AttemptStatus.FAILED, AttemptStatus.TIMED_OUT, AttemptStatus.LOST}
    numbers = [attempt.number for attempt in run.attempts]
    repeated = len(numbers) - len(set(numbers))
    return repeated + sum(1 for attempt in run.attempts[:-1] if attempt.status not in explained)


def _inside(run: Run, *, since: datetime, until: datetime) -> bool:
    if run.missed is not None:
        return run.missed.first < until and run.missed.last >= since
    return since <= run.scheduled_for < until


def _answers(
    records: Iterable[Run], expected: Sequence[tuple[datetime, int]]
) -> Mapping[tuple[int, datetime], Sequence[Run]]:
    """Return the records that answer for each owed fire time of a generation."""
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
        if several := [*single[generation, fire_time], *covering]:
            found[generation, fire_time] = several
    return found


def _findings(records: Iterable[Run], problem_of: Callable[[Run], str | None]) -> tuple[Finding, ...]:
    return tuple(
        Finding(run.scheduled_for, run.id, problem) for run in records if (problem := problem_of(run)) is not None
    )


def _excess(run: Run, expected: frozenset[tuple[datetime, int]], term: GenerationPeriod | None) -> str | None:
    """Return what a record claims beyond what was owed, or None; `term` is that of its generation."""
    if run.missed is not None:
        return _miscount(run.missed, term)
    if (run.scheduled_for, run.generation) in expected or (run.status is RunStatus.CANCELLED and not run.attempts):
        return None
    return "is a record of an occurrence that no revision owed"


def _miscount(missed: MissedRange, term: GenerationPeriod | None) -> str | None:
    if term is None:
        return "is a range of occurrences that no revision owed"
    # The limit holds for a range that somebody tampered with, too: from 1970 on, every ten seconds, is 180 million.
    covered = list(islice(term.fire_times(since=missed.first, until=missed.last + _SHORTEST), MAX_COUNTED + 1))
    if covered and (covered[0], covered[-1], len(covered)) == (missed.first, missed.last, missed.count):
        return None
    counted = f"{len(covered)}" if len(covered) <= MAX_COUNTED else f"more than {MAX_COUNTED}"
    return f"counts {missed.count} missed from {missed.first} to {missed.last}, but {counted} were owed"


def _unexplained(run: Run) -> str | None:
    if not run.status.terminal:
        return None if run.check_at is not None else f"is {run.status}, and nobody will look at it"
    silent = not run.reason and run.cancel_requested is None
    if run.status in {RunStatus.SKIPPED, RunStatus.MISSED, RunStatus.CANCELLED} and silent:
        return f"is {run.status} without a reason"
    if run.status in {RunStatus.FAILED, RunStatus.TIMED_OUT} and run.error is None:
        return f"is {run.status} without an error"
    if run.status is RunStatus.SUCCEEDED and AttemptStatus.SUCCEEDED not in {each.status for each in run.attempts}:
        return "is succeeded, and no attempt of it is"
    return None


def _lateness(run: Run, *, tolerance: timedelta) -> str | None:
    late = run.lateness
    return None if late is None or late <= tolerance else f"started {late} late"
