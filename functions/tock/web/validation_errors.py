"""Turns validation errors into messages that tell the caller which field is wrong, and what to do."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tock.web.errors import FieldError

#: The first part of a location in FastAPI's errors: where the value comes from. Fields are named without it.
_PLACES = ("body", "query", "header", "path")
#: The kinds of schedule: pydantic adds the kind to an error's location, although the caller wrote no such object.
_SCHEDULE_KINDS = ("cron", "every", "at")
#: The fields of resources that only Tock writes.
_COMPUTED = frozenset(
    {
        *("author", "claimed", "created", "created_by", "duration_seconds", "finished", "generation", "last_fire_time"),
        *("last_run", "lateness_seconds", "next_run_at", "paused", "project", "result", "revision", "shard", "source"),
        *("started", "status", "type", "updated"),
    }
)

_MESSAGES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _: "is required: add it",
    "string_type": lambda _: "must be text",
    "string_unicode": lambda _: "must be text in valid Unicode",
    "string_too_short": lambda ctx: f"must have at least {_characters(ctx['min_length'])}",
    "string_too_long": lambda ctx: f"must have at most {_characters(ctx['max_length'])}",
    "string_pattern_mismatch": lambda ctx: _pattern(ctx["pattern"]),
    "int_type": lambda _: "must be a whole number",
    "int_parsing": lambda _: "must be a whole number",
    "int_parsing_size": lambda _: "must be a smaller whole number",
    "int_from_float": lambda _: "must be a whole number",
    "bool_type": lambda _: "must be true or false",
    "bool_parsing": lambda _: "must be true or false",
    "enum": lambda ctx: f"must be one of {ctx['expected']}",
    "greater_than_equal": lambda ctx: f"must be at least {ctx['ge']}",
    "less_than_equal": lambda ctx: f"must be at most {ctx['le']}",
    "dict_type": lambda _: "must be a JSON object",
    "model_type": lambda _: "must be a JSON object",
    "model_attributes_type": lambda _: "must be a JSON object",
}


def field_errors_of(errors: Iterable[Mapping[str, Any]]) -> list[FieldError]:
    """Return a field error for each of pydantic's errors, with the field's path as the caller wrote it."""
    return [_field_error(error) for error in errors]


def _field_error(error: Mapping[str, Any]) -> FieldError:
    location = [str(part) for part in error["loc"]]
    place = location.pop(0) if location and location[0] in _PLACES else "body"
    message = _message(error, place=place)
    if not location:
        # A rule over several fields starts its message with the field to change.
        named, colon, remedy = message.partition(": ")
        if colon and named.isidentifier():
            return FieldError(field=named, value=_member(error["input"], named), message=remedy)
    return FieldError(field=".".join(_without_schedule_kind(location)) or place, value=error["input"], message=message)


def _without_schedule_kind(location: list[str]) -> list[str]:
    """Return the location as the caller wrote it, without the kind of schedule that pydantic adds."""
    for index, part in enumerate(location[:-2]):
        if part == "schedule" and location[index + 1] in _SCHEDULE_KINDS:
            return location[: index + 1] + location[index + 2 :]
    return location


def _message(error: Mapping[str, Any], *, place: str) -> str:
    kind, field = error["type"], str(error["loc"][-1]) if error["loc"] else ""
    if kind == "extra_forbidden":
        if field in _COMPUTED:
            return "is set by Tock and cannot be written: leave it out"
        return f"is not known here: check the spelling, or leave it out of the {place}"
    if error["input"] is None and kind != "missing":
        return "cannot be null: give a value, or leave it out"
    if kind in _MESSAGES:
        return _MESSAGES[kind](error.get("ctx", {}))
    message = str(error["msg"]).removeprefix("Value error, ")
    if place == "query" and " " in str(error["input"]) and "RFC 3339" in message:
        return f"{message}; in a URL, '+' is written %2B"
    return message


def _characters(count: int) -> str:
    return "1 character" if count == 1 else f"{count} characters"


def _pattern(pattern: str) -> str:
    if pattern == r"^[A-Za-z0-9._-]{1,255}$":
        return "takes 1 to 255 letters, digits, '.', '_' and '-'"
    return f"must match {pattern}"


def _member(value: Any, field: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(field)
    return getattr(value, field, None)
