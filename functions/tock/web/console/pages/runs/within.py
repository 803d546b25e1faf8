"""Stretches of time up to now that a list is narrowed to with one click: they move on, as a typed time does not."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_LENGTHS = {"1h": timedelta(hours=1), "24h": timedelta(hours=24), "7d": timedelta(days=7)}
_TODAY = "today"
#: What each is called, by its name in an address.
WITHIN: Mapping[str, str] = {"1h": "last hour", _TODAY: "today", "24h": "last 24 hours", "7d": "last 7 days"}


def begin_of(name: str, *, now: datetime, zone: ZoneInfo) -> datetime:
    """Return when the stretch of this name begins: `today` begins at midnight of the reader's day."""
    if name == _TODAY:
        return datetime.combine(now.astimezone(zone).date(), time(), tzinfo=zone).astimezone(UTC)
    return now - _LENGTHS[name]
