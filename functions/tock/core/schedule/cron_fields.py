"""The fields of a cron expression: the seconds, minutes, hours and days that its text names.

The grammar is that of Debian's crontab(5), with an optional sixth field for the second: numbers, names, ranges,
lists, steps, and aliases such as `@daily`. Extensions of other dialects (`L`, `W`, `#`, `?`, `H`, `R`) are refused,
because programs disagree on what they mean.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

LONGEST_CRON = 200

_ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAY_NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_LONGEST_MONTH = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}
_TERM = re.compile(r"(?:(?P<star>\*)|(?P<first>[^-/*]+)(?:(?P<dash>-)(?P<last>[^-/*]+))?)(?:/(?P<step>[0-9]+))?")


@dataclass(frozen=True, slots=True)
class CronFields:
    """The local times that a cron expression names; every tuple is ascending and not empty.

    Weekdays run from 0 (Sunday) to 6. A day matches when its day of month and its weekday both match or, if
    `either_day`, when one of them does. With `fixed_time` neither hour nor minute starts with `*`, so a clock change
    moves a fire time instead of dropping or doubling it.
    """

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    either_day: bool
    fixed_time: bool


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    first_name: int = 0

    def values(self, text: str) -> tuple[int, ...]:
        return tuple(sorted({value for term in text.split(",") for value in self._term(term, within=text)}))

    def _term(self, term: str, *, within: str) -> range:
        match = _TERM.fullmatch(term)
        if match is None:
            raise self._error(within, f"cannot read {term!r}")
        step = int(match["step"] or 1)
        if step == 0:
            raise self._error(within, "a step of 0 never moves; use 1 or more")
        if match["star"]:
            return range(self.low, self.high + 1, step)
        first = self._value(match["first"], within=within)
        if match["dash"]:
            last = self._value(match["last"], within=within)
            if last == 0 < first and self is _WEEKDAY:
                last = 7
            if last < first:
                raise self._error(within, f"{term!r} runs backwards; split it in two ranges")
            return range(first, last + 1, step)
        return range(first, self.high + 1, step) if match["step"] else range(first, first + 1)

    def _value(self, text: str, *, within: str) -> int:
        if text in self.names:
            return self.names.index(text) + self.first_name
        if not (text.isascii() and text.isdigit()):
            raise self._error(within, f"cannot read {text!r}")
        value = int(text)
        if not self.low <= value <= self.high:
            raise self._error(within, f"{text} is out of range")
        return value

    def _error(self, text: str, reason: str) -> ValueError:
        names = f" or {self.names[0]} to {self.names[-1]}" if self.names else ""
        return ValueError(
            f"{self.name} {text!r}: {reason}; it takes *, numbers from {self.low} to {self.high}{names}, "
            "ranges (1-5), steps (*/2) and lists (1,3)"
        )


_MINUTE = _Field("minute", 0, 59)
_HOUR = _Field("hour", 0, 23)
_DAY = _Field("day of month", 1, 31)
_MONTH = _Field("month", 1, 12, _MONTH_NAMES, 1)
_WEEKDAY = _Field("day of week", 0, 7, _DAY_NAMES)
_SECOND = _Field("second", 0, 59)
_FIELDS = (_MINUTE, _HOUR, _DAY, _MONTH, _WEEKDAY, _SECOND)


@lru_cache(maxsize=4096)
def cron_fields(text: str) -> CronFields:
    """Return the fields of a cron expression; the second is its sixth and last field, and 0 if omitted.

    Raises:
        ValueError: the text is no cron expression, or no date ever matches it; the message names the field and why.
    """
    minute, hour, day, month, weekday, second = _texts(text)
    fields = CronFields(
        seconds=_SECOND.values(second),
        minutes=_MINUTE.values(minute),
        hours=_HOUR.values(hour),
        days=_DAY.values(day),
        months=_MONTH.values(month),
        weekdays=tuple(sorted({value % 7 for value in _WEEKDAY.values(weekday)})),
        either_day=not day.startswith("*") and not weekday.startswith("*"),
        fixed_time=not minute.startswith("*") and not hour.startswith("*"),
    )
    if not fields.either_day and fields.days[0] > max(_LONGEST_MONTH[number] for number in fields.months):
        raise ValueError(f"{text!r} has no fire time: day of month {day!r} never comes in month {month!r}")
    return fields


def _texts(text: str) -> list[str]:
    if len(text) > LONGEST_CRON:
        raise ValueError(f"cron has {len(text)} characters; it may have {LONGEST_CRON}")
    texts = text.upper().split()
    if texts and texts[0].startswith("@"):
        alias = _ALIASES.get(text.strip().lower())
        if alias is None:
            raise ValueError(f"{text!r} is not known; write five fields, or one of {', '.join(_ALIASES)}")
        texts = alias.split()
    if len(texts) == len(_FIELDS) - 1:
        texts.append("0")
    if len(texts) != len(_FIELDS):
        names = ", ".join(field.name for field in _FIELDS[:-1])
        raise ValueError(f"cron {text!r} has {len(texts)} fields; it takes 5 ({names}), or 6 with second as the last")
    return texts
