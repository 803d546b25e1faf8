"""Times as people read them: in a time zone, and how long ago or until then."""

from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from tock.cli.output.lengths import roughly


class Precision(StrEnum):
    """How much room a time takes."""

    #: `2027-01-01 09:00:00 +0100 (2h ago)`.
    FULL = "full"
    #: `09:00:00 (2h ago)` of the same day, otherwise `01-01 09:00 (3d ago)`, or with the year if it is another one.
    BRIEF = "brief"
    #: `2h ago`.
    RELATIVE = "relative"


def moment(
    time: datetime | str | None, *, now: datetime, zone: tzinfo | None = None, precision: Precision = Precision.FULL
) -> str:
    """Return a time, or a server's text of one, in the zone, or in this machine's if it is None; empty for no time."""
    if not time:
        return ""
    at = datetime.fromisoformat(time) if isinstance(time, str) else time
    if precision is Precision.RELATIVE:
        return relative(at, now=now)
    local, today = at.astimezone(zone), now.astimezone(zone)
    if precision is Precision.FULL:
        shown = exact(at, zone=zone)
    elif local.date() == today.date():
        shown = local.strftime("%H:%M:%S")
    else:
        shown = local.strftime("%m-%d %H:%M" if local.year == today.year else "%Y-%m-%d %H:%M")
    return f"{shown} ({relative(at, now=now)})"


def exact(at: datetime | None, *, zone: tzinfo | None) -> str:
    """Return a time to the second with its offset, in the zone, or in this machine's if it is None; empty for None."""
    return "" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %z")


def relative(at: datetime, *, now: datetime) -> str:
    """Return how long ago a time was, or how long it is until then, in whole units: `2h ago`, `in 5m`, `now`."""
    distance = abs(at - now)
    if distance < timedelta(seconds=1):
        return "now"
    return f"in {roughly(distance)}" if at > now else f"{roughly(distance)} ago"
