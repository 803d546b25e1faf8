"""Triggers as their authors write them, with every field drawn, and forms as a browser sends them."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from store.drawn_documents import JSON, LABELS, LENGTHS, OBJECTS, optional
from tock.core.agent.evidence import Evidence
from tock.core.policies import CatchUp, CatchUpMode, Overlap, Retry, SessionMode
from tock.core.schedule.schedule import CronSchedule, IntervalSchedule, OnceSchedule
from tock.core.trigger.trigger import Input, TriggerSpec
from tock.web.console.forms.form import Form
from tock.web.console.pages.triggers.editor.trigger_form.control import Texts
from tock.web.console.pages.triggers.editor.trigger_form.controls import CONTROLS


def _is_cron(cron: str) -> bool:
    try:
        CronSchedule(cron=cron)
    except ValueError:
        return False
    return True


#: Texts with every kind of line break, and what a browser does not give back as it was.
_TEXTS = st.text(st.sampled_from("a \t\n\r\0é€😀<>&\"'{}=,;%+\x1f\x85\u2028"), max_size=12) | st.text(max_size=12)
_NAMES = _TEXTS.map(lambda text: text.strip() or "a")
_INSTANTS = st.datetimes(timezones=st.just(UTC)) | st.sampled_from(
    [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, 7, tzinfo=UTC),
        datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
        datetime(2026, 11, 1, 6, 30, 0, 1, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ]
)
_FIELDS = [
    ("*", "*/5", "*/07", "0", "00", "7", "0-30/10", "59"),
    ("*", "9", "09", "1,2", "23"),
    ("*", "1", "?", "31", "1-7"),
    ("*", "6", "JAN"),
    ("*", "1-3,5", "1-5", "1,2,3", "0", "7", "0,6", "6,0", "MON-FRI", "*/2", "0-6"),
]
CRONS = (
    st.tuples(*map(st.sampled_from, _FIELDS)).map(" ".join)
    | st.sampled_from(
        ["0 9 1 6 *", "0 9 * * 1-3,5", "@daily", " 0 9 * * *", "0  9 * * *", "* * * * * */10", "*/1 * * * *"]
    )
).filter(_is_cron)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe")
SCHEDULES = st.one_of(
    st.builds(CronSchedule, cron=CRONS, time_zone=st.sampled_from(ZONES)),
    st.builds(
        IntervalSchedule, every=st.integers(1, 86_400 * 366).map(lambda n: timedelta(seconds=n)), anchor=_INSTANTS
    ),
    st.builds(OnceSchedule, at=_INSTANTS),
)
_EVIDENCE = st.builds(
    Evidence,
    output_schema=optional(st.sampled_from([{}, {"type": "object"}, {"type": ["string", "null"], "maxLength": 3}])),
    events=st.lists(st.sampled_from(["pull_request", "two words", "two\nlines", " led"]), max_size=3).map(tuple),
    min_tokens=optional(st.integers(1, 2**53)),
)
_DEADLINES = st.timedeltas(timedelta(seconds=1), timedelta(days=7))


@st.composite
def specs(draw: st.DrawFn) -> TriggerSpec:
    """Any trigger that somebody may have stored."""
    overlap = draw(st.sampled_from(Overlap))
    is_parallel = overlap is Overlap.PARALLEL
    start, end = draw(
        st.tuples(optional(_INSTANTS), optional(_INSTANTS)).filter(lambda each: None in each or each[0] < each[1])
    )
    return TriggerSpec(
        agent=draw(st.sampled_from(["digest", "a.b-c_d"])),
        schedule=draw(SCHEDULES),
        name=draw(optional(_NAMES)),
        description=draw(_TEXTS),
        input=Input(
            message=draw(optional(_TEXTS)),
            payload=draw(OBJECTS | st.fixed_dictionaries({"a": JSON})),
            model=draw(optional(_NAMES)),
            ref=draw(optional(_TEXTS.filter(bool))),
        ),
        overlap=overlap,
        queue_depth=draw(st.integers(1, 10)),
        max_parallel=draw(optional(st.integers(1, 50))) if is_parallel else None,
        session=SessionMode.NEW if is_parallel else draw(st.sampled_from(SessionMode)),
        catch_up=CatchUp(
            mode=draw(st.sampled_from(CatchUpMode)),
            window=draw(st.timedeltas(timedelta(minutes=1), timedelta(days=7))),
        ),
        start_deadline=draw(optional(_DEADLINES)),
        retry=Retry(max_retries=draw(st.integers(0, 10)), delay=draw(LENGTHS), give_up_at_next=draw(st.booleans())),
        timeout=draw(LENGTHS),
        evidence=draw(optional(_EVIDENCE)),
        progress_every=draw(optional(st.timedeltas(timedelta(seconds=5), timedelta(minutes=29)))),
        start=start,
        end=end,
        enabled=draw(st.booleans()),
        labels=draw(LABELS),
    )


def fields_of(spec: TriggerSpec) -> dict[str, Any]:
    return {field: getattr(spec, field) for field in TriggerSpec.model_fields}


def as_sent(texts: Texts, **typed: str) -> Form:
    """The form as a browser sends it (HTML, "value sanitization algorithm"), with what was typed in some controls."""
    fields = dict(_sent(texts)) | {name.replace("__", "."): (text,) for name, text in typed.items()}
    return Form(tuple((name, value) for name, values in fields.items() for value in values))


def _sent(texts: Texts) -> Iterable[tuple[str, tuple[str, ...]]]:
    for name, values in texts.items():
        kind = CONTROLS[name].kind if name in CONTROLS else "line"
        if not values or (name.endswith(".fold") and values == ("",)):
            continue
        held = values[-1].replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
        if kind == "time":
            # The shortest text of the same local time.
            yield name, (re.sub(r":00$", "", re.sub(r"(\.\d*?)0+$", r"\1", held).removesuffix(".")),)
        elif kind in {"lines", "object", "pairs", "words"}:
            yield name, (held.replace("\n", "\r\n"),)
        elif kind in {"switch", "choice"} or len(values) > 1:
            yield name, values
        else:
            yield name, (held.replace("\n", ""),)
