"""A cron expression in words, made of the sets that it names, so that the words are true however it is written."""

from collections.abc import Sequence
from itertools import pairwise, product

from tock.core.schedule.cron.fields import CronFields

#: Up to so many times a day are listed.
_LISTED = 4
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
#: By number; the week begins on Monday, so Sunday counts as 7 here.
_WEEKDAYS = ("", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ALL_DAYS, _ALL_MONTHS, _ALL_WEEKDAYS = 31, 12, 7


def cron_text(fields: CronFields) -> str:
    """Return the expression in words, without its time zone: `at 09:00 on Monday to Friday`."""
    days = _days(fields)
    if _count(fields) <= _LISTED:
        clock = "{:02}:{:02}" if fields.seconds == (0,) else "{:02}:{:02}:{:02}"
        times = [clock.format(*time) for time in product(fields.hours, fields.minutes, fields.seconds)]
        return f"at {_listed(times)}{days or ' every day'}"
    return f"{_clock(fields)}{days}"


def _count(fields: CronFields) -> int:
    return len(fields.hours) * len(fields.minutes) * len(fields.seconds)


def _clock(fields: CronFields) -> str:
    """Return what recurs within a minute or an hour, then the minutes and hours if not all are named."""
    units = (("second", fields.seconds, 60), ("minute", fields.minutes, 60), ("hour", fields.hours, 24))
    (name, values, size), *larger = units[1:] if fields.seconds == (0,) else units
    recurring = _recurring(values, size=size, unit=name)
    words = [recurring or f"at {_numbered(values, unit=name)}"]
    for name, values, size in larger:
        # "Every 5 minutes" says "of every hour" already.
        if recurring and len(values) == size:
            continue
        recurring = _recurring(values, size=size, unit=name, ordinal=True)
        words.append(f"of {recurring or _numbered(values, unit=name)}")
    return " ".join(words)


def _recurring(values: Sequence[int], *, size: int, unit: str, ordinal: bool = False) -> str | None:
    """Return values that recur evenly as `every …`; None for others."""
    if len(values) == size:
        return f"every {unit}"
    step = _step(values)
    if step is None or step * len(values) != size:
        return None
    words = f"every {_ordinal(step)} {unit}" if ordinal else f"every {step} {unit}s"
    return f"{words} from {unit} {values[0]}" if values[0] else words


def _ordinal(number: int) -> str:
    return f"{number}{ {2: 'nd', 3: 'rd'}.get(number, 'th') }"


def _numbered(values: Sequence[int], *, unit: str) -> str:
    return f"{unit} {values[0]}" if len(values) == 1 else f"{unit}s {_listed(_runs(values, names=None))}"


def _step(values: Sequence[int]) -> int | None:
    """Return the one distance between all neighbours, or None if there are several, or none."""
    distances = {later - earlier for earlier, later in pairwise(values)}
    return distances.pop() if len(distances) == 1 else None


def _runs(values: Sequence[int], *, names: Sequence[str] | None) -> list[str]:
    """Return the values, with three or more consecutive ones as a range."""
    runs: list[list[int]] = []
    for value in values:
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    words: list[str] = []
    for run in runs:
        said = [str(value) if names is None else names[value] for value in run]
        words += said if len(run) < 3 else [f"{said[0]} to {said[-1]}"]  # noqa: PLR2004 - two are no range
    return words


def _listed(words: Sequence[str], *, last: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def _days(fields: CronFields) -> str:
    """Return the days and months in words, with a space before; empty for every day."""
    all_days, all_weekdays = len(fields.days) == _ALL_DAYS, len(fields.weekdays) == _ALL_WEEKDAYS
    days = f"on {_numbered(fields.days, unit='day')} of the month"
    weekdays = _runs(sorted(day or 7 for day in fields.weekdays), names=_WEEKDAYS)
    if fields.either_day:
        said = "" if all_days or all_weekdays else f" {days} or on {_listed(weekdays)}"
    elif all_days:
        said = "" if all_weekdays else f" on {_listed(weekdays)}"
    else:
        said = f" {days}" if all_weekdays else f" {days} if it is {_listed(weekdays, last='or')}"
    if len(fields.months) == _ALL_MONTHS:
        return said
    months = _listed(_runs([month - 1 for month in fields.months], names=_MONTHS))
    return f"{said} in {months}" if said else f" on every day in {months}"
