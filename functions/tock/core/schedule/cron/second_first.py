"""Cron texts that may have their second first, as Quartz, Spring and node-cron write it."""

import re
from collections.abc import Sequence

from tock.core.schedule.cron.field import FIELDS
from tock.core.schedule.cron.fields import cron_fields, field_texts
from tock.core.schedule.cron.text import cron_text

#: A last field that could be a weekday: `*`, or single digits from 0 to 7.
_WEEKDAY_LIKE = re.compile(r"\*|[0-7](?:[-,][0-7])*")


def second_first(text: str) -> str | None:
    """Return what to write instead of a valid text that may have its second first, or None if it has not.

    Six fields are taken for such a text if they are valid that way and the last one could be their weekday, unless the
    third one is `*` and either the last one is `0` or the fifth one is set. Two digits (`05`) are always a second.
    """
    texts = field_texts(text)
    if len(text.split()) != len(FIELDS) or _WEEKDAY_LIKE.fullmatch(texts[5]) is None:
        return None
    has_weekdays, may_have_hour = texts[4] != "*", texts[2] != "*"
    if not may_have_hour and (has_weekdays or texts[5] == "0"):
        return None
    meant = with_second_last(texts)
    if meant is None or cron_fields(meant) == cron_fields(text):
        return None
    last = "0-59" if texts[5] == "*" else re.sub("[0-7]", r"0\g<0>", texts[5])
    kept = " ".join([*text.split()[:-1], last])
    return (
        f"{text!r} may have its second first, but the sixth field is the second: "
        f"write {meant!r} for '{in_words(meant)}', or {kept!r} for '{in_words(kept)}'"
    )


def with_second_last(texts: Sequence[str]) -> str | None:
    """Return the text with the second moved from the first field to the last, or left out if it is 0.

    None if the result is no cron expression.
    """
    second, *others = texts
    moved = " ".join(others if second in {"0", "00"} else [*others, second])
    try:
        cron_fields(moved)
    except ValueError:
        return None
    return moved


def in_words(text: str) -> str:
    """Return a valid cron expression in words."""
    return cron_text(cron_fields(text))
