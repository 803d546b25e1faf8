"""Why a parsed JSON value cannot be shown again: a quick check of what is received or read from the store.

`value` checks what comes from an agent, which need not be JSON at all, and names the part at fault.
"""

import json
from typing import Any

from tock.core.json.value import MAX_DEPTH


def json_problem(value: Any, *, deepest: int = MAX_DEPTH) -> str | None:
    """Return why a JSON value cannot be shown, or None if it can; `deepest` is how many levels it may have."""
    too_deep = f"is nested deeper than {deepest} levels"
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except UnicodeError:
        return "holds half of a surrogate pair, which is no character"
    except RecursionError:
        return too_deep
    except ValueError:
        return "holds a number that is not finite"
    # A value has at most as many levels as brackets, and few values have so many.
    brackets = text.count("[") + text.count("{")
    return too_deep if brackets > deepest and is_deeper(value, deepest) else None


def is_deeper(value: Any, limit: int) -> bool:
    """Return whether arrays and objects are nested more than `limit` levels deep."""
    level = [value]
    for _ in range(limit):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return any(isinstance(inner, dict | list) for inner in level)
