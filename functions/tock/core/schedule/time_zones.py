"""The time zones that Tock knows: the IANA names."""

from zoneinfo import ZoneInfo


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
