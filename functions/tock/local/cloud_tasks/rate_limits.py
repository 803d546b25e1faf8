"""How fast and how wide a queue may dispatch."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict

from tock.local.cloud_tasks.errors import InvalidFieldError

#: Limits of the API: https://cloud.google.com/tasks/docs/quotas
_MAX_PER_SECOND = 500.0
_MAX_CONCURRENT = 5000
_LONGEST_INTERVAL = timedelta(days=31)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class RateLimits(BaseModel):
    """The limits of a queue with every default filled in."""

    model_config = ConfigDict(frozen=True)

    max_dispatches_per_second: float = _MAX_PER_SECOND
    max_concurrent_dispatches: int = 1000

    @property
    def max_burst_size(self) -> int:
        """What the bucket holds: one second's worth of dispatches, at least one."""
        return max(1, math.ceil(self.max_dispatches_per_second))

    @property
    def interval(self) -> timedelta:
        """The time in which one token flows into the bucket."""
        seconds = 1 / self.max_dispatches_per_second
        return timedelta(seconds=min(seconds, _LONGEST_INTERVAL.total_seconds()))

    def checked(self, *, field: str) -> "RateLimits":
        """Itself, if the API would accept it; raises InvalidFieldError naming the part of `field`."""
        if not 0 < self.max_dispatches_per_second <= _MAX_PER_SECOND:
            raise InvalidFieldError(f"{field}.max_dispatches_per_second", problem="must be above 0, at most 500.")
        if not 0 < self.max_concurrent_dispatches <= _MAX_CONCURRENT:
            raise InvalidFieldError(f"{field}.max_concurrent_dispatches", problem="must be 1 to 5000.")
        return self


@dataclass(frozen=True, slots=True)
class Bucket:
    """A token bucket, kept as the one instant at which it will be full again.

    In this form (the generic cell rate algorithm) nothing is rounded: a bucket that opens at an instant is open
    at that instant.
    """

    full_at: datetime = _LONG_AGO

    def opens_at(self, limits: RateLimits, *, now: datetime) -> datetime:
        """The first instant, from now on, that has a token."""
        missing = max(self.full_at - now, timedelta())
        excess = missing - (limits.max_burst_size - 1) * limits.interval
        return now + max(excess, timedelta())

    def taken(self, limits: RateLimits, *, now: datetime) -> "Bucket":
        """The bucket with one token less."""
        return Bucket(full_at=max(self.full_at, now) + limits.interval)
