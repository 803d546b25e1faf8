"""What a read of the store finds, readable or not."""

from collections.abc import Awaitable
from typing import TypeVar

from tock.core.errors import DocumentUnreadable
from tock.core.unreadable import Unreadable
from tock.ports.store import Document, Versioned

_Document = TypeVar("_Document", bound=Document)


async def as_stored(reading: Awaitable[Versioned[_Document] | None]) -> Versioned[_Document] | Unreadable | None:
    """Return what this read of the store finds, also if it cannot be read."""
    try:
        return await reading
    except DocumentUnreadable as exc:
        return exc.found
