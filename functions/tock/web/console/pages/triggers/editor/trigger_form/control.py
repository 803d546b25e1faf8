"""A control of the form: how it shows a field, whether it was changed, and what was typed in it."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from tock.core.time.duration import duration_text
from tock.web.console.local_instant import (
    both_instants,
    fold_text,
    local_text,
    offset_text,
    same_local,
    typed_instant,
)
from tock.web.console.written import json_of

#: What the controls of a form hold, by name; those that are absent are not part of the form.
Texts = Mapping[str, tuple[str, ...]]
#: A longer JSON text is shown without line breaks and spaces, which a form would send as well.
_LONGEST_PRETTY = 16 * 1024
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
ON = "on"


class Kind(StrEnum):
    """What a control takes."""

    #: One line of text.
    LINE = "line"
    #: Text of several lines.
    LINES = "lines"
    #: A whole number.
    NUMBER = "number"
    #: A length such as `15m`.
    LENGTH = "length"
    #: A local time in the reader's zone.
    TIME = "time"
    #: A JSON object.
    OBJECT = "object"
    #: Pairs such as `team=shop`, one a line.
    PAIRS = "pairs"
    #: Words, one a line.
    WORDS = "words"
    #: Yes or no.
    SWITCH = "switch"
    #: One of several.
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Control:
    """A field of a trigger, and its control."""

    #: Where the field is in the resource, such as `retry.delay`; the control's name, too.
    path: str
    label: str
    help: str = ""
    kind: Kind = Kind.LINE
    #: The value of an empty control.
    empty: Any = None
    #: The values of a choice, each with what it means.
    choices: tuple[tuple[str, str], ...] = ()
    placeholder: str = ""

    @property
    def id(self) -> str:
        """The id of the control's element."""
        return self.path.replace(".", "-")

    @property
    def fold(self) -> str:
        """The name of the control that says which of two equal local times is meant."""
        return f"{self.path}.fold"

    def shown(self, value: Any, *, zone: ZoneInfo) -> Texts:
        """Return what the control holds for a value."""
        if self.kind is Kind.TIME and value is not None and value != self.empty:
            return {self.path: (local_text(value, zone=zone),), self.fold: (fold_text(value, zone=zone),)}
        if self.kind is Kind.SWITCH:
            return {self.path: (ON,) if value else ()}
        return {self.path: ("" if value is None or value == self.empty else self._text(value),)}

    def is_same(self, shown: Texts, typed: Texts) -> bool:
        """Whether a browser sends this for a control that nobody touched."""
        if self.kind is Kind.SWITCH:
            return bool(shown.get(self.path)) == bool(typed.get(self.path))
        if self.path not in typed:
            return True
        one, other = text(shown, self.path), text(typed, self.path)
        if self.kind is Kind.TIME:
            fold = text(shown, self.fold)
            return same_local(one, other) and text(typed, self.fold, fold) == fold
        has_lines = self.kind in {Kind.LINES, Kind.OBJECT, Kind.PAIRS, Kind.WORDS}
        return _as_sent(one, has_lines=has_lines) == _as_sent(other, has_lines=has_lines)

    def value(self, typed: Texts, *, zone: ZoneInfo) -> Any:
        """Return what was typed; what the trigger's model checks itself stays a text. Raises ValueError."""
        given = text(typed, self.path)
        if self.kind is Kind.SWITCH:
            return bool(typed.get(self.path))
        if not given.strip():
            return self.empty
        if self.kind is Kind.TIME:
            return typed_instant(given, fold=text(typed, self.fold), zone=zone)
        return _READERS[self.kind](given) if self.kind in _READERS else given

    def folds(self, typed: Texts, *, zone: ZoneInfo) -> tuple[tuple[str, str], ...]:
        """Return the two choices of a local time that comes twice; none of any other."""
        try:
            found = both_instants(text(typed, self.path), zone=zone)
        except ValueError:
            return ()
        if len(found) == 1:
            return ()
        words = ("the first", "the second")
        return tuple(
            (str(number), f"{words[number]}, at {offset_text(each, zone=zone)}") for number, each in enumerate(found)
        )

    def _text(self, value: Any) -> str:
        match value:
            case timedelta():
                return short_length(value)
            case Mapping() if self.kind is Kind.PAIRS:
                return "\n".join(f"{name}={each}" for name, each in value.items())
            case Mapping():
                return _pretty(value)
            case tuple() | list():
                return "\n".join(map(str, value))
            case datetime():
                raise TypeError("a time needs a zone")
        return str(value)


def text(texts: Texts, name: str, default: str = "") -> str:
    """Return what a control holds, or the default if the form has none of this name."""
    held = texts.get(name)
    return held[-1] if held else default


def short_length(value: timedelta) -> str:
    """Return a length as people type it, such as `1h30m`; with a fraction of a second as ISO 8601."""
    if value.microseconds or not value:
        return duration_text(value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((value.days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{amount}{unit}" for amount, unit in parts if amount)


def _as_sent(held: str, *, has_lines: bool) -> str:
    """Return the text as it comes back from a browser (HTML, "value sanitization" and "preprocessing the input")."""
    lines = held.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    return lines if has_lines else lines.replace("\n", "")


def _pretty(value: Mapping[str, Any]) -> str:
    pretty = json.dumps(value, ensure_ascii=False, indent=2)
    if len(pretty) <= _LONGEST_PRETTY:
        return pretty
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


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


#: How what was typed is read; other texts are taken as they are.
_READERS: Mapping[Kind, Callable[[str], Any]] = {
    Kind.NUMBER: _number,
    Kind.LENGTH: _length,
    Kind.OBJECT: json_of,
    Kind.PAIRS: _pairs,
    Kind.WORDS: _words,
}
