"""JSON values that can be stored and shown again: bounded in depth and size, with finite numbers and whole characters.

`require_json` refuses what is not one; `replace_by_json` puts something else in the place of what does not fit.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any

#: The deepest nesting: a request body, a result and an event's data all keep to it.
MAX_DEPTH = 64
#: What stands in the place of values that are nested deeper.
CUT = "…"
#: The most digits of an integer that Python turns into text (`sys.set_int_max_str_digits`), as bits.
_MAX_INTEGER_BITS = 4300 * 3

#: What to give instead of a value of a type that people often give.
_INSTEAD = {
    **dict.fromkeys(("datetime", "date", "time"), "give its isoformat()"),
    **dict.fromkeys(("set", "frozenset", "generator", "dict_keys", "dict_values"), "give a list"),
    **dict.fromkeys(("Decimal", "UUID", "PosixPath", "WindowsPath"), "give its str()"),
    "timedelta": "give its total_seconds()",
    "bytes": "give a text, such as its decode()",
    "coroutine": "await it",
}
_ANYTHING = "give a text, number, list or dict, a pydantic model or a dataclass"


class NotJsonError(ValueError):
    """A value is not JSON; `path` leads to the part at fault, `problem` says what is wrong with it."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        self.path = ""
        super().__init__(problem)

    def __str__(self) -> str:
        return self.sentence("the value")

    def sentence(self, name: str) -> str:
        """Return what is wrong with a value that is called `name`."""
        return f"{name}{self.path} {self.problem}"

    def inside(self, key: str | int) -> None:
        """Extend the path: the part at fault is found in the member or element `key`."""
        step = f"[{key}]" if isinstance(key, int) else f".{key}"
        self.path = f"{step}{self.path}"[:200]


class TooLargeError(ValueError):
    """A value takes more bytes of JSON than allowed."""


def require_json(value: Any, *, max_bytes: int) -> Any:
    """Return the value as plain JSON: a copy, with pydantic models and dataclasses as objects.

    Raises NotJsonError, which names the part at fault, or TooLargeError if it takes more than `max_bytes` as UTF-8.
    """
    plain = _Strict(max_bytes).convert(value, 0)
    if json_size(plain) > max_bytes:
        raise TooLargeError
    return plain


def replace_by_json(value: Any, *, max_bytes: int) -> tuple[Any, bool]:
    """Return the value as plain JSON of at most `max_bytes`, and whether anything had to be replaced.

    An object that is not JSON becomes its text, what is nested deeper than 64 levels becomes `…`, half of a surrogate
    pair becomes U+FFFD. What is too large becomes the beginning of its JSON text.
    """
    converter = _Lenient(max_bytes)
    try:
        plain = converter.convert(value, 0)
    except TooLargeError:
        return _beginning(value, max_bytes=max_bytes), True
    if json_size(plain) > max_bytes:
        return cut_text(json.dumps(plain, ensure_ascii=False), max_bytes=max_bytes), True
    return plain, converter.replaced


