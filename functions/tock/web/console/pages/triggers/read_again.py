"""When an open page of triggers reads itself again, so that no fire time on it is past."""

from collections.abc import Iterable
from datetime import datetime, timedelta

#: A tick claims a fire time about now, and what it did can be read right after that.
_AFTERWARDS = timedelta(seconds=2)
_SHORTEST, _LONGEST = timedelta(seconds=15), timedelta(hours=1)


def read_again_in(next_fire_times: Iterable[datetime | None], *, now: datetime) -> int | None:
    """Return after how many seconds, right after the earliest of these fire times; None if there is none."""
    coming = [each for each in next_fire_times if each is not None]
    if not coming:
        return None
    wait = min(coming) - now + _AFTERWARDS
    return int(min(max(wait, _SHORTEST), _LONGEST).total_seconds())
