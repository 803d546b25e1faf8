"""Message templates, in which placeholders such as `{{payload.repo}}` stand for values of the payload."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

#: The most characters that all filled-in values of a message have: a run is one document of at most 1 MiB (Firestore,
#: "Quotas").
LONGEST_VALUES = 100_000
_CUT = "…"
_PLACEHOLDER = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Message:
    """A filled template, and what of it could not be filled."""

    text: str
    #: The placeholders that have no value, each once, in their order.
    missing: tuple[str, ...]
    #: Whether values were cut.
    cut: bool = False


def fill_message(
    template: str, *, payload: Mapping[str, Any], own: Mapping[str, str] = MappingProxyType({})
) -> Message:
    """Return the template with its placeholders filled: texts as they are, everything else as JSON.

    A placeholder is a path of keys into the payload, separated by dots, with or without the leading `payload.`;
    `payload` alone is the whole payload. The names of `own` stand for Tock's own values, and go before the payload's
    keys without `payload.`. A path without a value is replaced with nothing and listed in `missing`. Once
    the values exceed `LONGEST_VALUES` characters they are cut and end with `…`, and characters that UTF-8 cannot
    encode become `?`, so that the text can always be stored.
    """
    values = {**payload, "payload": payload, **own}
    missing: dict[str, None] = {}
    cut = False
    room = LONGEST_VALUES

    def fill(match: re.Match[str]) -> str:
        nonlocal cut, room
        found, value = _value_at(match[1], values=values)
        if not found:
            missing[match[1]] = None
            return ""
        if room == 0:
            cut = True
            return _CUT
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        fits = text[:room]
        room -= len(fits)
        cut = cut or len(fits) < len(text)
        return fits if len(fits) == len(text) else fits + _CUT

    filled = _PLACEHOLDER.sub(fill, template)
    return Message(text=filled.encode(errors="replace").decode(), missing=tuple(missing), cut=cut)


def _value_at(path: str, *, values: Mapping[str, Any]) -> tuple[bool, Any]:
    value: Any = values
    for key in path.split("."):
        if not isinstance(value, Mapping) or key not in value:
            return False, None
        value = value[key]
    return True, value
