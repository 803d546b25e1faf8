"""Times and durations as the console shows them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup

from tock.core.time.instant import instant_text

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
_DAYS_WITH_TIME = 1


def time_markup(instant: datetime | None, *, now: datetime, zone: ZoneInfo, absent: str = "-") -> Markup:
    """Return an instant as a `time` element: relative, then absolute in the reader's zone; UTC on hover.

    `console.js` keeps the relative part true while the page is open.
    """
    if instant is None:
        return Markup("<span class=absent>{}</span>").format(absent)
    return Markup(
        '<time datetime="{utc}" title="{utc}"><span class=ago data-ago>{ago}</span> <span class=at>{at}</span></time>'
    ).format(
        utc=instant_text(instant), ago=relative_text(instant, now=now), at=absolute_text(instant, now=now, zone=zone)
    )


def relative_text(instant: datetime, *, now: datetime) -> str:
    """Return how far away an instant is: `3 min ago`, `in 2 h`, `now`."""
    seconds = round((instant - now).total_seconds())
    if seconds == 0:
        return "now"
    size, unit = next((size, unit) for size, unit in _UNITS if abs(seconds) >= size)
    amount = f"{abs(seconds) // size} {unit}"
    return f"in {amount}" if seconds > 0 else f"{amount} ago"


def absolute_text(instant: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """Return an instant in a zone: `14:05:09` today, `24 Nov 14:05` this year, `24 Nov 2025 14:05` in another one."""
    local, today = in_zone(instant, zone=zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M:%S}"
    return day_and_time_text(instant, now=now, zone=zone)


def day_and_time_text(instant: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """Return an instant in a zone, always with its day: `24 Nov 14:05` this year, `24 Nov 2025 14:05` in another."""
    local, today = in_zone(instant, zone=zone), now.astimezone(zone)
    year = "" if local.year == today.year else f" {local:%Y}"
    return f"{local.day} {local:%b}{year} {local:%H:%M}"


def in_zone(instant: datetime, *, zone: ZoneInfo) -> datetime:
    """Return an instant in a zone, or in UTC if the zone's calendar, from year 1 to 9999, does not have it."""
    try:
        return instant.astimezone(zone)
    except OverflowError:
        return instant.astimezone(UTC)


def duration_text(length: timedelta | float | None) -> str:
    """Return a length of time: `350 ms`, `4.2 s`, `3 min 5 s`, `2 h 10 min`; seconds may come as a number."""
    if length is None:
        return "-"
    seconds = length.total_seconds() if isinstance(length, timedelta) else length
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.1f} s"
    whole = round(seconds)
    parts = []
    for size, unit in _UNITS:
        amount, whole = divmod(whole, size)
        if amount:
            parts.append(f"{amount} {unit}")
    return " ".join(parts[:2])
