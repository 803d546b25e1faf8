"""A mark of the timeline: one run, one range of missed fire times, or one fire time to come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from tock.core.run.admission.lateness import PUNCTUAL
from tock.core.run.run import Run
from tock.core.trigger.upcoming import Upcoming
from tock.web.console.times import absolute_text, duration_text
from tock.web.resources.runs.shown_status import shown_status
from tock.web.resources.runs.why import why

#: The most characters of an error in the title of a mark.
_LONGEST = 120


class MarkKind(StrEnum):
    """What a mark tells, the worst first: several runs on one place are shown as the worst of them."""

    #: The last attempt failed.
    FAILED = "failed"
    #: The last attempt was aborted at its timeout, or nobody answered in time.
    TIMED_OUT = "timed_out"
    #: One or several fire times that no run was made for.
    MISSED = "missed"
    #: The run waits for a callback, an approval or an answer.
    WAITING = "waiting"
    #: An attempt of the run failed, and the next one comes after a wait.
    RETRYING = "retrying"
    #: The run is at work.
    RUNNING = "running"
    #: The run waits for an earlier one, or for a slot.
    HELD = "held"
    #: Somebody or an edit cancelled the run.
    CANCELLED = "cancelled"
    #: The overlap policy skipped the run.
    SKIPPED = "skipped"
    #: The agent did its work.
    SUCCEEDED = "succeeded"
    #: The run may start at any moment.
    QUEUED = "queued"
    #: A fire time to come, whether it has a run already or not.
    SCHEDULED = "scheduled"


_WORST_FIRST = {kind: place for place, kind in enumerate(MarkKind)}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened, happens or will happen at a time."""

    at: datetime
    kind: MarkKind
    #: What became of it and when, for the reader.
    title: str
    #: Its time as the reader's clocks show it.
    when: str
    trigger: str | None
    #: Where its bar begins and ends; None if it has none. A running one ends now.
    begin: datetime | None = None
    end: datetime | None = None
    #: None for a fire time to come.
    run: str | None = None
    #: How many occurrences it stands for.
    count: int = 1


def mark_of_run(run: Run, *, now: datetime, zone: ZoneInfo) -> Mark:
    """Return the mark of a run. It stands at its fire time, or at the time of the request."""
    kind = MarkKind(shown_status(run, now=now))
    begin, end = run.started, run.finished or (now if kind is MarkKind.RUNNING else None)
    count = 1
    if run.missed is not None:
        begin, end, count = run.missed.first, run.missed.last, run.missed.count
    return Mark(
        at=run.scheduled_for,
        kind=kind,
        title="; ".join(_said_of(run, kind, count=count, now=now, zone=zone)),
        when=absolute_text(run.scheduled_for, now=now, zone=zone),
        trigger=run.trigger,
        begin=begin,
        end=end if begin is not None else None,
        run=run.id,
        count=count,
    )


def mark_of_upcoming(item: Upcoming, *, now: datetime, zone: ZoneInfo) -> Mark:
    """Return the mark of a fire time that no tick has claimed."""
    when = absolute_text(item.due_at, now=now, zone=zone)
    title = f"scheduled, {when}; {item.agent}"
    return Mark(at=item.due_at, kind=MarkKind.SCHEDULED, title=title, when=when, trigger=item.trigger)


def worst(marks: Iterable[Mark]) -> MarkKind:
    """Return the kind that several marks on one place are shown as."""
    return min((mark.kind for mark in marks), key=_WORST_FIRST.__getitem__)


def rank(kind: MarkKind) -> int:
    """Return the place of a kind, the worst first."""
    return _WORST_FIRST[kind]


def _said_of(run: Run, kind: MarkKind, *, count: int, now: datetime, zone: ZoneInfo) -> list[str]:
    status = kind.replace("_", " ")
    at = absolute_text(run.scheduled_for, now=now, zone=zone)
    said = [f"{status}, {at}", run.agent]
    if count > 1 and run.missed is not None:
        said[0] = f"{status}, {count} fire times from {at} to {absolute_text(run.missed.last, now=now, zone=zone)}"
    if run.lateness is not None and run.lateness > PUNCTUAL and run.trigger is not None:
        said.append(f"started {duration_text(run.lateness)} late")
    if run.duration is not None:
        said.append(f"took {duration_text(run.duration)}")
    if (because := why(run)) is not None:
        said.append(because.replace("_", " ")[:_LONGEST])
    return said
