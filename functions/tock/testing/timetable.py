"""`tock.testing.fire_times`: when a definition fires."""

from datetime import datetime
from itertools import islice, takewhile
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from tock.core.errors import InvalidArgument
from tock.core.time.instant import Instant, just_before
from tock.core.trigger.trigger import TriggerSpec
from tock.definitions.place import Place
from tock.definitions.registry import TriggerDefinition
from tock.definitions.schedules import Schedule
from tock.manifest.code.modules import written
from tock.manifest.comparison.fire_changes import Timetable
from tock.manifest.entry import checked
from tock.manifest.problem import DefinitionsRefused

#: The most fire times that are returned.
MOST = 100_000


def fire_times(trigger: TriggerDefinition | Schedule, start: datetime | str, end: datetime | str) -> list[datetime]:
    """Return the fire times from `start` to before `end`, in UTC, oldest first.

    `trigger` is what `tock.trigger` returned, whose own start and end count too, or a `tock.cron`, `tock.every` or
    `tock.at`. A local time that a clock change skips or repeats is decided as in a deployment
    (docs/guides/schedules.md).
    `start` and `end` are aware times, or RFC 3339 texts with an offset.

    Raises InvalidArgument (a time without an offset, more than 100,000 fire times), DefinitionsRefused.
    """
    spec = _spec(trigger)
    first, last = _instant(start, field="start"), _instant(end, field="end")
    timetable = Timetable(spec.schedule, spec.start, spec.end)
    found = takewhile(lambda fire_time: fire_time < last, timetable.fire_times(after=just_before(first)))
    listed = list(islice(found, MOST + 1))
    if len(listed) > MOST:
        remedy = f"there are more than {MOST} fire times until then: give an earlier end"
        raise InvalidArgument(field="end", value=end, remedy=remedy)
    return listed


def _spec(trigger: TriggerDefinition | Schedule) -> TriggerSpec:
    definition = trigger
    if isinstance(definition, Schedule):
        fields = {"agent": "agent", "schedule": definition}
        definition = TriggerDefinition("schedule", Place(module="", file="", line=0), fields)
    if not isinstance(cast("object", definition), TriggerDefinition):
        remedy = "give what tock.trigger returned, or a tock.cron, tock.every or tock.at"
        raise InvalidArgument(field="trigger", value=trigger, remedy=remedy)
    found, problems = written(definition)
    if problems:
        raise DefinitionsRefused(problems)
    entry = checked(found)
    if isinstance(entry, list):
        raise DefinitionsRefused(entry)
    if not isinstance(entry.spec, TriggerSpec):
        raise TypeError("a definition of a trigger became something else")
    return entry.spec


def _instant(value: Any, *, field: str) -> datetime:
    try:
        instant: datetime = TypeAdapter(Instant).validate_python(value)
    except ValidationError as exc:
        raise InvalidArgument(field=field, value=value, remedy=exc.errors()[0]["msg"]) from exc
    return instant
