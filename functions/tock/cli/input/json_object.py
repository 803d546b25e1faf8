"""JSON objects as people type them: `key=value` pairs, JSON, or a file with JSON."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tock.cli.errors import UsageError

#: What to do about a text that is not JSON: a shell takes away double quotes that no single quotes protect.
QUOTED = (
    """Put single quotes around the object, '{"repo": "."}', so that the shell keeps it as it is; or write @FILE."""
)
_IN_THE_FILE = 'The file holds one JSON object, such as {"repo": "."}.'
_HOW = ('Write key=value, a JSON object such as \'{"repo": "."}\', or @FILE that contains one.',)


def object_from(texts: Sequence[str] | None, *, option: str) -> dict[str, Any] | None:
    """Return the object that the texts make together, the later over the earlier; None if there are none.

    A text is a JSON object, `@FILE`, or `key=value`. The value is JSON or, if it is not, a text; a key with dots leads
    to an inner member. Raises UsageError.
    """
    if not texts:
        return None
    found: dict[str, Any] = {}
    for text in texts:
        merge(found, _pair(text, option=option) if _is_pair(text) else _object(text, option=option))
    return found


def pairs_from(texts: Sequence[str] | None, *, option: str) -> dict[str, str] | None:
    """Return the `key=value` pairs with their values as texts; None if there are none. Raises UsageError."""
    if not texts:
        return None
    pairs = [text.partition("=") for text in texts]
    for key, separator, _ in pairs:
        if not separator or not key:
            raise UsageError(f"{option}: {key!r} is no pair", details=("Write key=value.",))
    return {key: value for key, _, value in pairs}


def has_torn_json(words: Sequence[str]) -> bool:
    """Whether a shell has made several words of a JSON object, because no quotes were around it."""
    begins = [place for place, word in enumerate(words) if word.startswith("{") and not word.endswith("}")]
    return bool(begins) and any(word.endswith("}") for word in words[begins[0] + 1 :])


def put(target: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a path such as `retry.delay`, in objects that are made as needed."""
    *outer, last = path.split(".")
    for name in outer:
        if not isinstance(target.get(name), dict):
            target[name] = {}
        target = target[name]
    target[last] = value


def merge(target: dict[str, Any], given: dict[str, Any]) -> None:
    """Put the members of an object into another one; objects inside merge too."""
    for name, value in given.items():
        if isinstance(value, dict) and isinstance(target.get(name), dict):
            merge(target[name], value)
        else:
            target[name] = value


def _is_pair(text: str) -> bool:
    return "=" in text and not text.lstrip().startswith(("{", "[", "@", '"'))


def _pair(text: str, *, option: str) -> dict[str, Any]:
    key, _, value = text.partition("=")
    if not all(key.split(".")):
        raise UsageError(f"{option}: {text!r} has no name before '='", details=_HOW)
    pair: dict[str, Any] = {}
    try:
        put(pair, key, json.loads(value))
    except (ValueError, RecursionError):
        put(pair, key, value)
    return pair


def _object(text: str, *, option: str) -> dict[str, Any]:
    try:
        # An editor may have put a byte order mark before the JSON.
        value = json.loads(Path(text[1:]).read_text(encoding="utf-8-sig") if text.startswith("@") else text)
    except OSError as exc:
        raise UsageError(f"{option}: {exc.strerror}: {text[1:]}") from exc
    except UnicodeDecodeError as exc:
        raise UsageError(f"{option}: {text[1:]} is not UTF-8: {exc}") from exc
    except RecursionError as exc:
        raise UsageError(f"{option}: the JSON is nested too deeply: flatten it") from exc
    except ValueError as exc:
        details = (_IN_THE_FILE,) if text.startswith("@") else (QUOTED, *_HOW)
        raise UsageError(f"{option}: not JSON: {exc}", details=details) from exc
    if not isinstance(value, dict):
        raise UsageError(f"{option}: a JSON object is needed, not {type(value).__name__}", details=_HOW)
    return value
