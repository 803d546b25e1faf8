"""The life of a run as parts: what it did and what it waited for, from its creation to its end."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tock.core.run.status import AttemptStatus

if TYPE_CHECKING:
    # Commands that show no timeline start faster without these.
    from tock.web.resources.runs.run import AttemptShape, RunResource


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a run's life, which may last until now."""

    name: str
    begin: datetime
    end: datetime
    #: What it came to; empty if the name says it.
    note: str = ""
    #: Whether the agent was at work.
    works: bool = False
    #: Whether it has not ended yet.
    goes_on: bool = False

    @property
    def length(self) -> timedelta:
        """How long it took."""
        return self.end - self.begin


def timeline(run: "RunResource", *, now: datetime) -> tuple[Segment, ...]:
    """Return the parts of a run's life, the earliest first; the last one of a run that is not over ends now."""
    found = [segment for segment in _segments(run, now=now) if segment.end > segment.begin or segment.works]
    if run.finished is None:
        found = [_so_far(each) if each.end == now else each for each in found]
    return tuple(sorted(found, key=lambda segment: (segment.begin, segment.end)))


def _so_far(segment: Segment) -> Segment:
    return replace(segment, note=f"{segment.note} so far".lstrip(), goes_on=True)


def _segments(run: "RunResource", *, now: datetime) -> Iterator[Segment]:
    until = run.finished or now
    created = run.created.at
    if created < run.scheduled_for:
        yield Segment("scheduled", created, min(run.scheduled_for, until), note="until its time")
    for hold in run.holds:
        behind = f"for a slot of {hold.in_line}" if hold.in_line else f"behind run {hold.behind}"
        yield Segment("held", hold.at, min(hold.until or until, until), note=behind)
    start = run.attempts[0].started if run.attempts else until
    yield from _queued(run, max(created, run.scheduled_for), start, name="queued")
    ends = (*(attempt.started for attempt in run.attempts[1:]), until)
    for attempt, end in zip(run.attempts, ends, strict=False):
        yield _work(attempt, now=now)
        yield from _after(run, attempt, end)


def _work(attempt: "AttemptShape", *, now: datetime) -> Segment:
    error = "" if attempt.error is None else f": {attempt.error.type}"
    note = f"{attempt.status.replace('_', ' ')}{error}"
    return Segment(f"attempt {attempt.number}", attempt.started, attempt.ended or now, note=note, works=True)


def _after(run: "RunResource", attempt: "AttemptShape", until: datetime) -> Iterator[Segment]:
    """Yield what came between an attempt's end and the next one, or the run's end."""
    begin = attempt.ended
    if begin is None:
        return
    if attempt.wait is not None:
        answered = until if attempt.wait.answer is None else min(attempt.wait.answer.at, until)
        yield Segment("waited", begin, answered, note=f"for {attempt.wait.wait_for}")
        yield from _queued(run, answered, until, name="queued")
    elif attempt.status in {AttemptStatus.FAILED, AttemptStatus.TIMED_OUT}:
        yield from _queued(run, begin, until, name="retry wait")
    else:
        yield from _queued(run, begin, until, name="queued")


def _queued(run: "RunResource", begin: datetime, until: datetime, *, name: str) -> Iterator[Segment]:
    """Yield the time from `begin` to `until` without the times at which the run was held."""
    for hold in sorted(run.holds, key=lambda hold: hold.at):
        if begin <= hold.at < until:
            if hold.at > begin:
                yield Segment(name, begin, hold.at)
            begin = min(hold.until or until, until)
    if until > begin:
        yield Segment(name, begin, until)
