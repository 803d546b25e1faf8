"""Instants as people type them: a local time in their zone and, where it comes twice, which of the two."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tock.core.schedule.clock_changes import LONGEST_CHANGE, clock_changes, offset_at


def local_text(instant: datetime, *, zone: ZoneInfo) -> str:
    """Return an instant as `datetime-local` holds it; empty if the zone has no local time for it.

    Such a control takes milliseconds at most.
    """
    try:
        local = instant.astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        return ""
    return local.isoformat(timespec="milliseconds" if local.microsecond else "seconds")


def fold_text(instant: datetime, *, zone: ZoneInfo) -> str:
    """Return `0` or `1` for the first or second of two instants with the same local time, or else an empty text."""
    text = local_text(instant, zone=zone)
    if not text or len(both_instants(text, zone=zone)) == 1:
        return ""
    return str(instant.astimezone(zone).fold)


def same_local(one: str, other: str) -> bool:
    """Whether two texts are the same local time: browsers leave out seconds that are zero."""
    first, second = _read(one), _read(other)
    return one == other if first is None or second is None else first == second


def both_instants(text: str, *, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Return the instants of a local time, oldest first: two where the clocks go back, and none in a gap.

    A text with an offset is one instant, whatever the zone. Raises ValueError if the text is no time.
    """
    local = _read(text)
    if local is None:
        raise ValueError(f"{text[:64]!r} is not a time: write one such as '2027-01-01T09:00'")
    try:
        if local.utcoffset() is not None:
            return (local.astimezone(UTC),)
        found = [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
        real = [each for each in found if each.astimezone(zone).replace(tzinfo=None, fold=0) == local]
    except OverflowError as exc:
        raise ValueError("the time is outside the years 1 to 9999 in UTC") from exc
    return tuple(sorted(set(real)))


def typed_instant(text: str, *, fold: str, zone: ZoneInfo) -> datetime:
    """Return the instant that a local time means, the first or the second one by `fold`.

    Raises ValueError, with the remedy, if the clocks skip the time, or if it comes twice and `fold` is empty.
    """
    found = both_instants(text, zone=zone)
    if not found:
        raise ValueError(_skipped(text, zone=zone))
    if len(found) == 1:
        return found[0]
    if fold not in {"0", "1"}:
        raise ValueError(f"comes twice in {zone}, because the clocks go back: choose the first or the second")
    return found[int(fold)]


def offset_text(instant: datetime, *, zone: ZoneInfo) -> str:
    """Return the zone's offset from UTC at an instant, such as `+01:00`."""
    return instant.astimezone(zone).isoformat(timespec="seconds")[19:]


def _read(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def _skipped(text: str, *, zone: ZoneInfo) -> str:
    local = datetime.fromisoformat(text.strip())
    around = local.replace(tzinfo=zone).astimezone(UTC)
    change = next(clock_changes(zone, after=around - LONGEST_CHANGE, until=around + LONGEST_CHANGE), None)
    if change is None:
        return f"does not exist in {zone}: choose another time"
    after = change.at.astimezone(zone)
    before = after.replace(tzinfo=None) - (offset_at(zone, change.at) - change.before)
    return (
        f"does not exist in {zone}: the clocks go forward from {before:%H:%M} to {after:%H:%M} on {after:%Y-%m-%d}; "
        f"choose {after:%H:%M} or later, or a time before {before:%H:%M}"
    )
