"""The reasons that Tock records, such as that of a skipped run, as a person reads them."""

import re
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from tock.core.time.duration import duration_from_text
from tock.web.console.times import absolute_text, duration_text

_LENGTH = re.compile(r"\bP(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?\b(?<!P)")
_RUN = re.compile(r"\b([Rr]un) ([0-9a-f]{8})[0-9a-f]{16}\b")
_TIME = re.compile(r"\b(since|at|fire time|until|from|to) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)")
#: Of how long a run took, and how late it was.
_SECONDS = re.compile(r"(?<=\bafter )\d+\.\d s\b|(?<=\()\d+ s(?= late\))")
_MINUTE = 60


def reason_text(reason: str, *, now: datetime, zone: ZoneInfo) -> str:
    """Return a reason with ids of runs, times and lengths as the rest of the page shows them."""
    shown = _SECONDS.sub(_seconds, _LENGTH.sub(_length, reason))
    return _TIME.sub(partial(_time, now=now, zone=zone), _RUN.sub(r"\1 \2", shown))


def _length(found: re.Match[str]) -> str:
    """Return the length of a match as the rest of the page shows it; what is no length stays as it is."""
    try:
        return duration_text(duration_from_text(found[0]))
    except ValueError:
        return found[0]


def _seconds(found: re.Match[str]) -> str:
    """Return a number of seconds in minutes and hours, if it is that long."""
    seconds = float(found[0].removesuffix(" s"))
    return found[0] if seconds < _MINUTE else duration_text(seconds)


def _time(found: re.Match[str], *, now: datetime, zone: ZoneInfo) -> str:
    """Return the time of a match in the zone; what is no time stays as it is."""
    try:
        instant = datetime.fromisoformat(found[2])
    except ValueError:
        return found[0]
    return f"{found[1]} {absolute_text(instant, now=now, zone=zone)}"
