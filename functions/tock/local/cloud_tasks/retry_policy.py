"""The retry policy of a task: when it is tried again, and when no more."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from tock.local.cloud_tasks.errors import InvalidFieldError

#: After this many doublings, even one microsecond exceeds the longest timedelta.
_MAX_DOUBLINGS = 64


class RetryPolicy(BaseModel):
    """A RetryConfig with all defaults filled in."""

    model_config = ConfigDict(frozen=True)

    #: The most attempts, including the first; -1 means no limit.
    max_attempts: int = 100
    #: The longest time since the first attempt; zero means no limit.
    max_retry_duration: timedelta = timedelta()
    min_backoff: timedelta = timedelta(milliseconds=100)
    max_backoff: timedelta = timedelta(hours=1)
    max_doublings: int = 16

    def delay(self, failures: int) -> timedelta:
        """Return the wait after the nth failure (from 1): first doubled, then growing linearly, up to `max_backoff`.

        The rule and its example (10 s, 300 s, 3 doublings: 10, 20, 40, 80, 160, 240, 300, 300) come from
        `RetryConfig.max_doublings` in the API reference.
        """
        doublings = min(failures - 1, self.max_doublings)
        if not self.min_backoff:
            return timedelta()
        if doublings > _MAX_DOUBLINGS:
            return self.max_backoff
        factor = 2**doublings * max(1, failures - self.max_doublings)
        microseconds = self.min_backoff // timedelta(microseconds=1) * factor
        return timedelta(microseconds=min(microseconds, self.max_backoff // timedelta(microseconds=1)))

    def is_exhausted(self, *, attempts: int, age: timedelta) -> bool:
        """Whether the task is given up after this many attempts, `age` after the first one.

        A task is given up when both limits are reached. A limit that is not set counts as reached, but a task without
        any limit is never given up.
        """
        counted, timed = self.max_attempts != -1, self.max_retry_duration > timedelta()
        if not counted and not timed:
            return False
        return (not counted or attempts >= self.max_attempts) and (not timed or age >= self.max_retry_duration)

    def checked(self, *, field: str) -> "RetryPolicy":
        """Return the policy if the API accepts it; raises InvalidFieldError, which names the part of `field`."""
        if self.max_attempts < -1:
            raise InvalidFieldError(f"{field}.max_attempts", problem="must be -1 or more.")
        if self.max_doublings < 0:
            raise InvalidFieldError(f"{field}.max_doublings", problem="must be 0 or more.")
        for name in ("max_retry_duration", "min_backoff", "max_backoff"):
            if getattr(self, name) < timedelta():
                raise InvalidFieldError(f"{field}.{name}", problem="must not be negative.")
        if self.min_backoff > self.max_backoff:
            raise InvalidFieldError(f"{field}.min_backoff", problem="must not exceed max_backoff.")
        return self
