"""The instant of a local time, for `tock.at("2027-01-01T09:00", "Europe/Berlin")`."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tock.core.schedule.time_zones import instead_of_time_zone, is_time_zone


def instant_of(time: str | datetime, *, time_zone: str) -> datetime:
    """Return the instant of a local time in a time zone.

    Raises ValueError, with the remedy, if the time is no local time, or if a clock change skips or repeats it.
    """
    if not is_time_zone(time_zone):
        raise ValueError(f"time zone {instead_of_time_zone(time_zone)}")
    local = _local(time)
    if local.utcoffset() is not None:
        raise ValueError("has an offset and a time zone: leave out one of them")
    zone = ZoneInfo(time_zone)
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    offsets = " or ".join(f"'{each.isoformat()}'" for each in (first, second))
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        raise ValueError(f"does not exist in {time_zone}, whose clocks skip it: choose another time")
    raise ValueError(f"comes twice in {time_zone}, whose clocks go back: write {offsets}")


def _local(time: str | datetime) -> datetime:
    if isinstance(time, datetime):
        return time
    try:
        return datetime.fromisoformat(time)
    except ValueError as exc:
        raise ValueError(f"{time[:64]!r} is no time: write one such as '2027-01-01T09:00'") from exc
