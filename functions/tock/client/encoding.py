"""Turns Python values into the JSON and the query parameters of a request."""

import json
import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import BaseModel

from tock.client.errors import InvalidArgument
from tock.core.time.duration import duration_text
from tock.core.time.instant import instant_text


def encoded_body(value: Any) -> bytes:
    """Return the JSON of a body. Raises InvalidArgument, which names the member that is no JSON."""
    try:
        return json.dumps(_plain(value, ""), allow_nan=False).encode()
    except RecursionError as exc:
        raise InvalidArgument(field="body", value=None, remedy="is nested too deeply: flatten it") from exc


def encoded_query(parameters: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Return the query parameters that are not None, as texts. Raises InvalidArgument."""
    return {name: _parameter(value, name) for name, value in parameters.items() if value is not None}


def seconds_of(given: timedelta | float, *, field: str) -> float:
    """Return a length of time in seconds. Raises InvalidArgument for a negative one."""
    seconds = given.total_seconds() if isinstance(given, timedelta) else float(given)
    if not seconds >= 0:
        raise InvalidArgument(field=field, value=given, remedy="takes zero or more seconds, or a timedelta")
    return seconds


def _parameter(value: Any, name: str) -> str | list[str]:
    if isinstance(value, list | tuple | set | frozenset):
        return [_text(each, name) for each in value]
    return _text(value, name)


def _text(value: Any, name: str) -> str:
    plain = _plain(value, name)
    text = json.dumps(plain) if isinstance(plain, bool) else str(plain)
    _check_characters(text, name)
    return text


def _plain(value: Any, name: str) -> Any:
    """Return a value as JSON has it; `name` leads to it."""
    match value:
        case BaseModel():
            # What was not set is left out: null and absent differ.
            return _plain(value.model_dump(mode="json", by_alias=True, exclude_unset=True), name)
        case Mapping():
            return _members(value, name)
        case list() | tuple():
            return [_plain(each, f"{name}[{index}]") for index, each in enumerate(value)]
        case _:
            return _scalar(value, name)


def _scalar(value: Any, name: str) -> Any:
    match value:
        case str():
            _check_characters(value, name)
            # Also of an enumeration whose members are texts.
            return str.__str__(value)
        case timedelta():
            seconds_of(value, field=name)
            return duration_text(value)
        case date():
            return _instant(value, name) if isinstance(value, datetime) else value.isoformat()
        case None | bool() | int() | float():
            if isinstance(value, float) and not math.isfinite(value):
                raise InvalidArgument(field=name or "body", value=value, remedy="takes a finite number")
            return value
    remedy = f"a {type(value).__name__} is not JSON: give text, numbers, lists, mappings or the API's models"
    raise InvalidArgument(field=name or "body", value=value, remedy=remedy)


def _members(fields: Mapping[Any, Any], name: str) -> dict[str, Any]:
    plain = {}
    for member, value in fields.items():
        if not isinstance(member, str):
            remedy = f"the key {member!r} is no text: JSON objects have texts as keys"
            raise InvalidArgument(field=name or "body", value=member, remedy=remedy)
        plain[member] = _plain(value, f"{name}.{member}" if name else member)
    return plain


def _instant(value: datetime, name: str) -> str:
    if value.utcoffset() is None:
        remedy = "the time has no offset: give it a tzinfo, such as datetime.now(UTC)"
        raise InvalidArgument(field=name, value=value, remedy=remedy)
    return instant_text(value)


def _check_characters(text: str, name: str) -> None:
    try:
        text.encode()
    except UnicodeError as exc:
        remedy = "holds half of a surrogate pair, which is no character"
        raise InvalidArgument(field=name or "body", value=ascii(text), remedy=remedy) from exc
