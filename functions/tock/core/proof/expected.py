"""What a trigger's revisions owe: every fire time belongs to the one generation that was in force before it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, groupby, pairwise

from tock.core.schedule.schedule import fire_times
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import TriggerSpec

_SHORTEST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class GenerationPeriod:
    """How long a generation was in force: for fire times after `begin`, up to `end` and including it."""

    generation: int
    begin: datetime
    #: None while it is in force.
    end: datetime | None
    #: None when the trigger was deleted.
    spec: TriggerSpec | None

    def fire_times(self, *, since: datetime, until: datetime) -> Iterator[datetime]:
        """Yield its fire times with `since <= fire time < until`, the oldest first."""
        spec = self.spec
        if spec is None or not spec.enabled:
            return
        after = max(self.begin, since - _SHORTEST)
        if spec.start is not None:
            after = max(after, spec.start - _SHORTEST)
        for fire_time in fire_times(spec.schedule, after=after):
            over = self.end is not None and fire_time > self.end
            if over or fire_time >= until or (spec.end is not None and fire_time >= spec.end):
                return
            yield fire_time


def generation_periods(revisions: Sequence[Revision]) -> tuple[GenerationPeriod, ...]:
    """Return the terms of a trigger's generations from its revisions, both the oldest first.

    An edit of labels makes a revision and no generation: fire times stay whose they were. Clocks differ, so that a
    generation may say it began before the one that it followed; it never reaches back into that one.
    """
    first = [next(several) for _, several in groupby(revisions, key=lambda revision: revision.generation)]
    begins: list[datetime] = []
    for revision in first:
        begins.append(max(revision.valid_from, begins[-1]) if begins else revision.valid_from)
    return tuple(
        GenerationPeriod(generation=revision.generation, begin=begin, end=end, spec=revision.spec)
        for revision, (begin, end) in zip(first, pairwise([*begins, None]), strict=True)
        if begin is not None
    )


def expected_fire_times(
    revisions: Sequence[Revision], *, since: datetime, until: datetime
) -> Iterator[tuple[datetime, int]]:
    """Yield each fire time with `since <= fire time < until` and the generation that owes it, the oldest first.

    The revisions reach back to the one that was in force before `since`.
    """
    return chain.from_iterable(
        ((fire_time, term.generation) for fire_time in term.fire_times(since=since, until=until))
        for term in generation_periods(revisions)
    )
