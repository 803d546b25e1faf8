"""The checker: which occurrences a trigger's revisions owed in an interval, and what the records say of each."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from tock.core.revision import Revision
from tock.core.run import Run
from tock.core.schedule import fire_times
from tock.core.status import AttemptStatus, RunSource, RunStatus

#: A start this long after its fire time is reported as late.
TOLERANCE = timedelta(seconds=60)
_SHORTEST = timedelta(microseconds=1)


class Fate(StrEnum):
    """What became of an occurrence."""

    #: Its run started, whatever its outcome.
    FIRED = "fired"
    #: It gave way to an earlier run.
    SKIPPED = "skipped"
    #: It was let go, with a reason.
    MISSED = "missed"
    #: It was cancelled before it started.
    CANCELLED = "cancelled"
    #: No attempt could be made: its agent was gone or disabled.
    REFUSED = "refused"
    #: Its run is on its way.
    IN_FLIGHT = "in_flight"
    #: Nobody has decided it yet; the next tick does.
    DUE = "due"
    #: There is no record of it.
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A fire time that a revision held, and its fate; `run` names the record, if there is one."""

    fire_time: datetime
    fate: Fate
    run: str | None = None


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
    missing: tuple[Finding, ...]
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
        return (*self.missing, *self.extra, *self.doubled, *self.unexplained)

    @property
    def holds(self) -> bool:
        """Whether every occurrence is accounted for, once."""
        return not self.faults

    @property
    def fates(self) -> Counter[Fate]:
        """How many occurrences met each fate."""
        return Counter(occurrence.fate for occurrence in self.occurrences)


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

    `revisions` are its versions, oldest first, from the one in force at `since` on; `runs` are its stored runs with a
    fire time in the interval and the ranges of missed ones that reach into it; `next_run_at` is what the trigger said
    before these were read: fire times from there on are not decided yet. None means that nothing is to come.

    1. Each enabled revision owes the fire times after its `valid_from`, up to the next one's.
    2. A record answers for its fire time and generation; a range for all it covers.
    3. Runs taken back by an edit before they started answer for nothing, and are no fault.
    """
    scheduled = [run for run in runs if run.source is RunSource.SCHEDULE]
    single: dict[tuple[int, datetime], list[Run]] = defaultdict(list)
    ranges: dict[int, list[Run]] = defaultdict(list)
    for run in scheduled:
        if run.missed is None:
            single[run.generation, run.scheduled_for].append(run)
        else:
            ranges[run.generation].append(run)
    occurrences: list[Occurrence] = []
    found: dict[str, list[Finding]] = {"missing": [], "doubled": []}
    owed: set[tuple[int, datetime]] = set()
    covered: Counter[str] = Counter()
    for fire_time, generation in owed_fire_times(revisions, since=since, until=until):
        owed.add((generation, fire_time))
        ranging = [run for run in ranges[generation] if _covers(run, fire_time)]
        covered.update(run.id for run in ranging)
        records = single[generation, fire_time] + ranging
        if len(records) > 1:
            names = ", ".join(run.id for run in records)
            found["doubled"].append(Finding(fire_time, records[0].id, f"has {len(records)} records: {names}"))
        if records:
            occurrences.append(Occurrence(fire_time, _fate(records[0]), records[0].id))
        elif next_run_at is not None and fire_time >= next_run_at:
            occurrences.append(Occurrence(fire_time, Fate.DUE))
        else:
            occurrences.append(Occurrence(fire_time, Fate.LOST))
            found["missing"].append(Finding(fire_time, None, "has no record"))
    inside = [run for run in scheduled if run.missed is not None or since <= run.scheduled_for < until]
    found["extra"] = [
        Finding(run.scheduled_for, run.id, problem)
        for run in inside
        if (problem := _excess(run, owed=owed, covered=covered[run.id], since=since, until=until)) is not None
    ]
    found["doubled"] += [
        Finding(run.scheduled_for, run.id, f"was started {again} times more than its failures explain")
        for run in inside
        if (again := unexplained_starts(run))
    ]
    found["unexplained"] = [
        Finding(run.scheduled_for, run.id, problem) for run in inside if (problem := _unexplained(run)) is not None
    ]
    found["late"] = [
        Finding(run.scheduled_for, run.id, f"started {run.started - run.scheduled_for} late")
        for run in inside
        if run.started is not None and run.started - run.scheduled_for > tolerance
    ]
    findings = {name: tuple(several) for name, several in found.items()}
    return Proof(since=since, until=until, occurrences=tuple(occurrences), **findings)


def owed_fire_times(
    revisions: Sequence[Revision], *, since: datetime, until: datetime
) -> Iterator[tuple[datetime, int]]:
    """Yield each fire time that the revisions hold in the interval, with the generation that owes it, oldest first."""
    begins: list[datetime] = []
    for revision in revisions:
        # Clocks differ: a version never reaches back into the one before it.
        begins.append(max(revision.valid_from, begins[-1]) if begins else revision.valid_from)
    for revision, (begin, end) in zip(revisions, pairwise([*begins, until]), strict=True):
        spec = revision.spec
        if spec is None or not spec.enabled:
            continue
        first = max(begin, since - _SHORTEST, spec.start - _SHORTEST if spec.start is not None else begin)
        for fire_time in fire_times(spec.schedule, after=first):
            if fire_time > end or fire_time >= until or (spec.end is not None and fire_time >= spec.end):
                break
            yield fire_time, revision.generation


def unexplained_starts(run: Run) -> int:
    """How many attempts of a run began although the one before had neither failed nor lost its runner."""
    explained = {AttemptStatus.FAILED, AttemptStatus.TIMED_OUT, AttemptStatus.LOST}
    numbers = [attempt.number for attempt in run.attempts]
    repeated = len(numbers) - len(set(numbers))
    return repeated + sum(1 for attempt in run.attempts[:-1] if attempt.status not in explained)


def _covers(run: Run, fire_time: datetime) -> bool:
    return run.missed is not None and run.missed.first <= fire_time <= run.missed.last


def _fate(run: Run) -> Fate:
    if run.started is not None:
        return Fate.FIRED
    match run.status:
        case RunStatus.SKIPPED:
            return Fate.SKIPPED
        case RunStatus.MISSED:
            return Fate.MISSED
        case RunStatus.CANCELLED:
            return Fate.CANCELLED
        case status:
            return Fate.REFUSED if status.terminal else Fate.IN_FLIGHT


def _excess(run: Run, *, owed: set[tuple[int, datetime]], covered: int, since: datetime, until: datetime) -> str | None:
    """Return what a record claims beyond what was owed, or None."""
    if run.missed is not None:
        whole = since <= run.missed.first and run.missed.last < until
        if whole and covered != run.missed.count:
            return f"counts {run.missed.count} missed, but {covered} were owed"
        return None
    if (run.generation, run.scheduled_for) in owed or (run.status is RunStatus.CANCELLED and not run.attempts):
        return None
    return "is a record of an occurrence that no revision owed"


def _unexplained(run: Run) -> str | None:
    if not run.status.terminal:
        return None if run.check_at is not None else f"is {run.status}, and nobody will look at it"
    if run.status in {RunStatus.SKIPPED, RunStatus.MISSED, RunStatus.CANCELLED} and not run.reason:
        return f"is {run.status} without a reason"
    if run.status is RunStatus.FAILED and run.error is None:
        return "is failed without an error"
    return None
