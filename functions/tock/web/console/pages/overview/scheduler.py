"""Whether the scheduler is alive, in words, by the same state as the health route."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from tock.core.scheduler_state import TickCounters
from tock.web.console.times import duration_text
from tock.web.resources.health import Health, HealthStatus


@dataclass(frozen=True, slots=True)
class Pulse:
    """How the scheduler is: a word, what is known, and what to do; the remedy is empty if nothing is to be done."""

    #: `alive`, `failing` or `late`.
    state: str
    text: str
    remedy: str


def pulse_of(health: Health) -> Pulse:
    """Return how the scheduler is."""
    look = "Ask tock doctor what keeps it; then look at the log of the function tick."
    age = None if health.age_seconds is None else duration_text(timedelta(seconds=health.age_seconds))
    if age is None:
        return Pulse("late", "No tick has ever succeeded: no trigger fires.", look)
    if health.status is HealthStatus.LATE:
        return Pulse("late", f"The last tick succeeded {age} ago: due triggers wait.", look)
    failures = health.consecutive_failures
    if failures:
        ticks = "tick" if failures == 1 else f"{failures} ticks"
        return Pulse("failing", f"The last {ticks} failed. The last success was {age} ago.", look)
    return Pulse("alive", f"The last tick succeeded {age} ago.", "")


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
