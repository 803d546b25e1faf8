"""The rate limits of a queue: dispatches a second, and dispatches at once."""

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
    """A queue's rate limits, with all defaults filled in."""

    model_config = ConfigDict(frozen=True)

    max_dispatches_per_second: float = _MAX_PER_SECOND
    max_concurrent_dispatches: int = 1000

    @property
    def max_burst_size(self) -> int:
        """The size of the token bucket: the dispatches of one second, at least one."""
        return max(1, math.ceil(self.max_dispatches_per_second))

    @property
    def interval(self) -> timedelta:
        """The time after which the bucket gets one more token."""
        seconds = 1 / self.max_dispatches_per_second
        return timedelta(seconds=min(seconds, _LONGEST_INTERVAL.total_seconds()))

    def checked(self, *, field: str) -> "RateLimits":
        """Return the limits if the API accepts them; raises InvalidFieldError, which names the part of `field`."""
        if not 0 < self.max_dispatches_per_second <= _MAX_PER_SECOND:
            raise InvalidFieldError(f"{field}.max_dispatches_per_second", problem="must be above 0, at most 500.")
        if not 0 < self.max_concurrent_dispatches <= _MAX_CONCURRENT:
            raise InvalidFieldError(f"{field}.max_concurrent_dispatches", problem="must be 1 to 5000.")
        return self


@dataclass(frozen=True, slots=True)
class Bucket:
    """A token bucket, represented by the instant at which it will be full again.

    In this form (the generic cell rate algorithm) nothing is rounded: at the instant that `opens_at` returns, the
    bucket does have a token.
    """

    full_at: datetime = _LONG_AGO

    def opens_at(self, limits: RateLimits, *, now: datetime) -> datetime:
        """Return the first instant, not before `now`, at which the bucket has a token."""
        missing = max(self.full_at - now, timedelta())
        excess = missing - (limits.max_burst_size - 1) * limits.interval
        return now + max(excess, timedelta())

    def taken(self, limits: RateLimits, *, now: datetime) -> "Bucket":
        """Return the bucket with one token less."""
        return Bucket(full_at=max(self.full_at, now) + limits.interval)
