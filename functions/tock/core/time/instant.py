"""Points in time (`Instant`), as Tock stores and sends them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

from tock.core.time.remedies import LONGEST_TEXT, impossible_time, instead_of_time

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?P<offset>[Zz]|[+-]\d\d:\d\d)?", re.ASCII)


def instant_text(value: datetime) -> str:
    """Return an aware time as RFC 3339 text in UTC, ending in `Z`."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def just_before(instant: datetime) -> datetime:
    """Return the instant a microsecond earlier; the first one of the calendar is returned as it is."""
    shortest = timedelta(microseconds=1)
    return instant if instant - datetime.min.replace(tzinfo=UTC) < shortest else instant - shortest


def _readable_instant(value: object) -> object:
    match value:
        case datetime() if value.tzinfo is UTC:
            return value
        case datetime():
            given, has_offset = value.isoformat(), value.utcoffset() is not None
        case str() if (match := _INSTANT.fullmatch(value)) is not None:
            if (problem := impossible_time(value)) is not None:
                raise ValueError(problem)
            given, has_offset = value, match["offset"] is not None
        case str():
            raise ValueError(instead_of_time(value[:LONGEST_TEXT]))
        case _:
            shown = repr(value)[:LONGEST_TEXT]
            raise ValueError(f"{shown} is not a time: write RFC 3339 text, such as '2027-01-01T09:00:00+01:00'")
    if not has_offset:
        raise ValueError(f"'{given}' needs an offset: write '{given}Z' for UTC, or end it with one like '+01:00'")
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as exc:
        raise ValueError("the time is outside the years 1 to 9999 in UTC") from exc


#: A point in time, kept in UTC. It accepts RFC 3339 text with an offset or an aware datetime, and ends in `Z` in JSON.
Instant = Annotated[
    datetime,
    BeforeValidator(_readable_instant),
    AfterValidator(_in_utc),
    PlainSerializer(instant_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
