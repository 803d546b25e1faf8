"""Points in time as people type them: `2h ago`, `in 5m`, `yesterday`, `tomorrow 9:00`, dates and RFC 3339."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from tock.cli.errors import CommandError
from tock.core.schedule.time_zones import is_time_zone
from tock.core.time import duration_from_text
from tock.manifest.local_time import instant_in

_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
#: A time of day behind a day, with a word or two between them that people write.
_DAY = re.compile(
    r"(yesterday|today|tomorrow|\d{4}-\d\d-\d\d)?(?:(?:^|\s+(?:at\s+)?|[Tt])(\d{1,2}:\d\d(?::\d\d)?))?", re.ASCII
)
_AGO = re.compile(r"(.+?)\s+ago", re.ASCII)
_IN = re.compile(r"in\s+(.+)", re.ASCII)
_WORDED = re.compile(r"(\d+)\s*(second|sec|minute|min|hour|hr|day|week)s?", re.ASCII)
_UNITS = {"second": "s", "sec": "s", "minute": "m", "min": "m", "hour": "h", "hr": "h", "day": "d"}
_ACCEPTED = (
    "Write 2h ago, in 5m, yesterday, tomorrow 9:00, 2027-01-31, 2027-01-31 9:00 or 2027-01-31T09:00:00+01:00.",
)
_LONGEST_SHOWN = 64


def instant(text: str, *, option: str, now: datetime, zone: tzinfo | None, lengths_are_past: bool = False) -> datetime:
    """Return the time that a text means, in UTC. A local time is one of the zone, or of this machine if that is None.

    With `lengths_are_past`, a length without a word, such as `2h`, is a time so long ago; otherwise it is refused.
    Raises CommandError, which names the option.
    """
    try:
        found = _instant(text.strip(), now=now, zone=zone)
        return found if isinstance(found, datetime) else _past(text.strip(), now - found, allowed=lengths_are_past)
    except (ValueError, OverflowError) as exc:
        raise CommandError(f"{option}: {text[:_LONGEST_SHOWN]!r} {exc or 'is no time'}.", details=_ACCEPTED) from exc


@dataclass(frozen=True, slots=True)
class Here:
    """When and where a command is called: its times are those of the zone, or of this machine if that is None."""

    now: datetime
    zone: tzinfo | None

    def instant(self, text: str | None, *, option: str) -> datetime | None:
        """Return the time that an option's text means; None if it was not given. Raises CommandError."""
        return None if text is None else instant(text, option=option, now=self.now, zone=self.zone)

    def past(self, text: str | None, *, option: str) -> datetime | None:
        """Return the same, but a length such as `2h` is a time so long ago."""
        if text is None:
            return None
        return instant(text, option=option, now=self.now, zone=self.zone, lengths_are_past=True)


def zone_of(name: str | None, *, option: str) -> tzinfo | None:
    """Return the time zone of this IANA name; None, for this machine's, if there is no name. Raises CommandError."""
    if not name:
        return None
    if not is_time_zone(name):
        hint = "Write an IANA name, such as Europe/Berlin or UTC."
        raise CommandError(f"{option}: there is no time zone {name[:_LONGEST_SHOWN]!r}.", details=(hint,))
    return ZoneInfo(name)


def _past(text: str, at: datetime, *, allowed: bool) -> datetime:
    if not allowed:
        raise ValueError(f"is a length of time: write '{text} ago' or 'in {text}'")
    return at


def _instant(text: str, *, now: datetime, zone: tzinfo | None) -> datetime | timedelta:
    words = text.lower()
    if words == "now":
        return now
    if (match := _AGO.fullmatch(words)) is not None:
        return now - _length(match[1])
    if (match := _IN.fullmatch(words)) is not None:
        return now + _length(match[1])
    if words and (match := _DAY.fullmatch(words)) is not None:
        return instant_in(_local(match[1], match[2], today=now.astimezone(zone).date()), zone=zone)
    if (length := _length_or_none(words)) is not None:
        return length
    at = _from_iso(text)
    return at.astimezone(UTC) if at.tzinfo is not None else instant_in(at, zone=zone)


def _local(day: str | None, clock: str | None, *, today: date) -> datetime:
    """Return the local time of a day, or of today, at a time of day, or at midnight."""
    on = today if day is None else today + timedelta(days=_DAYS[day]) if day in _DAYS else _date(day)
    if clock is None:
        return datetime.combine(on, time())
    try:
        hour, minute, second = (*map(int, clock.split(":")), 0)[:3]
        return datetime.combine(on, time(hour, minute, second))
    except ValueError as exc:
        raise ValueError(f"has no time of day: {exc}") from exc


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise ValueError(f"is no date: {exc}") from exc


def _length(text: str) -> timedelta:
    length = _length_or_none(text)
    if length is None:
        raise ValueError(f"has no length of time that is known: {text!r}")
    return length


def _length_or_none(text: str) -> timedelta | None:
    if (match := _WORDED.fullmatch(text)) is not None:
        count = int(match[1])
        return timedelta(weeks=count) if match[2] == "week" else duration_from_text(f"{count}{_UNITS[match[2]]}")
    try:
        return duration_from_text(text.replace(" ", ""))
    except ValueError:
        return None


def _from_iso(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as exc:
        raise ValueError("is no time") from exc
