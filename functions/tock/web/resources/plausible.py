"""A time that a query may ask about: near enough to the present that every calendar knows it."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator

from tock.core.time.instant import Instant

FIRST = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(2200, 1, 1, tzinfo=UTC)


def _plausible(value: datetime) -> datetime:
    if not FIRST <= value < LAST:
        raise ValueError("takes a time from 1970 to 2199")
    return value


PlausibleInstant = Annotated[Instant, AfterValidator(_plausible)]
