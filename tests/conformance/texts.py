"""Texts of the document's formats: what JSON Schema cannot say of them, a strategy for each says here."""

from datetime import UTC, datetime, timedelta

import schemathesis
from hypothesis import strategies as st

from conformance import contents
from conformance.contents import Use
from tock.bootstrap.system_clock import SystemClock
from tock.core.time.duration import duration_from_text, duration_text
from tock.core.time.instant import instant_text

_NOW = SystemClock().now()
_FIELD = st.sampled_from(["*", "0", "7", "5,40", "10-20", "*/5", "*/17"])


def _time(first: datetime, last: datetime) -> st.SearchStrategy[str]:
    naive = st.datetimes(first.replace(tzinfo=None), last.replace(tzinfo=None))
    return naive.map(lambda moment: instant_text(moment.replace(tzinfo=UTC)))


def _year(number: int) -> datetime:
    return datetime(number, 1, 1, tzinfo=UTC)


#: A strategy for each format. The times of two fields that belong together are apart, so that one follows the other.
FORMATS = {
    "cron": st.builds(
        lambda minute, hour, day: f"{minute} {hour} * * {day}",
        _FIELD,
        st.sampled_from(["*", "0", "9", "8-18", "*/6"]),
        st.sampled_from(["*", "1-5", "0", "mon", "6,7"]),
    ),
    "iana-time-zone": st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]),
    "page-token": st.just(""),
    "time-of-start": _time(_year(2027), _year(2029)),
    "time-of-one-run": _time(_year(2030), _year(2060)),
    "time-of-end": _time(_year(2070), _year(2190)),
    "time-of-first-record": _time(_NOW - timedelta(days=80), _NOW - timedelta(days=2)),
    "time-of-last-record": _time(_NOW - timedelta(days=1), _NOW),
    "first-day": st.integers(10, 300).map(lambda ago: (_NOW - timedelta(days=ago)).date().isoformat()),
    "last-day": st.integers(0, 10).map(lambda ago: (_NOW - timedelta(days=ago)).date().isoformat()),
    "any-time": _time(_year(1900), _year(2190)),
    "kept-project": st.sampled_from(contents.IDS["project"][Use.KEPT]),
    "kept-trigger": st.sampled_from(contents.IDS["trigger"][Use.KEPT]),
    "agent-or-none": st.sampled_from(contents.IDS["agent"][Use.KEPT]) | st.just("absent"),
}
#: What is taken of these formats, here or everywhere.
OF_THIS_DEPLOYMENT = {
    "python-callable": contents.CALLABLES,
    "agent-url": ("https://agents.example.com/run", "HTTPS://Agents.Example.com:443/a?b=c#d"),
    "agent-origin": ("https://agents.example.com", "https://agents.example.com:443/"),
    # None with a $ref: schemathesis would resolve it in the document, and check nothing of what it cannot resolve.
    "json-schema": ({}, {"type": "object"}),
    "secret-name": (f"{contents.PROJECT}/CRM",),
}
#: The secrets of the form that basic credentials have.
CREDENTIALS = (f"{contents.PROJECT}/LOGIN",)
#: What each field with an id takes, by its name.
IDS = {"project": "kept-project", "trigger": "kept-trigger", "agent": "agent-or-none", "run": "id-of-a-run"}
#: What each field with a time takes, by its name.
TIMES = {
    "start": "time-of-start",
    "end": "time-of-end",
    "at": "time-of-one-run",
    "anchor": "any-time",
    "since": "time-of-start",
    "until": "time-of-end",
    "from": "time-of-first-record",
    "to": "time-of-last-record",
}

#: What each field with a day takes, by its name.
DAYS = {"from": "first-day", "to": "last-day"}


def register() -> None:
    """Make the strategies known to the library, once the contents are there."""
    for name, strategy in (FORMATS | {"id-of-a-run": st.sampled_from(contents.RUNS)}).items():
        schemathesis.openapi.format(name, strategy)


def bounded_duration(schema: dict[str, str]) -> str:
    """Return the format of a duration with bounds; the first call for these bounds registers it."""
    low, high = (duration_from_text(schema[keyword]) for keyword in ("x-minimum", "x-maximum"))
    name = f"duration-{schema['x-minimum']}-{schema['x-maximum']}"
    seconds = st.integers(int(low.total_seconds()), int(high.total_seconds()))
    texts = seconds.map(lambda number: duration_text(timedelta(seconds=number))) | seconds.map(
        lambda number: f"{number}s"
    )
    schemathesis.openapi.format(name, texts)
    return name
