"""What two versions of a trigger differ in, field by field, as people read it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tock.core.fields.differing import differing_fields
from tock.core.schedule.schedule_text import schedule_text
from tock.core.trigger.trigger import TriggerSpec

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """A field, and its value before and after, as text; None where it is not set."""

    field: str
    before: str | None
    after: str | None


def differences(before: TriggerSpec, after: TriggerSpec) -> tuple[Difference, ...]:
    """Return the differing fields in the order of a trigger's fields, members of objects by dotted names.

    A schedule that differs comes in words besides.
    """
    changed = differing_fields(before, after, fields=TriggerSpec.model_fields)
    ordered = [field for field in TriggerSpec.model_fields if field in changed]
    found: list[Difference] = []
    if "schedule" in changed:
        words = schedule_text(before.schedule), schedule_text(after.schedule)
        found += [Difference("schedule", *words)] if words[0] != words[1] else []
    olds, news = (each.model_dump(mode="json", include=set(changed)) for each in (before, after))
    for field in ordered:
        old, new = _without_filled(olds[field], news[field], field=field)
        for name in dict.fromkeys((*old, *new)):
            values = old.get(name, _ABSENT), new.get(name, _ABSENT)
            texts = _text(values[0]), _text(values[1])
            if texts[0] != texts[1] or type(values[0]) is not type(values[1]):
                found.append(Difference(name, *texts))
    return tuple(found)


def _without_filled(old: Any, new: Any, *, field: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the leaves of both values; an object that is empty in one and has members in the other is no leaf."""
    leaves = dict(_leaves(field, old)), dict(_leaves(field, new))
    names = {*leaves[0], *leaves[1]}
    filled = {name for name in names if any(other.startswith(f"{name}.") for other in names)}
    olds, news = ({name: value for name, value in each.items() if name not in filled} for each in leaves)
    return olds, news


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield each value of an object under its dotted name; an empty object is a value."""
    if isinstance(value, Mapping) and value:
        for member, inner in value.items():
            yield from _leaves(f"{name}.{member}", inner)
    else:
        yield name, value


def _text(value: Any) -> str | None:
    if value is _ABSENT or value is None:
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
