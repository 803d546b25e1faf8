"""Whether the scheduler is alive, in words, by the same state as the health route."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tock.core.health.scheduler_state import TickCounters
from tock.web.resources.health import Health, HealthStatus


@dataclass(frozen=True, slots=True)
class Pulse:
    """How the scheduler is: a word, what is known, and what to do; the remedy is empty if nothing is to be done."""

    #: `alive`, `starting`, `failing` or `late`.
    state: str
    #: Before and after the time.
    text: str
    #: That of the last success or, before the first tick, of that; None if there was no success.
    at: datetime | None = None
    then: str = ""
    remedy: str = ""


def pulse_of(health: Health) -> Pulse:
    """Return how the scheduler is."""
    look = "Ask tock doctor what keeps it; then look at the log of the function tick."
    last = health.last_success
    if health.status is HealthStatus.STARTING:
        return Pulse("starting", "The first tick is due", at=health.first_tick_at)
    if last is None:
        return Pulse("late", "No tick has succeeded yet: no trigger fires.", remedy=look)
    if health.status is HealthStatus.LATE:
        return Pulse("late", "The last tick succeeded", at=last, then="Due triggers wait.", remedy=look)
    failures = health.consecutive_failures
    if failures:
        ticks = "tick" if failures == 1 else f"{failures} ticks"
        return Pulse("failing", f"The last {ticks} failed. The last success was", at=last, remedy=look)
    return Pulse("alive", "The last tick succeeded", at=last)


def tick_summary(counters: TickCounters) -> tuple[str, ...]:
    """Return what the last successful tick did: its counters that are not zero."""
    return tuple(_told(counters)) or ("had nothing to do",)


def _told(counters: TickCounters) -> Iterator[str]:
    numbers = (
        (counters.due, "found due"),
        (counters.claimed, "claimed"),
        (counters.enqueued, "tasks sent"),
        (counters.missed, "missed"),
        (counters.skipped, "skipped: somebody else was first"),
        (counters.rescued, "repaired"),
        (counters.disabled, "disabled as invalid"),
        (counters.failed, "failed, for a later tick"),
    )
    for number, word in numbers:
        if number:
            yield f"{number} {word}"
    if counters.unfinished:
        yield "stopped at its time budget"