def json_size(value: Any) -> int:
    """Return how many bytes a plain JSON value takes as UTF-8."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def whole_characters(text: str) -> str:
    """Return the text with U+FFFD in the place of each half of a surrogate pair, which UTF-8 cannot encode."""
    # The methods of `str` itself: a subclass may have others.
    try:
        str.encode(text)
    except UnicodeEncodeError:
        return str.encode(text, "utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return str.__str__(text)


def text_of(value: object) -> str:
    """Return `str(value)` with whole characters; if that raises, a text that says so."""
    try:
        return whole_characters(str(value))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as exc:  # noqa: BLE001 - somebody else wrote __str__
        return f"<{type(value).__name__}, whose text cannot be read: {type(exc).__name__}>"


def cut_text(text: str, *, max_bytes: int) -> str:
    """Return the beginning of a text that takes at most `max_bytes` as a JSON text in UTF-8."""
    text = text[:max_bytes]
    while (size := json_size(text)) > max_bytes:
        text = text[: len(text) - max(1, (size - max_bytes) // 12)]
    return text


class _Strict:
    """Copies a value and refuses what is not JSON; `left` is how many bytes the rest may take at least."""

    def __init__(self, max_bytes: int) -> None:
        self.left = max_bytes

    def convert(self, value: Any, depth: int) -> Any:
        # Every value takes at least this much, so a value that contains itself many times ends here.
        self._spend(1)
        match value:
            case None | bool() | str() | int() | float():
                return self._scalar(value)
            case list() | tuple() | Mapping() if depth == MAX_DEPTH:
                return self.too_deep()
            case list() | tuple():
                return self._elements(value, depth + 1)
            case Mapping():
                return self._members(value, depth + 1)
            case _:
                return self._object(value, depth)

    def _scalar(self, value: Any) -> Any:
        match value:
            case str():
                self._spend(len(value) + 1)
                return self.text(value)
            case float():
                plain = float.__float__(value)
                return plain if math.isfinite(plain) else self.other(value, f"is {plain}, not a finite number")
            case int() if not isinstance(value, bool):
                whole = int.__int__(value)
                return whole if whole.bit_length() <= _MAX_INTEGER_BITS else self.other(value, "is too large")
            case _:
                return value

    def text(self, value: str) -> str:
        if whole_characters(value) != value:
            raise NotJsonError("holds half of a surrogate pair, which is no character")
        return str.__str__(value)

    def key(self, value: Any) -> str:
        if not isinstance(value, str):
            raise NotJsonError(f"has the key {text_of(value)[:50]} of type {type(value).__name__}; JSON keys are texts")
        return self.text(value)

    def too_deep(self) -> Any:
        raise NotJsonError(f"is nested deeper than {MAX_DEPTH} levels")

    def other(self, value: Any, problem: str) -> Any:  # noqa: ARG002 - the lenient converter uses the value
        raise NotJsonError(problem)

    def _spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise TooLargeError

    def _elements(self, value: list[Any] | tuple[Any, ...], depth: int) -> list[Any]:
        converted = []
        for index, item in enumerate(value):
            try:
                converted.append(self.convert(item, depth))
            except NotJsonError as exc:
                exc.inside(index)
                raise
        return converted

    def _members(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        converted = {}
        for key, item in value.items():
            name = self.key(key)
            self._spend(len(name))
            try:
                converted[name] = self.convert(item, depth)
            except NotJsonError as exc:
                exc.inside(name)
                raise
        return converted

    def _object(self, value: Any, depth: int) -> Any:
        from pydantic import BaseModel  # noqa: PLC0415 - imported lazily: plain JSON does not need it
        from pydantic_core import to_jsonable_python  # noqa: PLC0415 - as above

        if not isinstance(value, BaseModel) and (not is_dataclass(value) or isinstance(value, type)):
            kind = type(value).__name__
            return self.other(value, f"is of type {kind}, not JSON: {_INSTEAD.get(kind, _ANYTHING)}")
        try:
            plain = to_jsonable_python(value)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as exc:  # noqa: BLE001 - a model's serializers are somebody else's code
            return self.other(value, f"cannot be written as JSON: {text_of(exc)[:500]}")
        return self.convert(plain, depth)


class _Lenient(_Strict):
    """Copies a value and replaces what is not JSON."""

    replaced = False

    def text(self, value: str) -> str:
        whole = whole_characters(value)
        self.replaced = self.replaced or whole != value
        return whole

    def key(self, value: Any) -> str:
        if isinstance(value, str):
            return self.text(value)
        self.replaced = True
        return text_of(value)

    def too_deep(self) -> Any:
        self.replaced = True
        return CUT

    def other(self, value: Any, problem: str) -> Any:  # noqa: ARG002 - the strict converter says it
        self.replaced = True
        text = text_of(value)
        self._spend(len(text))
        return text


def _beginning(value: Any, *, max_bytes: int) -> str:
    """Return the beginning of the JSON text of a value that is too large to be converted as a whole."""
    if isinstance(value, str):
        return cut_text(whole_characters(value[:max_bytes]), max_bytes=max_bytes)
    text = ""
    try:
        for part in json.JSONEncoder(ensure_ascii=False, default=text_of).iterencode(value):
            text += part
            if len(text) >= max_bytes:
                break
    except (ValueError, TypeError, RecursionError):
        text = text or text_of(type(value))
    return cut_text(whole_characters(text[:max_bytes]), max_bytes=max_bytes)
