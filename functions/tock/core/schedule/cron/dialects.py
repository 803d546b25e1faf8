"""Cron texts of other programs, which Tock refuses, and what to write instead of each."""

import re
from collections.abc import Callable

from tock.core.schedule.cron.field import DAY, FIELDS, WEEKDAY
from tock.core.schedule.cron.fields import LONGEST_CRON
from tock.core.schedule.cron.second_first import in_words, with_second_last
from tock.core.schedule.time_zones import is_time_zone
from tock.core.time.duration import duration_from_text, duration_text

_EVERY = re.compile(r"@every\s+(?P<length>.+)", re.IGNORECASE)
_RATE = re.compile(r"rate\(\s*(?P<amount>[0-9]+)\s+(?P<unit>minute|hour|day)s?\s*\)", re.IGNORECASE)
_ZONE_PREFIX = re.compile(r"(?:CRON_TZ|TZ)=(?P<zone>\S+)\s+(?P<rest>\S.*)", re.IGNORECASE)
_CALL = re.compile(r"cron\((?P<rest>.*)\)", re.IGNORECASE)
_YEAR = re.compile(r"\*|[0-9]{4}(?:[-,/][0-9]+)*")
_NOT_YET = "Tock does not have {} yet: write {}"
_OTHER_WEEKS = "the weekday alone, such as '5', and let the agent return at once in the other weeks"
#: A field, the form of one of its terms, and what to write today.
_DAY_TERMS = (
    (DAY, r"L(?:-[0-9]+)?", _NOT_YET.format("L, the last day of a month,", "'1', the day after it")),
    (DAY, r"LW|WL|[0-9]+W", _NOT_YET.format("W, the weekday nearest to a day,", "the day alone, such as '15'")),
    (WEEKDAY, r"[0-7A-Z]+L|L", _NOT_YET.format("L, the last of a weekday in a month,", _OTHER_WEEKS)),
    (WEEKDAY, r"[0-7A-Z]+#-?[0-9]+", _NOT_YET.format("#, the nth of a weekday in a month,", _OTHER_WEEKS)),
)
_ANY_TERMS = (
    (r".*\?.*", "'?' stands for * in the two day fields only: write '*'"),
    (r"H(?:\(.*\))?(?:/[0-9]+)?", _NOT_YET.format("H, a number of its own choice,", "one of yours, such as '17'")),
    (r"R(?:/[0-9]+)?|[0-9]*~[0-9]*(?:/[0-9]+)?", "Tock has no random numbers: write one, such as '17'"),
)


def foreign_syntax(text: str) -> str | None:
    """Return what to write instead of a text that the grammar refuses, or None if it is no other program's syntax."""
    if len(text) > LONGEST_CRON:
        return None
    given = " ".join(text.split())
    said: Callable[[str], str | None]
    for said in (_interval, _zone_in_text, _call, year_last, _second_first, _term):
        if (sentence := said(given)) is not None:
            return sentence
    return None


def year_last(text: str) -> str | None:
    """Return what to write instead of a text that ends with a year, as EventBridge's six fields and Quartz's seven do.

    Six fields end with a year if the last one looks like one and a day field is `?`. Such a text may be valid in Tock.
    """
    *texts, year = text.split() or [""]
    if _YEAR.fullmatch(year) is None:
        return None
    without: str | None = None
    if len(texts) == len(FIELDS):
        without = with_second_last(texts)
    elif len(texts) == len(FIELDS) - 1 and "?" in {texts[2], texts[4]}:
        without = with_second_last(["0", *texts])
    if without is None:
        return None
    bounds = "" if year == "*" else ", and bound the years by start and end"
    return f"{text!r} has a year as its last field, which Tock does not have: write {without!r}{bounds}"


def _interval(text: str) -> str | None:
    if (match := _RATE.fullmatch(text)) is not None:
        unit = match["unit"][0].upper()
        interval = f"P{match['amount']}D" if unit == "D" else f"PT{match['amount']}{unit}"
    elif (match := _EVERY.fullmatch(text)) is not None:
        try:
            interval = duration_text(duration_from_text(match["length"]))
        except ValueError:
            interval = "PT5M or the like"
    else:
        return None
    return f"{text!r} is an interval: write every: {interval} instead of cron"


def _zone_in_text(text: str) -> str | None:
    if (match := _ZONE_PREFIX.fullmatch(text)) is not None:
        zone, rest = match["zone"], match["rest"]
    else:
        rest, _, zone = text.rpartition(" ")
        if len(rest.split()) not in {5, 6} or not is_time_zone(zone):
            return None
    return f"{text!r} has its time zone in the text: write cron: {rest!r} and time_zone: {zone!r}"


def _call(text: str) -> str | None:
    match = _CALL.fullmatch(text)
    if match is None:
        return None
    rest = match["rest"].strip()
    return year_last(rest) or f"{text!r} has brackets around it: write {rest!r}"


def _second_first(text: str) -> str | None:
    texts = text.split()
    moved = with_second_last(texts) if len(texts) == len(FIELDS) else None
    if moved is None:
        return None
    return f"{text!r} has its second first, but the sixth field is the second: write {moved!r} for '{in_words(moved)}'"


def _term(text: str) -> str | None:
    texts = text.upper().split()
    # Six fields may be a text with its second first.
    orders = [texts, texts[1:]] if len(texts) >= len(FIELDS) else [texts]
    for order in orders:
        for field, given in zip(FIELDS, order, strict=False):
            for its_field, form, remedy in _DAY_TERMS:
                if field is its_field and _has_term(given, form):
                    return f"{field.name} {given!r}: {remedy}"
    for field, given in zip(FIELDS, texts, strict=False):
        for form, remedy in _ANY_TERMS:
            if _has_term(given, form):
                return f"{field.name} {given!r}: {remedy}"
    return None


def _has_term(text: str, form: str) -> bool:
    return any(re.fullmatch(form, term) for term in text.split(","))
