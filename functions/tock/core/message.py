"""A message template: `{{payload.repo}}` becomes that value of the payload."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_.-]+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Message:
    """A filled template, and the placeholders that had no value and became empty."""

    text: str
    missing: tuple[str, ...]


def fill_message(template: str, *, payload: Mapping[str, Any]) -> Message:
    """Return the template with its placeholders filled: texts as they are, everything else as JSON.

    A path walks the payload's objects by dots, with or without the leading `payload.`. What it does not find becomes
    empty and is named in `missing`.
    """
    missing: list[str] = []

    def fill(match: re.Match[str]) -> str:
        found, value = _value_at(match[1], payload=payload)
        if not found:
            missing.append(match[1])
            return ""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    return Message(text=_PLACEHOLDER.sub(fill, template), missing=tuple(missing))


def _value_at(path: str, *, payload: Mapping[str, Any]) -> tuple[bool, Any]:
    value: Any = payload
    for key in path.removeprefix("payload.").split("."):
        if not isinstance(value, Mapping) or key not in value:
            return False, None
        value = value[key]
    return True, value
