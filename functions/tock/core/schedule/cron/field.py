"""One field of a cron expression: the values that its text names."""

import re
from dataclasses import dataclass

_TERM = re.compile(r"(?:(?P<star>\*)|(?P<first>[^-/*]+)(?:(?P<dash>-)(?P<last>[^-/*]+))?)(?:/(?P<step>[0-9]+))?")


@dataclass(frozen=True, slots=True)
class CronField:
    """What one field may hold: numbers from `low` to `high`, and names for them from `low` on.

    A name may be written in full or with its first three letters; texts are in upper case. `unit` is the name of what
    a step counts, with the seconds in it; None if it has no fixed length.
    """

    name: str
    low: int
    high: int
    unit: tuple[str, int] | None
    names: tuple[str, ...] = ()

    def values(self, text: str) -> tuple[int, ...]:
        """Return the values that a text names, ascending. Raises ValueError, which says what is wrong with it."""
        return tuple(sorted({value for term in text.split(",") for value in self._term(term, within=text)}))

    def too_large_step(self, text: str) -> str | None:
        """Return what is wrong with a step that leads from a first value beyond the last one, or None.

        Such a step names the first value alone: `*/90` minutes fires once an hour. The text must be valid.
        """
        for term in text.split(","):
            match = _TERM.fullmatch(term)
            if match is None or match["step"] is None:
                continue
            span, step = self._span(match, within=text), int(match["step"])
            first, last = span[0], span[-1]
            if self is WEEKDAY and (first, last) == (0, 7):
                last = 6
            if step > max(last - first, 1):
                every = self._every(step) if match["dash"] is None else ""
                return (
                    f"{self.name} {text!r}: the step {step} leads beyond {last}, so {term!r} names only {first}: "
                    f"write {first}{every}"
                )
        return None

    def _term(self, term: str, *, within: str) -> range:
        match = _TERM.fullmatch(term)
        if match is None:
            raise self._error(within, f"cannot read {term!r}")
        step = int(match["step"] or 1)
        if step == 0:
            raise self._error(within, "a step of 0 never moves; use 1 or more")
        span = self._span(match, within=within)
        return range(span.start, span.stop, step)

    def _span(self, match: re.Match[str], *, within: str) -> range:
        if match["star"]:
            return range(self.low, self.high + 1)
        first = self._value(match["first"], within=within)
        if match["dash"]:
            last = self._value(match["last"], within=within)
            if last == 0 < first and self is WEEKDAY:
                last = 7
            if last < first:
                raise self._error(within, f"{match[0]!r} runs backwards; split it in two ranges")
            return range(first, last + 1)
        return range(first, self.high + 1) if match["step"] else range(first, first + 1)

    def _value(self, text: str, *, within: str) -> int:
        for number, name in enumerate(self.names, start=self.low):
            if text in (name, name[:3]):
                return number
        if not (text.isascii() and text.isdigit()):
            raise self._error(within, f"cannot read {text!r}")
        value = int(text)
        if not self.low <= value <= self.high:
            raise self._error(within, f"{text} is out of range")
        return value

    def _every(self, step: int) -> str:
        if self.unit is None or step * self.unit[1] > _LONGEST_INTERVAL:
            return ""
        name, seconds = self.unit
        return f", or for every {step} {name}s write every: {'P' if seconds == _DAY else 'PT'}{step}{name[0].upper()}"

    def _error(self, text: str, reason: str) -> ValueError:
        names = f" or {self.names[0][:3]} to {self.names[-1][:3]}" if self.names else ""
        return ValueError(
            f"{self.name} {text!r}: {reason}; it takes *, numbers from {self.low} to {self.high}{names}, "
            "ranges (1-5), steps (*/2) and lists (1,3)"
        )


_DAY = 86_400
#: The longest interval that `every` takes, in seconds.
_LONGEST_INTERVAL = 366 * _DAY
_MONTHS = (
    *("JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY", "AUGUST"),
    *("SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER"),
)
_WEEKDAYS = ("SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY")

MINUTE = CronField("minute", 0, 59, ("minute", 60))
HOUR = CronField("hour", 0, 23, ("hour", 3600))
DAY = CronField("day of month", 1, 31, ("day", _DAY))
MONTH = CronField("month", 1, 12, None, _MONTHS)
#: Sunday is 0 and 7.
WEEKDAY = CronField("day of week", 0, 7, ("day", _DAY), _WEEKDAYS)
SECOND = CronField("second", 0, 59, ("second", 1))
#: The fields in the order in which they are written.
FIELDS = (MINUTE, HOUR, DAY, MONTH, WEEKDAY, SECOND)
