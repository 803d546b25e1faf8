"""Gives each request names of its own, so that no earlier request makes it a conflict before its fields decide."""

import re
from itertools import count
from typing import Any

from schemathesis import Case, HookContext

from tock.core.fields.types import ID_PATTERN
from tock.web.requests import KEY_PATTERN

_LONGEST = 200
_KEY = "Idempotency-Key"
_numbers = count()


def before_call(_context: HookContext, case: Case, _kwargs: dict[str, Any]) -> None:
    """Number the valid id, subject and idempotency key of a request that is valid.

    One that is not valid is refused before these count. An edit would make the library judge it anew, and it does not
    know the formats of `texts.py`.
    """
    if case.meta is None or case.meta.generation.mode.is_negative:
        return
    number = next(_numbers)
    if case.headers and _fits(case.headers.get(_KEY), pattern=KEY_PATTERN):
        case.headers[_KEY] = f"{case.headers[_KEY]}-{number}"
    if isinstance(case.body, dict):
        names = [name for name in ("id", "subject") if _fits(case.body.get(name), pattern=ID_PATTERN)]
        case.body = case.body | {name: f"{case.body[name]}-{number}" for name in names}


def _fits(text: object, *, pattern: str) -> bool:
    return isinstance(text, str) and len(text) <= _LONGEST and re.fullmatch(pattern, text) is not None
