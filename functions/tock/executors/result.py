"""Turns an agent's return value into an outcome: JSON of a bounded size, or a failure."""

import json
from collections.abc import Mapping
from dataclasses import is_dataclass, replace
from typing import Any

from tock.core.run.outcome import Cancelled, Failed, Succeeded, TimedOut

#: A Firestore document holds at most 1 MiB: a run's result may take a quarter of that, in bytes of UTF-8.
MAX_RESULT_BYTES = 256 * 1024


def outcome_of(value: Any) -> Succeeded | Failed:
    """Return the outcome that an agent's return value stands for.

    JSON values stay as they are; pydantic models and dataclasses become JSON, also inside lists and objects. A
    `Succeeded` keeps its usage and a `Failed` is returned as it is. Anything else fails as `result_not_json`, and JSON
    of more than 256 KiB as `result_too_large`; neither is retryable.
    """
    match value:
        case Failed():
            return value
        case Succeeded():
            checked = _checked(value.result)
            return replace(checked, usage=value.usage) if isinstance(checked, Succeeded) else checked
        case Cancelled() | TimedOut():
            name = type(value).__name__
            return _not_json(f"the agent returned {name}, which only Tock decides")
        case _:
            return _checked(value)


def too_large(size: str) -> Failed:
    """Return the failure of a result of the given size, a text such as `300000 bytes`."""
    return Failed(
        type="result_too_large",
        message=f"The result is {size} of JSON; the limit is {MAX_RESULT_BYTES}: store it and return its location.",
        retryable=False,
    )


def _checked(value: Any) -> Succeeded | Failed:
    try:
        text = json.dumps(_jsonable(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError) as exc:
        return _not_json(str(exc))
    return Succeeded(json.loads(text)) if size <= MAX_RESULT_BYTES else too_large(f"{size} bytes")


def _jsonable(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case list() | tuple():
            return [_jsonable(item) for item in value]
        case Mapping() if all(isinstance(key, str) for key in value):
            return {key: _jsonable(item) for key, item in value.items()}
        case _:
            return _jsonable_model(value)


def _jsonable_model(value: Any) -> Any:
    from pydantic import BaseModel  # noqa: PLC0415 imported lazily: a plain JSON result does not need it
    from pydantic_core import to_jsonable_python  # noqa: PLC0415 as above

    if isinstance(value, BaseModel) or (is_dataclass(value) and not isinstance(value, type)):
        return to_jsonable_python(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value, a pydantic model or a dataclass")


def _not_json(reason: str) -> Failed:
    return Failed(type="result_not_json", message=f"The result is not JSON: {reason}"[:4000], retryable=False)
