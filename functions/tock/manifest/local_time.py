"""The instant of a local time, for `tock.at("2027-01-01T09:00", "Europe/Berlin")`."""

from datetime import UTC, datetime, tzinfo
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
    return instant_in(local, zone=ZoneInfo(time_zone))


def instant_in(local: datetime, *, zone: tzinfo | None) -> datetime:
    """Return the instant of a local time in a time zone; None is this machine's.

    Raises ValueError, with the remedy, if a clock change skips or repeats it.
    """
    first, second = (_utc(local.replace(fold=fold), zone) for fold in (0, 1))
    if first == second:
        return first
    name = "this machine's time zone" if zone is None else str(zone)
    shown = [each.astimezone(zone) for each in (first, second)]
    if shown[0].replace(tzinfo=None) != local:
        raise ValueError(f"does not exist in {name}, whose clocks skip it: choose another time")
    offsets = " or ".join(f"'{each.isoformat()}'" for each in shown)
    raise ValueError(f"comes twice in {name}, whose clocks go back: write {offsets}")


def _utc(local: datetime, zone: tzinfo | None) -> datetime:
    return (local if zone is None else local.replace(tzinfo=zone)).astimezone(UTC)


def _local(time: str | datetime) -> datetime:
    if isinstance(time, datetime):
        return time
    try:
        return datetime.fromisoformat(time)
    except ValueError as exc:
        raise ValueError(f"{time[:64]!r} is no time: write one such as '2027-01-01T09:00'") from exc
