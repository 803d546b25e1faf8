"""Splits lists into pages with page tokens."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from tock.local.cloud_tasks.errors import InvalidFieldError

Item = TypeVar("Item")


def page_of(items: Sequence[tuple[str, Item]], *, size: int, most: int, token: str) -> tuple[list[Item], str]:
    """Return one page of items in the order of their keys, and the next page's token, empty after the last page.

    A page begins after the last key of the page before it, so items that are added or removed in between never make
    another item appear twice or not at all. A size of 0, or above `most`, means `most`. Raises InvalidFieldError.
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
        raise InvalidFieldError("page_token", problem="was not issued by this emulator.") from exc
