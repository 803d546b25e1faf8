"""The part of the gate that what an agent saves passes: the state of its run, and that of its session."""

import json
from typing import Any

from tock.core.errors import InvalidArgument
from tock.core.json.value import NotJsonError, TooLargeError, require_json

#: The most bytes of what an agent saves for the attempts after it.
MAX_STATE_BYTES = 256 * 1024
#: The most bytes of what an agent saves for its session, as ASCII JSON: what one Commit can write.
MAX_SESSION_BYTES = 3_600_000


def state_of(value: Any, *, field: str = "state") -> Any:
    """Return what an agent saves, or what it calls back with, as a JSON value that can be stored.

    Raises:
        InvalidArgument: it is not JSON, or takes more than 256 KiB.
    """
    remedy = f"is more than {MAX_STATE_BYTES} bytes of JSON: store it elsewhere and save its location"
    return _saved(value, field=field, max_bytes=MAX_STATE_BYTES, remedy=remedy)


def session_of(value: Any) -> Any:
    """Return what an agent saves for its session as a JSON value that can be stored.

    Raises:
        InvalidArgument: it is not JSON, or takes more than 3.6 MB, with every character beyond ASCII escaped.
    """
    remedy = f"is more than {MAX_SESSION_BYTES} bytes of JSON: keep less of the conversation"
    plain = _saved(value, field="session", max_bytes=MAX_SESSION_BYTES, remedy=remedy)
    if len(json.dumps(plain, separators=(",", ":"))) > MAX_SESSION_BYTES:
        raise InvalidArgument(field="session", value=None, remedy=remedy)
    return plain


def _saved(value: Any, *, field: str, max_bytes: int, remedy: str) -> Any:
    try:
        return require_json(value, max_bytes=max_bytes)
    except TooLargeError as exc:
        raise InvalidArgument(field=field, value=None, remedy=remedy) from exc
    except NotJsonError as exc:
        raise InvalidArgument(field=field, value=None, remedy=f"is not JSON: {exc.sentence(field)}") from exc
