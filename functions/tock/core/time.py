"""Lengths of time (`Duration`) and points in time (`Instant`), as Tock stores and sends them."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

from tock.core.time_remedies import impossible_time, instead_of_duration, instead_of_time

_ISO_DURATION = re.compile(
    r"P(?=[\dT])(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d{1,6})?)S)?)?",
    re.ASCII | re.IGNORECASE,
)
_SHORT_DURATION = re.compile(
    r"(?=\d)(?:(?P<days>\d+)d)?(?:(?P<hours>\d+)h)?(?:(?P<minutes>\d+)m)?(?:(?P<seconds>\d+)s)?",
    re.ASCII | re.IGNORECASE,
)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?P<offset>[Zz]|[+-]\d\d:\d\d)?", re.ASCII)
_LONGEST_TEXT = 64
#: Both forms as OpenAPI patterns, which know no flag for upper and lower case.
_DURATION_PATTERN = (
    "^(?:[Pp](?=[0-9Tt])(?:[0-9]+[Ww])?(?:[0-9]+[Dd])?"
    r"(?:[Tt](?=[0-9])(?:[0-9]+[Hh])?(?:[0-9]+[Mm])?(?:[0-9]+(?:\.[0-9]{1,6})?[Ss])?)?"
    "|(?=[0-9])(?:[0-9]+[Dd])?(?:[0-9]+[Hh])?(?:[0-9]+[Mm])?(?:[0-9]+[Ss])?)$"
)


@lru_cache(maxsize=1024)
def duration_from_text(text: str) -> timedelta:
    """Return the length that an ISO 8601 duration (`PT15M`) or a short form (`90s`, `1h30m`, `2d`) means.

    Years and months are refused because they have no fixed length.

    Raises:
        ValueError: the text is in neither form.
    """
    match = None
    if len(text) <= _LONGEST_TEXT:
        match = _ISO_DURATION.fullmatch(text) or _SHORT_DURATION.fullmatch(text)
    if match is None:
        raise ValueError(instead_of_duration(text[:_LONGEST_TEXT]))
    parts = {unit: float(amount) for unit, amount in match.groupdict().items() if amount is not None}
    try:
        return timedelta(**parts)
    except OverflowError as exc:
        raise ValueError(f"{text!r} is longer than any duration can be") from exc


def duration_text(value: timedelta) -> str:
    """Return a length of zero or more as ISO 8601 text, such as `PT15M` or `P1DT2H`."""
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    clock = "".join(
        f"{amount}{unit}"
        for amount, unit in ((hours, "H"), (minutes, "M"), (f"{seconds}{fraction}", "S"))
        if amount not in (0, "0")
    )
    days = f"{value.days}D" if value.days else ""
    return f"P{days}T{clock}" if clock else f"P{days or 'T0S'}"


def duration_schema(*, minimum: timedelta | None = None, maximum: timedelta | None = None) -> dict[str, Any]:
    """Return what OpenAPI says of a duration; JSON Schema has no keyword for its bounds, so they are extensions."""
    bounds = {"x-minimum": minimum, "x-maximum": maximum}
    examples = [
        text
        for text in ("PT15M", "90s", "1h30m")
        if (minimum or timedelta()) <= duration_from_text(text) <= (maximum or timedelta.max)
    ]
    return {"type": "string", "pattern": _DURATION_PATTERN, "maxLength": _LONGEST_TEXT, "examples": examples} | {
        keyword: duration_text(bound) for keyword, bound in bounds.items() if bound is not None
    }


def instant_text(value: datetime) -> str:
    """Return an aware time as RFC 3339 text in UTC, ending in `Z`."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def just_before(instant: datetime) -> datetime:
    """Return the instant a microsecond earlier; the first one of the calendar is returned as it is."""
    shortest = timedelta(microseconds=1)
    return instant if instant - datetime.min.replace(tzinfo=UTC) < shortest else instant - shortest


def _readable_duration(value: object) -> timedelta:
    match value:
        case str():
            return duration_from_text(value)
        case timedelta() if value >= timedelta():
            return value
        case timedelta():
            raise ValueError("a duration cannot be negative")
        case _:
            raise ValueError(f"{value!r} has no unit: write a duration as text, such as '90s' or 'PT1M30S'")


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
            raise ValueError(instead_of_time(value[:_LONGEST_TEXT]))
        case _:
            shown = repr(value)[:_LONGEST_TEXT]
            raise ValueError(f"{shown} is not a time: write RFC 3339 text, such as '2027-01-01T09:00:00+01:00'")
    if not has_offset:
        raise ValueError(f"'{given}' needs an offset: write '{given}Z' for UTC, or end it with one like '+01:00'")
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as exc:
        raise ValueError("the time is outside the years 1 to 9999 in UTC") from exc


#: A length of time, never negative. It accepts ISO 8601 or the short form, and becomes ISO 8601 in JSON.
Duration = Annotated[
    timedelta,
    BeforeValidator(_readable_duration),
    PlainSerializer(duration_text, return_type=str, when_used="json"),
    WithJsonSchema(duration_schema()),
]

#: A point in time, kept in UTC. It accepts RFC 3339 text with an offset or an aware datetime, and ends in `Z` in JSON.
Instant = Annotated[
    datetime,
    BeforeValidator(_readable_instant),
    AfterValidator(_in_utc),
    PlainSerializer(instant_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
