"""Why a trigger ran or did not run at one time, judged as the proof judges it, with one sentence for people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from tock.core.proof.expected import GenerationPeriod, generation_periods
from tock.core.proof.occurrence import Occurrence, OccurrenceStatus
from tock.core.proof.proof import Proof
from tock.core.proof.what_became import what_became
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.schedule.past_fire_times import count_fire_times, newest_fire_time
from tock.core.schedule.schedule import fire_times, time_zone_of
from tock.core.schedule.schedule_text import local_time_text, schedule_text
from tock.core.time.instant import instant_text, just_before
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import PauseReason, Trigger, TriggerSpec
from tock.core.unreadable import Unreadable

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


class Verdict(StrEnum):
    """What became of a trigger at one time. The first nine are the proof's statuses of an occurrence."""

    #: Its run started, whatever its outcome.
    FIRED = "fired"
    #: Its overlap policy skipped it because an earlier run was active.
    SKIPPED = "skipped"
    #: The catch-up policy dropped it, or its start deadline, a pause or a deletion did.
    MISSED = "missed"
    #: Its run was cancelled before it started.
    CANCELLED = "cancelled"
    #: Its run failed without an attempt: its agent was missing, disabled or had no executor.
    REFUSED = "refused"
    #: Its run is held or queued and has not started yet.
    IN_FLIGHT = "in_flight"
    #: Its time has passed, but no tick has claimed it yet.
    DUE = "due"
    #: Its record, what the trigger was then, or the trigger that a tick should claim it from, cannot be read.
    UNREADABLE = "unreadable"
    #: It has no record, which is a fault.
    LOST = "lost"
    #: Its time has not come.
    TO_COME = "to_come"
    #: The trigger was disabled then.
    PAUSED = "paused"
    #: The version in force then does not have the time, but a later one does, or the one that it replaced.
    CHANGED = "changed"
    #: The trigger had been deleted.
    DELETED = "deleted"
    #: The trigger did not exist yet.
    NOT_CREATED = "not_created"
    #: The schedule has no such time.
    NOT_DUE = "not_due"


@dataclass(frozen=True, slots=True)
class Why:
    """What became of a trigger at one time."""

    time: datetime
    verdict: Verdict
    #: One sentence or two, for people.
    sentence: str
    #: The run that records it, or None.
    run: str | None
    #: The nearest times of the schedule in force then, before and after it; None if there is none.
    before: datetime | None
    after: datetime | None


def why(
    time: datetime,
    *,
    proof: Proof,
    revisions: Sequence[Revision],
    runs: Iterable[Run],
    trigger: Trigger | Unreadable | None,
    now: datetime,
) -> Why:
    """Return what became of the trigger at this time.

    Args:
        time: which time, with an offset.
        proof: that of the interval with this one instant.
        revisions: those that the proof was made of, from the first one of the generation in force then, and the one
            that it replaced.
        runs: those that the proof was made of.
        trigger: as it is now; None if it was deleted.
        now: the present time.
    """
    recorded = tuple(runs)
    period = _in_force(revisions, time)
    spec = None if period is None else period.spec
    if isinstance(trigger, Unreadable) and (_is_due(proof) or not (revisions or proof.unreadable)):
        verdict, run = Verdict.UNREADABLE, None
        sentence = f"No tick can claim it: the trigger {trigger.id!r} cannot be read: {trigger.problem}."
    elif proof.occurrences:
        verdict, sentence, run = _of_occurrence(proof.occurrences[0], proof=proof, runs=recorded, spec=spec, now=now)
    elif not revisions:
        problems = " ".join(f"{_capital(fault.problem)}." for fault in proof.unreadable)
        verdict, sentence, run = Verdict.UNREADABLE, problems, None
    else:
        verdict, sentence, run = _without_occurrence(
            time, period, revisions=revisions, runs=recorded, trigger=trigger, now=now
        )
    before, after = (None, None) if spec is None else (_nearest_before(spec, time), _nearest_after(spec, time))
    return Why(time, verdict, sentence, run=run, before=before, after=after)


def _is_due(proof: Proof) -> bool:
    """Whether the time is expected and no tick has claimed it."""
    return any(occurrence.status is OccurrenceStatus.DUE for occurrence in proof.occurrences)


def _of_occurrence(
    occurrence: Occurrence, *, proof: Proof, runs: Sequence[Run], spec: TriggerSpec | None, now: datetime
) -> tuple[Verdict, str, str | None]:
    """Return the verdict about an expected occurrence."""
    time, verdict = occurrence.fire_time, Verdict(occurrence.status)
    match occurrence.status:
        case OccurrenceStatus.DUE if time > now:
            sentence = (
                f"It is still to come: the trigger has the time {_local(time, spec)}, which no tick has claimed yet."
            )
            return Verdict.TO_COME, sentence, None
        case OccurrenceStatus.DUE:
            policy = "" if spec is None else f" by its catch-up policy, {spec.catch_up.mode}"
            return verdict, f"No tick has claimed it yet: the next one decides about it{policy}.", None
        case OccurrenceStatus.LOST:
            sentence = (
                "It has no record although the version in force then demands it: this is a fault of Tock's records."
            )
            return verdict, sentence, None
        case OccurrenceStatus.UNREADABLE:
            problem = next(fault.problem for fault in proof.unreadable if fault.run == occurrence.run)
            return verdict, f"Its record, run {occurrence.run}, {problem}.", occurrence.run
    run = next(run for run in runs if run.id == occurrence.run)
    if occurrence.status is OccurrenceStatus.IN_FLIGHT and time > now:
        return Verdict.TO_COME, f"It is still to come: run {run.id} was claimed for it, and starts then.", run.id
    return verdict, what_became(run, occurrence.status), run.id


