"""How a Change changes the stored document: it writes the fields that differ, and no others."""

from typing import Any, TypeVar

from pydantic import BaseModel

_Document = TypeVar("_Document", bound=BaseModel)

#: Fields that hold free JSON. In Python 1 == True; as JSON they differ, so these are compared as they are written.
_FREE = frozenset({"config", "input", "result", "events", "spec", "evidence"})


def changed(stored: _Document, *, before: _Document, after: _Document) -> _Document:
    """Return the document after the Change, or the stored object itself if the Change has no effect on it."""
    if after is before:
        return stored
    written = {name: value for name, value in after.__dict__.items() if _differ(name, before.__dict__[name], value)}
    if stored is before:
        return after if written else stored
    news = {name: value for name, value in written.items() if _differ(name, stored.__dict__[name], value)}
    return stored.model_copy(update=news) if news else stored


def _differ(name: str, one: Any, other: Any) -> bool:
    if one is other:
        return False
    return bool(one != other) or (name in _FREE and repr(one) != repr(other))
