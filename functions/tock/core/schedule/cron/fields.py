"""The fields of a cron expression: the seconds, minutes, hours and days that its text names.

The grammar is that of Debian's crontab(5): numbers, names, ranges, lists, steps, and aliases such as `@daily`. Tock
goes beyond it in these points:

- An optional sixth and last field holds the seconds.
- A step may follow a single number: `5/15` means `5-59/15`.
- Names may be parts of ranges and lists, and may be written in full: `monday-friday`.
- Sunday may end a range of weekdays: `sat-sun`.
- `?` in one of the day fields means `*`, as in Quartz.

Extensions of other dialects (`L`, `W`, `#`, `H`, `R`) are refused, because programs disagree on what they mean.
"""

from dataclasses import dataclass
from functools import lru_cache

from tock.core.schedule.cron.field import DAY, FIELDS, HOUR, MINUTE, MONTH, SECOND, WEEKDAY

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
_LONGEST_MONTH = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}


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


@lru_cache(maxsize=4096)
def cron_fields(text: str) -> CronFields:
    """Return the fields of a cron expression; the second is its sixth and last field, and 0 if omitted.

    Raises:
        ValueError: the text is no cron expression, or no date ever matches it; the message names the field and why.
    """
    minute, hour, day, month, weekday, second = field_texts(text)
    fields = CronFields(
        seconds=SECOND.values(second),
        minutes=MINUTE.values(minute),
        hours=HOUR.values(hour),
        days=DAY.values(day),
        months=MONTH.values(month),
        weekdays=tuple(sorted({value % 7 for value in WEEKDAY.values(weekday)})),
        either_day=not day.startswith("*") and not weekday.startswith("*"),
        fixed_time=not minute.startswith("*") and not hour.startswith("*"),
    )
    if not fields.either_day and fields.days[0] > max(_LONGEST_MONTH[number] for number in fields.months):
        raise ValueError(f"{text!r} has no fire time: day of month {day!r} never comes in month {month!r}")
    return fields


def field_texts(text: str) -> list[str]:
    """Return the text of each field, in upper case: minute, hour, day of month, month, day of week and second.

    An alias is replaced with the fields that it stands for, an omitted second with 0, and `?` with `*`.

    Raises:
        ValueError: the text is too long, or has another number of fields.
    """
    if len(text) > LONGEST_CRON:
        raise ValueError(f"cron has {len(text)} characters; it may have {LONGEST_CRON}")
    texts = text.upper().split()
    if texts and texts[0].startswith("@"):
        alias = _ALIASES.get(text.strip().lower())
        if alias is None:
            raise ValueError(f"{text!r} is not known; write five fields, or one of {', '.join(_ALIASES)}")
        texts = alias.split()
    if len(texts) == len(FIELDS) - 1:
        texts.append("0")
    if len(texts) != len(FIELDS):
        names = ", ".join(field.name for field in FIELDS[:-1])
        raise ValueError(f"cron {text!r} has {len(texts)} fields; it takes 5 ({names}), or 6 with second as the last")
    return [
        "*" if given == "?" and field in (DAY, WEEKDAY) else given for field, given in zip(FIELDS, texts, strict=True)
    ]
