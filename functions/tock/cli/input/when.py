"""Times and lengths as people type them: `2h ago`, `yesterday`, `tomorrow 9:00`, RFC 3339; `90s`, `2 hours`."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import IntEnum
from zoneinfo import ZoneInfo

import typer

from tock.cli.errors import UsageError
from tock.core.schedule.time_zones import instead_of_time_zone, is_time_zone
from tock.core.time.duration import duration_from_text
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


class Bare(IntEnum):
    """What a length without a word, such as `2h`, means where a time is asked for."""

    #: A time so long ago.
    PAST = -1
    #: Nothing: it is refused.
    REFUSED = 0
    #: A time so far ahead.
    AHEAD = 1


def instant(text: str, *, option: str, now: datetime, zone: tzinfo | None, bare: Bare = Bare.REFUSED) -> datetime:
    """Return the time that a text means, in UTC. A local time is one of the zone, or of this machine if that is None.

    `bare` says what a length without a word means. Raises UsageError, which names the option.
    """
    try:
        found = _instant(text.strip(), now=now, zone=zone)
        return found if isinstance(found, datetime) else _after(text.strip(), now, found, bare=bare)
    except (ValueError, OverflowError) as exc:
        raise UsageError(f"{option}: {text[:_LONGEST_SHOWN]!r} {exc or 'is no time'}.", details=_ACCEPTED) from exc


def length(text: str) -> timedelta:
    """Return the length that a text means: `90s`, `1h30m`, `PT15M`, `2 hours`. Raises ValueError."""
    if (match := _WORDED.fullmatch(text.strip().lower())) is not None:
        count = int(match[1])
        return timedelta(weeks=count) if match[2] == "week" else duration_from_text(f"{count}{_UNITS[match[2]]}")
    return duration_from_text(text.replace(" ", ""))


def length_option(text: str | timedelta) -> timedelta:
    """Return the length that an option or an argument means: the `parser` of each. Raises typer.BadParameter."""
    try:
        # Typer gives a default too.
        return length(text) if isinstance(text, str) else text
    except (ValueError, OverflowError) as exc:
        raise typer.BadParameter(str(exc)) from exc


@dataclass(frozen=True, slots=True)
class Here:
    """When and where a command is called: its times are those of the zone, or of this machine if that is None."""

    now: datetime
    zone: tzinfo | None

    def instant(self, text: str | None, *, option: str) -> datetime | None:
        """Return the time that an option's text means; None if it was not given. Raises UsageError."""
        return self._read(text, option=option, bare=Bare.REFUSED)

    def past(self, text: str | None, *, option: str) -> datetime | None:
        """Return the same, but a length such as `2h` is a time so long ago."""
        return self._read(text, option=option, bare=Bare.PAST)

    def _read(self, text: str | None, *, option: str, bare: Bare) -> datetime | None:
        return None if text is None else instant(text, option=option, now=self.now, zone=self.zone, bare=bare)


def zone_of(name: str | None, *, option: str) -> tzinfo | None:
    """Return the time zone of this IANA name; None, for this machine's, if there is no name. Raises UsageError."""
    if not name:
        return None
    if not is_time_zone(name):
        raise UsageError(f"{option}: {instead_of_time_zone(name)}")
    return ZoneInfo(name)


def _after(text: str, now: datetime, found: timedelta, *, bare: Bare) -> datetime:
    if bare is Bare.REFUSED:
        raise ValueError(f"is a length of time: write '{text} ago' or 'in {text}'")
    return now + bare * found


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
    found = _length_or_none(text)
    if found is None:
        raise ValueError(f"has no length of time that is known: {text!r}")
    return found


def _length_or_none(text: str) -> timedelta | None:
    try:
        return length(text)
    except ValueError:
        return None


def _from_iso(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as exc:
        raise ValueError("is no time") from exc
