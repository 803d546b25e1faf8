"""The three kinds of schedule in code: `cron`, `every` and `at`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a trigger fires, as it was written: the members of the API's `schedule` that were given."""

    fields: Mapping[str, Any]


def cron(expression: str, time_zone: str = "UTC") -> Schedule:
    """Return a schedule that fires at the local times of a cron expression.

    `expression` has five fields (minute, hour, day of month, month, day of week), or six with the second as the last;
    `time_zone` is an IANA name, such as `Europe/Berlin`. Both are checked when the definition is read.
    """
    return Schedule({"cron": expression, "time_zone": time_zone})


def every(interval: str | timedelta, *, anchor: str | datetime | None = None) -> Schedule:
    """Return a schedule that fires at every whole number of intervals before and after an anchor.

    `interval` is whole seconds from 1 s to 366 days, as text (`15m`, `PT15M`) or a timedelta. `anchor` is RFC 3339 text
    with an offset, or an aware datetime; by default 1970-01-01T00:00:00Z.
    """
    return Schedule({"every": interval} if anchor is None else {"every": interval, "anchor": anchor})


def at(time: str | datetime, time_zone: str | None = None) -> Schedule:
    """Return a schedule that fires once.

    `time` is RFC 3339 text, or a datetime. It has an offset (`2027-01-01T09:00:00+01:00`), or else it is the local time
    of `time_zone`, an IANA name; a local time that a clock change skips or repeats needs an offset.
    """
    return Schedule({"at": time} if time_zone is None else {"at": time, "time_zone": time_zone})