def _without_occurrence(
    time: datetime,
    period: GenerationPeriod | None,
    *,
    revisions: Sequence[Revision],
    runs: Sequence[Run],
    trigger: Trigger | Unreadable | None,
    now: datetime,
) -> tuple[Verdict, str, str | None]:
    """Return why the version in force then does not demand the time."""
    if period is None:
        created = revisions[0]
        sentence = f"The trigger did not exist then: {created.author} created it at {instant_text(created.valid_from)}."
        return Verdict.NOT_CREATED, sentence, None
    version = _first_of(period.generation, revisions)
    if (spec := period.spec) is None:
        sentence = f"The trigger had been deleted: by {version.author} at {instant_text(version.valid_from)}."
        return Verdict.DELETED, sentence, None
    withdrawn = next((run for run in runs if run.scheduled_for == time and run.status is RunStatus.CANCELLED), None)
    run = None if withdrawn is None else withdrawn.id
    claimed = "" if withdrawn is None else f" Run {withdrawn.id}, which was claimed for it, was cancelled."
    if not spec.enabled and (withdrawn is not None or _has(spec, time)):
        disabled = "is disabled, so it does not fire" if time > now else "was disabled then"
        sentence = f"The trigger {disabled}: {_version(version)}{_note(trigger, version)}.{claimed}"
        return Verdict.PAUSED, sentence, run
    other = _having(time, revisions, besides=period.generation)
    if withdrawn is not None or other is not None:
        having = "" if other is None or withdrawn is not None else _other_version(other, revisions, period=period)
        sentence = f"The trigger was changed: {_version(version)}, does not have this time{having}.{claimed}"
        return Verdict.CHANGED, sentence, run
    return Verdict.NOT_DUE, _not_due(spec, time), None


def _first_of(generation: int, revisions: Sequence[Revision]) -> Revision:
    """Return the revision that began the generation: later ones changed only its words."""
    return next(revision for revision in revisions if revision.generation == generation)


def _note(trigger: Trigger | Unreadable | None, version: Revision) -> str:
    """Return why a tick disabled the trigger, if it did so with this version."""
    if not isinstance(trigger, Trigger) or trigger.generation != version.generation or trigger.paused is None:
        return ""
    invalid = trigger.paused.reason is PauseReason.INVALID
    return f", because a tick could not claim it: {trigger.paused.note.rstrip('.')}" if invalid else ""


def _having(time: datetime, revisions: Sequence[Revision], *, besides: int) -> Revision | None:
    """Return the newest revision of another generation that has the time."""
    return next(
        (
            each
            for each in reversed(revisions)
            if each.generation != besides and each.spec is not None and _has(each.spec, time)
        ),
        None,
    )


def _other_version(other: Revision, revisions: Sequence[Revision], *, period: GenerationPeriod) -> str:
    """Return which version has the time: one after the period, or one before it."""
    if other.generation > period.generation:
        first = _first_of(other.generation, revisions)
        return f"; version {first.number}, since {instant_text(first.valid_from)}, has it"
    ended = next(each.valid_from for each in revisions if each.generation > other.generation)
    return f"; version {other.number}, in force until {instant_text(ended)}, had it"


def _not_due(spec: TriggerSpec, time: datetime) -> str:
    if spec.start is not None and time < spec.start:
        return f"The trigger has no fire time before its start, {_local(spec.start, spec)}."
    if spec.end is not None and time >= spec.end:
        return f"The trigger has no fire time at or after its end, {_local(spec.end, spec)}."
    before, after = _nearest_before(spec, time), _nearest_after(spec, time)
    near = [f"{_local(each, spec)} {side}" for each, side in ((before, "before"), (after, "after")) if each is not None]
    nearest = (
        f"; the nearest are {' and '.join(near)}" if len(near) > 1 else f"; the nearest is {near[0]}" if near else ""
    )
    return f"The schedule has no such time: it fires {schedule_text(spec.schedule)}{nearest}."


def _in_force(revisions: Sequence[Revision], time: datetime) -> GenerationPeriod | None:
    """Return the period of the generation that decides about a fire time; None before the first one."""
    periods = [period for period in generation_periods(revisions) if period.begin < time]
    return periods[-1] if periods else None


def _has(spec: TriggerSpec, time: datetime) -> bool:
    """Whether the schedule has the time, within start and end, enabled or not."""
    within = (spec.start is None or time >= spec.start) and (spec.end is None or time < spec.end)
    return within and count_fire_times(spec.schedule, after=just_before(time), until=time) == 1


def _nearest_before(spec: TriggerSpec, time: datetime) -> datetime | None:
    last = time if spec.end is None else min(time, spec.end)
    first = _FIRST if spec.start is None else just_before(spec.start)
    return newest_fire_time(spec.schedule, after=first, until=just_before(last)) if first < last else None


def _nearest_after(spec: TriggerSpec, time: datetime) -> datetime | None:
    first = time if spec.start is None else max(time, just_before(spec.start))
    found = next(fire_times(spec.schedule, after=first), None)
    return None if found is None or (spec.end is not None and found >= spec.end) else found


def _version(revision: Revision) -> str:
    return f"version {revision.number}, in force since {instant_text(revision.valid_from)}, by {revision.author}"


def _local(time: datetime, spec: TriggerSpec | None) -> str:
    return local_time_text(time, time_zone="UTC" if spec is None else time_zone_of(spec.schedule))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
