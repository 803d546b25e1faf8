"""The time zones that Tock knows: the IANA names."""

import difflib
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

#: The regions whose zones are suggested. Those of the others are old names, or offsets with the opposite sign.
_REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def is_time_zone(name: str) -> bool:
    """Whether a name is one of the IANA time zones."""
    # These names depend on the machine's files, and zones under right/ count leap seconds.
    if name.startswith(("posix", "right/", "localtime")):
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def offered_time_zones() -> tuple[str, ...]:
    """Return the names that people choose from: UTC, then those of the regions."""
    known, _ = _suggested()
    return ("UTC", *known.values())


def instead_of_time_zone(name: str) -> str:
    """Return what is wrong with a name that is no time zone, and what to write."""
    similar = _similar(name)
    remedy = f"did you mean {similar!r}?" if similar else "write an IANA name, such as 'Europe/Berlin' or 'UTC'"
    return f"{name[:64]!r} is not known: {remedy}"


def _similar(name: str) -> str | None:
    """Return the zone with this name in another spelling, with this city, or with a name like this one."""
    known, cities = _suggested()
    wanted = name.strip().replace(" ", "_").lower()
    if exact := known.get(wanted) or cities.get(wanted):
        return exact
    close = difflib.get_close_matches(wanted, known, n=1, cutoff=0.75) if "/" in wanted else []
    return known[close[0]] if close else None


@cache
def _suggested() -> tuple[dict[str, str], dict[str, str]]:
    """Return the zones by their names, and by their cities, in small letters."""
    zones = sorted(zone for zone in available_timezones() if zone.partition("/")[0] in _REGIONS)
    return {zone.lower(): zone for zone in zones}, {zone.rpartition("/")[2].lower(): zone for zone in reversed(zones)}
