"""The expected fire times of a trigger: each belongs to the one generation that was in force just before it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, groupby, pairwise

from tock.core.schedule.past_fire_times import count_fire_times
from tock.core.schedule.schedule import fire_times
from tock.core.time.instant import just_before
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import TriggerSpec


@dataclass(frozen=True, slots=True)
class GenerationPeriod:
    """When a generation was in force: for fire times after `begin`, up to and including `end`."""

    generation: int
    begin: datetime
    #: None while it is in force.
    end: datetime | None
    #: None if the generation is a deletion.
    spec: TriggerSpec | None

    def fire_times(self, *, since: datetime, until: datetime) -> Iterator[datetime]:
        """Yield the generation's fire times with `since <= fire time < until`, oldest first."""
        spec = self.spec
        if spec is None or not spec.enabled:
            return
        for fire_time in fire_times(spec.schedule, after=self._just_before(since, spec=spec)):
            past_end = self.end is not None and fire_time > self.end
            if past_end or fire_time >= until or (spec.end is not None and fire_time >= spec.end):
                return
            yield fire_time

    def count(self, *, first: datetime, last: datetime) -> int:
        """Return how many fire times the generation has from `first` to `last`, both included, without listing them."""
        spec = self.spec
        if spec is None or not spec.enabled:
            return 0
        if self.end is not None:
            last = min(last, self.end)
        if spec.end is not None:
            last = min(last, just_before(spec.end))
        return count_fire_times(spec.schedule, after=self._just_before(first, spec=spec), until=last)

    def demands(self, instant: datetime) -> bool:
        """Whether the generation has a fire time at this instant."""
        return self.count(first=instant, last=instant) == 1

    def _just_before(self, since: datetime, *, spec: TriggerSpec) -> datetime:
        after = max(self.begin, just_before(since))
        return after if spec.start is None else max(after, just_before(spec.start))


def generation_periods(revisions: Sequence[Revision]) -> tuple[GenerationPeriod, ...]:
    """Return the periods of a trigger's generations, oldest first, from its revisions, oldest first.

    An edit of name, description or labels makes a revision but no generation, so it begins no period. Clocks differ, so
    a generation's `valid_from` may be earlier than that of the generation before it; its period then begins where that
    one does.
    """
    first = [next(same) for _, same in groupby(revisions, key=lambda revision: revision.generation)]
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
    """Yield each expected fire time with `since <= fire time < until` and its generation, oldest first.

    `revisions` must begin with the one that was in force just before `since`.
    """
    return chain.from_iterable(
        ((fire_time, period.generation) for fire_time in period.fire_times(since=since, until=until))
        for period in generation_periods(revisions)
    )
