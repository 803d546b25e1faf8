"""The crowd: daily triggers that are all due at the same second, made when a query finds them."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from heapq import merge
from itertools import islice

from tock.core.ids.derived import shard_of
from tock.core.schedule.schedule import CronSchedule
from tock.core.time.stamp import Stamp
from tock.core.trigger.trigger import Trigger, TriggerSpec

#: When all of them are due.
DUE = datetime(2027, 1, 5, 9, 0, tzinfo=UTC)
_INPUT = {"message": "Digest of {{payload.repo}}", "payload": {"repo": "acme/site", "branch": "main", "days": 7}}


class Crowd:
    """`count` triggers, spread evenly over projects; a trigger is a number until somebody reads it."""

    def __init__(self, count: int, *, projects: int, shards: int) -> None:
        self.projects = [f"p{number:06d}" for number in range(projects)]
        self.count = count
        self.left = count
        self._shards = shards
        self._claimed = bytearray(count)
        #: The numbers of each project and shard that are not known to be claimed, in ascending order.
        self._numbers: dict[tuple[int, int], list[int]] = {}
        for number in range(count):
            key = number * projects // count, shard_of(f"t{number:07d}", shards=shards)
            self._numbers.setdefault(key, []).append(number)

    def due(self, *, shards: Sequence[int], project: str | None, after: int, limit: int) -> list[int]:
        """Return the numbers of triggers that nobody has claimed, after one of them, in the order of their names."""
        found: list[int] = []
        for each in range(len(self.projects)) if project is None else [self.projects.index(project)]:
            found += islice(self._of_project(each, shards=shards, after=after), limit - len(found))
            if len(found) == limit:
                break
        return found

    def claim(self, number: int) -> bool:
        """Claim a trigger; return whether nobody has claimed it before."""
        if self._claimed[number]:
            return False
        self._claimed[number] = 1
        self.left -= 1
        return True

    def is_claimed(self, number: int) -> bool:
        """Whether somebody has claimed it."""
        return bool(self._claimed[number])

    def trigger(self, number: int) -> Trigger:
        """Return the trigger as a query finds it."""
        identifier = f"t{number:07d}"
        return self._template.model_copy(
            update={
                "project": self.projects[number * len(self.projects) // self.count],
                "id": identifier,
                "shard": shard_of(identifier, shards=self._shards),
            }
        )

    def _of_project(self, project: int, *, shards: Sequence[int], after: int) -> Iterator[int]:
        return merge(*(self._unclaimed((project, shard), after=after) for shard in shards))

    def _unclaimed(self, key: tuple[int, int], *, after: int) -> Iterator[int]:
        numbers = self._numbers.get(key, [])
        first = next((place for place, number in enumerate(numbers) if not self._claimed[number]), len(numbers))
        if first > 1000 or first == len(numbers):
            del numbers[:first]
            first = 0
        for place in range(max(bisect_right(numbers, after), first), len(numbers)):
            if not self._claimed[numbers[place]]:
                yield numbers[place]

    @cached_property
    def _template(self) -> Trigger:
        stamp = Stamp(at=DUE - timedelta(days=1), by="crowd")
        schedule = CronSchedule(cron=f"{DUE.minute} {DUE.hour} * * *")
        spec = TriggerSpec.model_validate({"agent": "worker", "schedule": schedule, "input": _INPUT})
        given = {"project": self.projects[0], "id": "t", "next_run_at": DUE, "shard": 0, "created": stamp}
        return Trigger.model_validate(dict(spec) | given | {"updated": stamp})
