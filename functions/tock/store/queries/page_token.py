"""Page tokens: where a listing continues. A token is opaque to clients and valid for its own listing only."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tock.core.errors import InvalidArgument
from tock.core.ids.derived import fingerprint
from tock.store.documents.paths import is_id

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST_TOKEN = 1024


def page_token(place: datetime | float | None, identifier: str, *, listing: str) -> str:
    """Return the token that continues a listing after the document of this id and, if a value orders it, this value."""
    value = (place - _EPOCH) // _MICROSECOND if isinstance(place, datetime) else place
    text = json.dumps([fingerprint(listing), value, identifier], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_token(token: str, *, listing: str, timed: bool) -> tuple[datetime | None, str]:
    """Return the time, if time orders the listing, and the id that a token holds.

    Raises InvalidArgument when it is not a token of this listing.
    """
    value, identifier = _position(token, listing=listing, kind=int if timed else None)
    try:
        return None if value is None else _EPOCH + value * _MICROSECOND, identifier
    except OverflowError as exc:
        raise _refused(token) from exc


def read_number_token(token: str, *, listing: str) -> tuple[float, str]:
    """Return the number and the id that a token of a listing by a number holds. Raises InvalidArgument."""
    value, identifier = _position(token, listing=listing, kind=float)
    return value, identifier


def _position(token: str, *, listing: str, kind: type | None) -> tuple[Any, str]:
    try:
        match _decoded(token):
            case [str(token_listing), value, str(identifier)]:
                is_value = value is None if kind is None else type(value) is kind
                if token_listing == fingerprint(listing) and is_value and is_id(identifier):
                    return value, identifier
    except (ValueError, RecursionError) as exc:
        raise _refused(token) from exc
    raise _refused(token)


def _refused(token: str) -> InvalidArgument:
    remedy = "pass the next_page_token of the previous page with the same filters, or leave it out"
    return InvalidArgument(field="page_token", value=token[:_LONGEST_TOKEN], remedy=remedy)


def _decoded(token: str) -> object:
    if len(token) > _LONGEST_TOKEN:
        raise ValueError("too long")
    padded = token.encode("ascii") + b"=" * (-len(token) % 4)
    decoded: object = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    return decoded
