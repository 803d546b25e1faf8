"""Turns validation errors into messages that tell the caller which field is wrong, and what to do."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

from pydantic import BaseModel

from tock.core.fields.types import LABEL_NAME, LABEL_VALUE
from tock.core.ids.identifier import CHARACTERS
from tock.core.schedule.schedule import KINDS
from tock.web.errors import FieldError, InvalidRequest
from tock.web.similar_field import similar_field

#: The most field errors of one response; a body can hold thousands of unknown fields.
MOST_ERRORS = 20

_BELONGS_TO_CRON = "belongs to cron: leave it out, because {}"
#: Members of one kind of schedule that people give to another: the kind, the member, and what to do.
_OTHER_KINDS = {
    ("every", "time_zone"): _BELONGS_TO_CRON.format("an interval counts elapsed time from its anchor; or write a cron"),
    ("at", "time_zone"): _BELONGS_TO_CRON.format("a single time has an offset, such as '2027-01-01T09:00:00+01:00'"),
    ("cron", "anchor"): "belongs to every: leave it out, because a cron expression names its times itself",
    ("at", "anchor"): "belongs to every: leave it out, because a single time is counted from nothing",
} | dict.fromkeys(
    product(KINDS, ("tz", "timezone", "timeZone", "zone")), "is not known here: a cron has its zone as time_zone"
)
#: The fields of resources that only Tock writes.
_COMPUTED = frozenset(
    {
        *("author", "claimed", "created", "created_by", "duration_seconds", "finished", "generation", "late"),
        *("last_run", "lateness_seconds", "next_fire_times", "next_run_at", "paused", "project", "result", "revision"),
        *("schedule_text", "shard", "source", "started", "status", "type", "updated"),
    }
)

#: What the patterns of texts take.
_PATTERNS = {
    f"^{CHARACTERS}$": "takes 1 to 255 letters, digits, '.', '_' and '-'",
    LABEL_NAME: (
        "the name of a label takes 1 to 63 lower-case letters, digits, '.', '_', '/' and '-', "
        "and begins and ends with a letter or a digit"
    ),
    LABEL_VALUE: "takes up to 63 letters, digits, '.', '_' and '-'",
}
_MESSAGES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _: "is required: add it",
    "string_type": lambda _: "must be text",
    "string_unicode": lambda _: "must be text in valid Unicode",
    "string_too_short": lambda ctx: f"must have at least {_characters(ctx['min_length'])}",
    "string_too_long": lambda ctx: f"must have at most {_characters(ctx['max_length'])}",
    "string_pattern_mismatch": lambda ctx: _PATTERNS.get(ctx["pattern"], f"must match {ctx['pattern']}"),
    "too_long": lambda ctx: f"must have at most {_entries(ctx['max_length'])}",
    "too_short": lambda ctx: f"must have at least {_entries(ctx['min_length'])}",
    "int_type": lambda _: "must be a whole number",
    "int_parsing": lambda _: "must be a whole number",
    "int_parsing_size": lambda _: "must be a smaller whole number",
    "int_from_float": lambda _: "must be a whole number",
    "bool_type": lambda _: "must be true or false",
    "bool_parsing": lambda _: "must be true or false",
    "enum": lambda ctx: f"must be one of {ctx['expected']}",
    "greater_than_equal": lambda ctx: f"must be at least {ctx['ge']}",
    "less_than_equal": lambda ctx: f"must be at most {ctx['le']}",
    "tuple_type": lambda _: "must be a list",
    "list_type": lambda _: "must be a list",
    "dict_type": lambda _: "must be a JSON object",
    "model_type": lambda _: "must be a JSON object",
    "model_attributes_type": lambda _: "must be a JSON object",
}


def invalid_request(
    errors: Sequence[Mapping[str, Any]], *, model: type[BaseModel] | None = None, with_places: bool = False
) -> InvalidRequest:
    """Return the refusal that pydantic's errors stand for, with each field's path as the caller wrote it.

    It holds the first 20 field errors, and how many more there are. `model` is that of the body, if there is one: its
    fields are suggested for those that it does not have. `with_places` says that the errors are FastAPI's, whose
    locations start with the place of the value, such as `body` or `query`; otherwise `body` is a field's name.
    """
    return InvalidRequest(
        (_field_error(error, model=model, with_place=with_places) for error in errors[:MOST_ERRORS]),
        omitted=max(0, len(errors) - MOST_ERRORS),
    )


def _field_error(error: Mapping[str, Any], *, model: type[BaseModel] | None, with_place: bool) -> FieldError:
    location = [str(part) for part in error["loc"]]
    place = location.pop(0) if with_place else "body"
    if place == "query":
        # A parameter that may come several times: which of its values it is does not help.
        location = location[:1]
    location = _without_key_mark(_without_schedule_kind(location), error)
    message = _message(error, place=place, similar=_similar(error, location, place=place, model=model))
    if not location:
        # A rule over several fields starts its message with the field to change.
        named, colon, remedy = message.partition(": ")
        if colon and named.isidentifier():
            return FieldError(field=named, value=_member(error["input"], named), message=remedy)
    # The input of an absent field's error is the object around it, which may hold secrets.
    value = None if error["type"] == "missing" else error["input"]
    return FieldError(field=".".join(location) or place, value=value, message=message)


def _without_schedule_kind(location: list[str]) -> list[str]:
    """Return the location as the caller wrote it: pydantic adds the kind of schedule, which is no object there."""
    for index, part in enumerate(location[:-2]):
        if part == "schedule" and location[index + 1] in KINDS:
            return location[: index + 1] + location[index + 2 :]
    return location


def _without_key_mark(location: list[str], error: Mapping[str, Any]) -> list[str]:
    """Return the location as the caller wrote it: pydantic marks that the name of a member is wrong, not its value."""
    marked = len(location) > 1 and location[-1] == "[key]" and location[-2] == error["input"]
    return location[:-1] if marked else location


def _similar(
    error: Mapping[str, Any], location: Sequence[str], *, place: str, model: type[BaseModel] | None
) -> str | None:
    """Return the field that was probably meant by one that is not known."""
    if error["type"] != "extra_forbidden" or place != "body" or model is None:
        return None
    return similar_field(model, location)


def _message(error: Mapping[str, Any], *, place: str, similar: str | None) -> str:
    kind = error["type"]
    if kind == "extra_forbidden":
        return _unknown_member(error, place=place, similar=similar)
    if error["input"] is None and kind != "missing":
        return "cannot be null: give a value, or leave it out"
    if kind in _MESSAGES:
        return _MESSAGES[kind](error.get("ctx", {}))
    message = str(error["msg"]).removeprefix("Value error, ")
    if place == "query" and " " in str(error["input"]) and "RFC 3339" in message:
        return f"{message}; in a URL, '+' is written %2B"
    return message


def _unknown_member(error: Mapping[str, Any], *, place: str, similar: str | None) -> str:
    *outer, field = map(str, error["loc"])
    if field in _COMPUTED:
        return "is set by Tock and cannot be written: leave it out"
    if outer and (outer[-1], field) in _OTHER_KINDS:
        return _OTHER_KINDS[outer[-1], field]
    remedy = f"check the spelling, or leave it out of the {place}" if similar is None else f"did you mean {similar}?"
    return f"is not known here: {remedy}"


def _characters(count: int) -> str:
    return "1 character" if count == 1 else f"{count} characters"


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def _member(value: Any, field: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(field)
    return getattr(value, field, None)
