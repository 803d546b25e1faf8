"""Lists, a page at a time."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from tock.local.cloud_tasks.errors import InvalidFieldError

Item = TypeVar("Item")


def page_of(items: Sequence[tuple[str, Item]], *, size: int, most: int, token: str) -> tuple[list[Item], str]:
    """One page of items in the order of their keys, and the token of the next page, empty after the last.

    A page begins after the key where the one before it ended, so an item that stays is listed once, whatever comes
    and goes meanwhile. A size of 0, or above `most`, is `most`. Raises InvalidFieldError.
    """
    if size < 0:
        raise InvalidFieldError("page_size", problem="must not be negative.")
    after = _key(token)
    rest = sorted((item for item in items if item[0] > after), key=lambda item: item[0])
    length = min(size or most, most)
    page = rest[:length]
    more = len(rest) > length
    return [item for _, item in page], _token(page[-1][0]) if more else ""


def _token(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _key(token: str) -> str:
    try:
        return base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as exc:
        raise InvalidFieldError("page_token", problem="is none of this emulator's.") from exc
