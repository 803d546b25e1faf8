"""A field for a local time in a form that chooses what is shown: it means one instant in the reader's zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

from tock.core.errors import InvalidArgument
from tock.web.console.forms.local_instant import both_instants, local_text, typed_instant
from tock.web.resources.plausible import FIRST, LAST

_LONGEST_SHOWN = 64
_FIRST_OF_TWO = "0"


def instant_of(text: str, *, zone: ZoneInfo, field: str) -> datetime:
    """Return the instant of a local time such as `2027-01-04T09:00`, or of a time with an offset, in UTC.

    Of a local time that comes twice, because clocks go back, it is the first. Raises InvalidArgument for one that
    clocks skip, and for what is no time from 1970 to 2199.
    """
    try:
        instant = typed_instant(text, fold=_FIRST_OF_TWO, zone=zone)
    except ValueError as exc:
        raise InvalidArgument(field=field, value=text[:_LONGEST_SHOWN], remedy=str(exc)) from exc
    if not FIRST <= instant < LAST:
        raise InvalidArgument(field=field, value=text[:_LONGEST_SHOWN], remedy="takes a time from 1970 to 2199")
    return instant


def second_of(instant: datetime, *, zone: ZoneInfo) -> datetime | None:
    """Return the later instant of the same local time, if it comes twice because clocks go back; else None."""
    found = both_instants(local_text(instant, zone=zone), zone=zone)
    return found[-1] if found and found[-1] > instant else None


def field_text(instant: datetime, *, zone: ZoneInfo) -> str:
    """Return what a field for a local time holds for an instant, in whole seconds: `2027-01-04T09:00:00`."""
    return local_text(instant.replace(microsecond=0), zone=zone)
