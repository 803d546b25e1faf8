"""Times as people read them: in a time zone, and how long ago or until then."""

from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_YEAR = timedelta(days=365)
#: Each unit, and the length from which on a larger one is used.
_UNITS = (
    ("s", timedelta(seconds=1), _MINUTE),
    ("m", _MINUTE, _HOUR),
    ("h", _HOUR, 2 * _DAY),
    ("d", _DAY, 2 * _YEAR),
    ("y", _YEAR, timedelta.max),
)


class Precision(StrEnum):
    """How much room a time takes."""

    #: `2027-01-01 09:00:00 +0100 (2h ago)`.
    FULL = "full"
    #: `09:00:00 (2h ago)` of the same day, otherwise `01-01 09:00 (3d ago)`, or with the year if it is another one.
    BRIEF = "brief"
    #: `2h ago`.
    RELATIVE = "relative"


def moment(text: str | None, *, now: datetime, zone: tzinfo | None = None, precision: Precision) -> str:
    """Return a server's time in the zone, or in this machine's if it is None; empty for no time."""
    if not text:
        return ""
    at = datetime.fromisoformat(text)
    if precision is Precision.RELATIVE:
        return relative(at, now=now)
    local, today = at.astimezone(zone), now.astimezone(zone)
    if precision is Precision.FULL:
        shown = local.strftime("%Y-%m-%d %H:%M:%S %z")
    elif local.date() == today.date():
        shown = local.strftime("%H:%M:%S")
    else:
        shown = local.strftime("%m-%d %H:%M" if local.year == today.year else "%Y-%m-%d %H:%M")
    return f"{shown} ({relative(at, now=now)})"


def relative(at: datetime, *, now: datetime) -> str:
    """Return how long ago a time was, or how long it is until then, in whole units: `2h ago`, `in 5m`, `now`."""
    distance = abs(at - now)
    if distance < timedelta(seconds=1):
        return "now"
    name, unit = next((name, unit) for name, unit, end in _UNITS if distance < end)
    length = f"{distance // unit}{name}"
    return f"in {length}" if at > now else f"{length} ago"
