"""What Google Cloud documents as the limits of its services, as rates on virtual time.

- An index of sequential values takes 500 writes a second (Firestore, "Quotas and limits", and "Best practices",
  "Index exemptions").
- A new collection takes 500 operations a second, and 50 % more every 5 minutes (Firestore, "Best practices",
  "Ramping up traffic").
- A queue starts 500 tasks a second (Cloud Tasks, "Quotas and limits") and has 5,000 in progress (`RateLimits`).
- A region takes 6,000,000 requests to Cloud Tasks a minute (the same page).
- Cold queues together take 500 operations a second, and 50 % more every 5 minutes (Cloud Tasks, "Manage scaling
  risks").
- Cloud Run decides every 5 s how many instances a function needs; a request waits 10 s for one, then it gets 429
  (Cloud Run, "About instance autoscaling").
"""

from dataclasses import dataclass, field

#: Writes a second to one range of an index whose values are sequential (Firestore).
SEQUENTIAL_WRITES = 500.0
#: Where a ramp begins, in operations a second (Firestore, Cloud Tasks).
RAMP_START = 500.0
#: What a ramp grows by, and every how many seconds.
RAMP_FACTOR, RAMP_SECONDS = 1.5, 300.0
#: Tasks that one queue starts a second, and how many it has in progress at once (Cloud Tasks).
QUEUE_DISPATCHES, QUEUE_DELIVERIES = 500.0, 5_000
#: Requests a second to Cloud Tasks: 6,000,000 a minute.
TASK_REQUESTS = 100_000.0
#: Every how many seconds Cloud Run decides how many instances a function needs.
AUTOSCALER_SECONDS = 5.0
#: The part of an instance's concurrency that the autoscaler means to use.
AUTOSCALER_TARGET = 0.6
#: How many seconds a request waits for an instance before it gets 429 (Cloud Run).
LONGEST_PENDING = 10.0


@dataclass(slots=True)
class Rate:
    """So many operations a second at most; with `ramp`, 500 at its first use and half as many more every 5 minutes."""

    most: float
    ramp: bool = False
    _began: float | None = None
    _free_at: float = field(default=float("-inf"))

    def wait(self, now: float) -> float:
        """Return how many seconds an operation waits that comes now."""
        return max(self._free_at - now, 0.0)

    def take(self, count: int, *, now: float) -> None:
        """Use up the time that this many operations take."""
        if self._began is None:
            self._began = now
        begin = max(self._free_at, now)
        self._free_at = begin + count / self._at(begin)

    def _at(self, time: float) -> float:
        if not self.ramp or self._began is None:
            return self.most
        return min(RAMP_START * RAMP_FACTOR ** ((time - self._began) // RAMP_SECONDS), self.most)
