"""What a deployment refuses of a schedule that somebody writes, although it can be read.

These rules are no part of the grammar: a trigger that was stored before a rule came keeps its fire times.
"""

from datetime import datetime, timedelta

from tock.core.errors import InvalidArgument
from tock.core.schedule.cron.dialects import year_last
from tock.core.schedule.cron.field import FIELDS
from tock.core.schedule.cron.fields import field_texts
from tock.core.schedule.cron.second_first import second_first
from tock.core.schedule.schedule import CronSchedule, Schedule, shortest_gap
from tock.core.time.duration import duration_text
from tock.core.time.instant import instant_text


def check_schedule(schedule: Schedule, *, shortest_interval: timedelta) -> None:
    """Raise InvalidArgument unless the schedule is one that a deployment accepts.

    A cron text that other programs read in another way is refused, a step that leads beyond its field, and a schedule
    whose fire times may be closer together than `shortest_interval`.
    """
    if isinstance(schedule, CronSchedule):
        problem = year_last(schedule.cron) or second_first(schedule.cron) or _too_large_step(schedule.cron)
        if problem is not None:
            raise InvalidArgument(field="schedule.cron", value=schedule.cron, remedy=problem)
    gap = shortest_gap(schedule)
    if gap is not None and gap < shortest_interval:
        shortest = duration_text(shortest_interval)
        remedy = f"fires every {duration_text(gap)}: this deployment accepts {shortest} or more between two fire times"
        raise InvalidArgument(field="schedule", value=schedule.model_dump(mode="json"), remedy=remedy)


def no_fire_time_left(schedule: Schedule, *, now: datetime) -> InvalidArgument:
    """Return the error that the schedule has no fire time after `now`."""
    remedy = f"has no fire time after now ({instant_text(now)}): choose a later one, or move `start` or `end`"
    return InvalidArgument(field="schedule", value=schedule.model_dump(mode="json"), remedy=remedy)


def _too_large_step(cron: str) -> str | None:
    problems = (field.too_large_step(text) for field, text in zip(FIELDS, field_texts(cron), strict=True))
    return next((problem for problem in problems if problem is not None), None)
