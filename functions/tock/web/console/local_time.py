"""The instant of a local time that a person chose in a field of a form, in the zone in which they read times."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tock.core.errors import InvalidArgument
from tock.web.resources.plausible import FIRST, LAST

_LONGEST_SHOWN = 64


def instant_of(text: str, *, zone: ZoneInfo, field: str) -> datetime:
    """Return the instant of a local time such as `2027-01-04T09:00`, or of a time with an offset, in UTC.

    Of a local time that comes twice, because clocks go back, it is the first. Raises InvalidArgument for one that
    clocks skip, and for what is no time from 1970 to 2199.
    """
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError as exc:
        remedy = "is no time: write one such as 2027-01-04T09:00"
        raise InvalidArgument(field=field, value=text[:_LONGEST_SHOWN], remedy=remedy) from exc
    if not FIRST.year < given.year < LAST.year:
        raise InvalidArgument(field=field, value=text[:_LONGEST_SHOWN], remedy="takes a time from 1971 to 2199")
    if given.utcoffset() is not None:
        return given.astimezone(UTC)
    instant = given.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != given:
        remedy = f"does not exist in {zone.key}, whose clocks skip it: choose another time"
        raise InvalidArgument(field=field, value=text[:_LONGEST_SHOWN], remedy=remedy)
    return instant


def second_of(instant: datetime, *, zone: ZoneInfo) -> datetime | None:
    """Return the later instant of the same local time, if it comes twice because clocks go back; else None."""
    local = instant.astimezone(zone)
    later = local.replace(fold=1).astimezone(UTC)
    return later if later > instant else None


def field_text(instant: datetime, *, zone: ZoneInfo) -> str:
    """Return what a field for a local time holds for an instant: `2027-01-04T09:00:00`."""
    return instant.astimezone(zone).replace(tzinfo=None, microsecond=0).isoformat()
