"""Page tokens: where a listing continues. A token is opaque to clients and valid for its own listing only."""

import base64
import json
from datetime import UTC, datetime, timedelta

from tock.core.errors import InvalidArgument
from tock.core.ids import fingerprint
from tock.store.paths import is_id

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST_TOKEN = 1024


def page_token(at: datetime | None, identifier: str, *, listing: str) -> str:
    """Return the token that continues a listing after the document of this id, and of this time if time orders it."""
    microseconds = None if at is None else (at - _EPOCH) // _MICROSECOND
    text = json.dumps([fingerprint(listing), microseconds, identifier], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_token(token: str, *, listing: str, timed: bool) -> tuple[datetime | None, str]:
    """Return the time and the id that a token holds.

    Raises InvalidArgument when it is not a token of this listing.
    """
    try:
        microseconds, identifier = _position(_decoded(token), listing=listing, timed=timed)
        return None if microseconds is None else _EPOCH + microseconds * _MICROSECOND, identifier
    except (ValueError, OverflowError, RecursionError) as exc:
        remedy = "pass the next_page_token of the previous page with the same filters, or leave it out"
        raise InvalidArgument(field="page_token", value=token[:_LONGEST_TOKEN], remedy=remedy) from exc


def _position(decoded: object, *, listing: str, timed: bool) -> tuple[int | None, str]:
    match decoded:
        case [str(token_listing), (int() | None) as microseconds, str(identifier)]:
            if token_listing == fingerprint(listing) and timed == (microseconds is not None) and is_id(identifier):
                return microseconds, identifier
    raise ValueError("not a position of this listing")


def _decoded(token: str) -> object:
    if len(token) > _LONGEST_TOKEN:
        raise ValueError("too long")
    padded = token.encode("ascii") + b"=" * (-len(token) % 4)
    decoded: object = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    return decoded
