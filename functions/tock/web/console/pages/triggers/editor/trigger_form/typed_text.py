"""The value that somebody typed into a control, by its kind."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tock.web.console.forms.written import json_of
from tock.web.console.pages.triggers.editor.trigger_form.kind import Kind

_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)


def read(given: str, *, kind: Kind) -> Any:
    """Return the value of a text that is not blank; of a kind without a rule, the text itself. Raises ValueError."""
    return _READERS[kind](given) if kind in _READERS else given


def _number(given: str) -> int:
    if _WHOLE.fullmatch(given.strip()) is None:
        raise ValueError("must be a whole number")
    return int(given)


def _length(given: str) -> str:
    return given.strip().replace(" ", "")


def _pairs(given: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for line in filter(str.strip, given.split("\n")):
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals:
            raise ValueError(f"{line.strip()[:64]!r} is no pair: write name=value, one a line")
        if name in pairs:
            raise ValueError(f"{name[:64]!r} comes twice: write it once")
        pairs[name] = value
    return pairs


def _words(given: str) -> tuple[str, ...]:
    return tuple(word for line in given.split("\n") if (word := line.strip()))


_READERS: Mapping[Kind, Callable[[str], Any]] = {
    Kind.NUMBER: _number,
    Kind.LENGTH: _length,
    Kind.OBJECT: json_of,
    Kind.PAIRS: _pairs,
    Kind.WORDS: _words,
}
