"""What a draft would do: its next fire times in two zones, and the message of the first run."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from tock.core.errors import InvalidArgument
from tock.core.schedule.schedule import OnceSchedule, Schedule, time_zone_of
from tock.core.schedule.schedule_text import schedule_text
from tock.core.trigger.filled_input import filled_input, missing_placeholders
from tock.core.trigger.trigger import Input
from tock.web.console.pages.triggers.editor.trigger_form.draft import Draft
from tock.web.console.times import in_zone, relative_text
from tock.web.resources.triggers.preview import Fire, Preview, PreviewQuery, preview, preview_new

_SCHEDULE: TypeAdapter[Schedule] = TypeAdapter(Schedule)
_INPUT = TypeAdapter(Input)

#: The most placeholders that an error names.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class FireRow:
    """One fire time as people read it."""

    fire: Fire
    #: In the schedule's zone.
    there: str
    #: In the reader's zone.
    here: str
    ago: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a draft would do; parts of it that cannot be told are None."""

    words: str | None = None
    preview: Preview | None = None
    rows: tuple[FireRow, ...] = ()
    #: The message of the run at the first of these fire times.
    message: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """The clock changes near these fire times, in words, each once."""
        return tuple(dict.fromkeys(row.fire.clock_change for row in self.rows if row.fire.clock_change))


def look_ahead(draft: Draft, *, now: datetime, shortest_interval: timedelta, is_new: bool) -> tuple[Outlook, Draft]:
    """Return what the draft would do, and the draft with what is wrong with its schedule and message.

    A schedule that was stored before a rule came may stay, so only one that was typed is checked.
    """
    schedule = _valid(_SCHEDULE, draft.fields["schedule"])
    if schedule is None or any(name.startswith("schedule.") for name in draft.errors):
        return _with_message(draft, Outlook(), at=now, time_zone="UTC", is_new=is_new)
    found: Preview | None = None
    start, end = (None if name in draft.errors else draft.fields[name] for name in ("start", "end"))
    try:
        if is_new or "schedule" in draft.changed:
            found = preview_new(
                schedule,
                PreviewQuery(),
                now=now,
                shortest_interval=shortest_interval,
                start=start,
                end=end,
                enabled=bool(draft.fields["enabled"]),
            )
        else:
            found = preview(schedule, PreviewQuery(), now=now, start=start, end=end)
    except InvalidArgument as exc:
        draft = draft.with_errors([(exc.field, exc.remedy)])
    rows = () if found is None else tuple(_row(fire, found.time_zone, draft.zone, now=now) for fire in found.fires)
    outlook = Outlook(words=_words(schedule, draft.zone, now=now), preview=found, rows=rows)
    first = rows[0].fire.time if rows else now
    return _with_message(draft, outlook, at=first, time_zone=time_zone_of(schedule), is_new=is_new)


def zoned_text(instant: datetime, *, zone: ZoneInfo, now: datetime) -> str:
    """Return an instant in a zone, with its weekday and offset: `Mon 4 Jan 2027 09:00 +01:00`, without this year."""
    local = in_zone(instant, zone=zone)
    year = "" if local.year == now.astimezone(zone).year else f" {local.year}"
    clock = f"{local:%H:%M:%S}" if local.second or local.microsecond else f"{local:%H:%M}"
    return f"{local:%a} {local.day} {local:%b}{year} {clock} {local.isoformat(timespec='seconds')[19:]}"


def _with_message(
    draft: Draft, outlook: Outlook, *, at: datetime, time_zone: str, is_new: bool
) -> tuple[Outlook, Draft]:
    """Fill the placeholders as a claim does, and name those that have no value."""
    given = draft.fields["input"]
    found = _valid(_INPUT, given if isinstance(given, Input) else dict(given))
    if found is None or found.message is None or "input.payload" in draft.errors:
        return outlook, draft
    filled = filled_input(found, scheduled_for=at, time_zone=time_zone)
    warnings = filled.warnings
    if (is_new or "input" in draft.changed) and (missing := missing_placeholders(found)):
        names = ", ".join(f"{{{{{name}}}}}" for name in missing[:_NAMED])
        remedy = f"the payload has no value for {names}: add it to the payload, or correct the placeholder"
        draft, warnings = draft.with_errors([("input.message", remedy)]), ()
    return (
        Outlook(outlook.words, outlook.preview, outlook.rows, message=filled.snapshot.message, warnings=warnings),
        draft,
    )


def _row(fire: Fire, time_zone: str, zone: ZoneInfo, *, now: datetime) -> FireRow:
    there, here = (zoned_text(fire.time, zone=each, now=now) for each in (ZoneInfo(time_zone), zone))
    return FireRow(fire=fire, there=there, here=here, ago=relative_text(fire.time, now=now))


def _words(schedule: Schedule, zone: ZoneInfo, *, now: datetime) -> str:
    if isinstance(schedule, OnceSchedule):
        return f"once, at {zoned_text(schedule.at, zone=zone, now=now)} ({zone})"
    return schedule_text(schedule)


def _valid(kind: TypeAdapter[Any], value: Any) -> Any:
    try:
        return kind.validate_python(value)
    except ValidationError:
        return None
