"""Whether a chaos shows anything: that there was work, and that nothing of what was to befall it was left out."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import timedelta

from chaos.diary import Stint
from chaos.plan import Fault, Kind
from tock.core.proof.occurrence import OccurrenceStatus


class NotPerformed(Exception):
    """What was to be shown could not be; the message says what was missing."""


def require_room(plan: Sequence[Fault]) -> None:
    """Return if the plan has every kind of fault. Raises NotPerformed."""
    if missing := _without({fault.kind for fault in plan}):
        raise NotPerformed(f"there is no time for every kind of fault: {missing} would be left out; take more MINUTES")


def require_set_up(took: timedelta, *, reserved: timedelta) -> None:
    """Return if the triggers were there in time; else their fire times would end before the faults do.

    Raises NotPerformed.
    """
    if took > reserved:
        lasted = f"{took.total_seconds():.0f} s, and {reserved.total_seconds():.0f} s are reserved for it"
        raise NotPerformed(f"creating the triggers took {lasted}: take fewer TRIGGERS, or a machine that is less busy")


def require_performance(*, counts: Counter[OccurrenceStatus], stints: Sequence[Stint], injected: Counter[Kind]) -> None:
    """Return if occurrences were fired, an agent did its work, and every kind of fault came. Raises NotPerformed."""
    problems = []
    if not counts[OccurrenceStatus.FIRED]:
        problems.append("no occurrence was fired")
    if not any(stint.outcome == "done" for stint in stints):
        problems.append("no agent wrote that it did its work")
    if missing := _without({kind for kind, times in injected.items() if times}):
        problems.append(f"of the faults there was no {missing}")
    if problems:
        raise NotPerformed(f"nothing was violated, but that shows nothing: {'; '.join(problems)}")


def _without(kinds: Collection[Kind]) -> str:
    return ", ".join(kind.value for kind in Kind if kind not in kinds)
