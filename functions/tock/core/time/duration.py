"""Lengths of time (`Duration`), as Tock stores and sends them."""

import re
from datetime import timedelta
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from tock.core.time.remedies import LONGEST_TEXT, instead_of_duration

_ISO_DURATION = re.compile(
    r"P(?=[\dT])(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d{1,6})?)S)?)?",
    re.ASCII | re.IGNORECASE,
)
_SHORT_DURATION = re.compile(
    r"(?=\d)(?:(?P<days>\d+)d)?(?:(?P<hours>\d+)h)?(?:(?P<minutes>\d+)m)?(?:(?P<seconds>\d+)s)?",
    re.ASCII | re.IGNORECASE,
)
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
    if len(text) <= LONGEST_TEXT:
        match = _ISO_DURATION.fullmatch(text) or _SHORT_DURATION.fullmatch(text)
    if match is None:
        raise ValueError(instead_of_duration(text[:LONGEST_TEXT]))
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
    return {"type": "string", "pattern": _DURATION_PATTERN, "maxLength": LONGEST_TEXT, "examples": examples} | {
        keyword: duration_text(bound) for keyword, bound in bounds.items() if bound is not None
    }


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


#: A length of time, never negative. It accepts ISO 8601 or the short form, and becomes ISO 8601 in JSON.
Duration = Annotated[
    timedelta,
    BeforeValidator(_readable_duration),
    PlainSerializer(duration_text, return_type=str, when_used="json"),
    WithJsonSchema(duration_schema()),
]
