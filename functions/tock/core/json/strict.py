"""Reads JSON texts from outside: what two readers could understand differently, or nobody can store, is refused."""

import json
from typing import Any, NoReturn

from tock.core.json.problem import is_deeper
from tock.core.json.value import MAX_DEPTH

_QUOTED = 64


class NotStrictJson(ValueError):
    """The text is not JSON that Tock accepts; the message says what is wrong, without a full stop."""


def strict_json(text: bytes) -> Any:
    """Return the value of a JSON text in UTF-8 (RFC 8259).

    Raises NotStrictJson for what is no JSON, and for JSON that is ambiguous or cannot be stored: a member that occurs
    twice in one object (RFC 8259 leaves its value open), NaN and numbers beyond a float, halves of surrogate pairs, and
    more than 64 levels of nesting.
    """
    try:
        value = json.loads(text.decode(), object_pairs_hook=_members, parse_constant=_refuse_constant)
        # A value that cannot be written as UTF-8 JSON again (half of a surrogate pair, 1e999) could not be stored.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except NotStrictJson:
        raise
    except json.JSONDecodeError as exc:
        raise NotStrictJson(f"{exc.msg} at line {exc.lineno}, column {exc.colno}") from exc
    except UnicodeError as exc:
        raise NotStrictJson("it is not valid Unicode text") from exc
    except RecursionError as exc:
        raise NotStrictJson(_TOO_DEEP) from exc
    except ValueError as exc:
        raise NotStrictJson(str(exc)) from exc
    if is_deeper(value, MAX_DEPTH):
        raise NotStrictJson(_TOO_DEEP)
    return value


_TOO_DEEP = f"it is nested deeper than {MAX_DEPTH} levels"


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise NotStrictJson(f"the member {name[:_QUOTED]!r} occurs twice in one object")
        members[name] = value
    return members


def _refuse_constant(constant: str) -> NoReturn:
    raise NotStrictJson(f"{constant} is not a JSON value")
