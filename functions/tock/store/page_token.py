"""Page tokens: where a listing goes on, opaque to whoever carries them and useless for any other listing."""

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
    """Return the token for what comes behind a document of this id, at this time if the listing is ordered by one."""
    moment = None if at is None else (at - _EPOCH) // _MICROSECOND
    text = json.dumps([fingerprint(listing), moment, identifier], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_token(token: str, *, listing: str, timed: bool) -> tuple[datetime | None, str]:
    """Return the time and the id that a token stands for.

    Raises InvalidArgument when it is not a token of this listing.
    """
    try:
        moment, identifier = _position(_decoded(token), listing=listing, timed=timed)
        return None if moment is None else _EPOCH + moment * _MICROSECOND, identifier
    except (ValueError, OverflowError, RecursionError) as exc:
        remedy = "pass the next_page_token of the page before, with the same filters, or none"
        raise InvalidArgument(field="page_token", value=token[:_LONGEST_TOKEN], remedy=remedy) from exc


def _position(decoded: object, *, listing: str, timed: bool) -> tuple[int | None, str]:
    match decoded:
        case [str(mark), (int() | None) as moment, str(identifier)]:
            if mark == fingerprint(listing) and timed == (moment is not None) and is_id(identifier):
                return moment, identifier
    raise ValueError("not a position of this listing")


def _decoded(token: str) -> object:
    if len(token) > _LONGEST_TOKEN:
        raise ValueError("too long")
    padded = token.encode("ascii") + b"=" * (-len(token) % 4)
    decoded: object = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    return decoded
