"""The timeline's picture: where marks stand, which come together, and what the axis says over a clock change."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.builders import NOON, a_run, a_run_that_is, at
from tock.core.errors import InvalidArgument
from tock.core.run.run import MissedRange
from tock.core.run.status import RunStatus
from tock.web.console.pages.overview.timeline.axis import Change, changes, position, ticks
from tock.web.console.pages.overview.timeline.drawn import (
    NEAR,
    NEAR_WITH_COUNT,
    DrawnMark,
    Stretch,
    drawn_marks,
    stretches,
)
from tock.web.console.pages.overview.timeline.interval import SPANS, Interval, interval_of
from tock.web.console.pages.overview.timeline.mark import Mark, MarkKind, mark_of_run
from tock.web.console.pages.overview.timeline.picture import MOST_ROWS, picture

BERLIN = ZoneInfo("Europe/Berlin")
DAY = Interval(NOON - timedelta(hours=12), NOON + timedelta(hours=12), "24h", fixed=True)
HOUR = Interval(NOON - timedelta(minutes=30), NOON + timedelta(minutes=30), "1h", fixed=True)


def a_mark(instant: datetime, kind: MarkKind = MarkKind.SUCCEEDED, **changes: Any) -> Mark:
    return Mark(
        **{"at": instant, "kind": kind, "title": kind, "when": f"{instant:%H:%M}", "trigger": "digest", "run": "r"}
        | changes
    )


def labels(begin: str, span: str) -> list[str]:
    interval = interval_of(begin=begin, span=span, now=NOON)
    return [tick.label for tick in ticks(interval, zone=BERLIN)]


def test_an_interval_follows_the_present_with_a_fifth_of_it_to_come() -> None:
    interval = interval_of(begin="", span="1h", now=at("12:00:00"))

    assert interval == Interval(at("11:12"), at("12:12"), "1h", fixed=False)


def test_an_interval_begins_where_the_url_says() -> None:
    interval = interval_of(begin="2027-01-01T10:00:00+01:00", span="6h", now=NOON)

    assert interval == Interval(at("09:00"), at("15:00"), "6h", fixed=True)
    assert (interval.earlier, interval.later, interval.start_of("1h")) == (at("06:00"), at("12:00"), at("11:30"))


@pytest.mark.parametrize(
    ("begin", "span", "field"),
    [
        ("", "2h", "span"),
        ("yesterday", "1h", "from"),
        ("2027-01-01T10:00", "1h", "from"),
        ("0001-01-01T00:00:00Z", "1h", "from"),
    ],
)
def test_an_interval_that_is_none_is_refused_by_its_field(begin: str, span: str, field: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        interval_of(begin=begin, span=span, now=NOON)

    assert refused.value.field == field


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("begin", ["1970-01-01T00:00:00Z", "2199-12-31T23:59:59Z"])
def test_the_ways_out_of_the_first_and_the_last_interval_lead_to_intervals(begin: str, span: str) -> None:
    interval = interval_of(begin=begin, span=span, now=NOON)

    for way in (interval.earlier, interval.later, *map(interval.start_of, SPANS)):
        assert interval_of(begin=way.isoformat(), span=span, now=NOON).span == span


def test_a_spring_night_has_no_line_at_the_hour_that_is_skipped() -> None:
    begin = "2027-03-27T23:00:00+01:00"

    assert labels(begin, "6h") == ["23:00", "Sun 28 Mar", "01:00", "03:00", "04:00", "05:00"]
    night = interval_of(begin=begin, span="6h", now=NOON)
    assert changes(night, zone=BERLIN) == (Change(50.0, "clocks go forward: 02:00 → 03:00"),)
    at_three = next(tick for tick in ticks(night, zone=BERLIN) if tick.label == "03:00")
    assert at_three.x == 50.0


def test_an_autumn_night_has_the_hour_that_is_repeated_twice() -> None:
    begin = "2027-10-30T23:00:00+02:00"

    assert labels(begin, "6h") == ["23:00", "Sun 31 Oct", "01:00", "02:00", "02:00", "03:00"]
    night = interval_of(begin=begin, span="6h", now=NOON)
    assert changes(night, zone=BERLIN) == (Change(66.67, "clocks go back: 03:00 → 02:00"),)


def test_a_clock_change_of_half_an_hour_puts_no_line_between_the_hours() -> None:
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    night = interval_of(begin="2027-10-02T23:00:00+10:30", span="6h", now=NOON)

    assert [tick.label for tick in ticks(night, zone=lord_howe)] == [
        *("23:00", "Sun 3 Oct", "01:00", "03:00", "04:00", "05:00")
    ]


def test_days_of_a_week_with_a_clock_change_begin_at_local_midnight() -> None:
    interval = interval_of(begin="2027-03-25T00:00:00+01:00", span="7d", now=NOON)

    found = ticks(interval, zone=BERLIN)

    assert [tick.label for tick in found][:5] == ["Thu 25 Mar", "Fri 26 Mar", "Sat 27 Mar", "Sun 28 Mar", "Mon 29 Mar"]
    # The day of the change has 23 hours, so what follows stands an hour further left.
    assert found[4].x == round((4 * 24 - 1) / (7 * 24) * 100, 2)


@given(st.sampled_from(sorted(SPANS)), st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 - made UTC
def test_an_axis_has_between_four_and_twelve_lines(span: str, begin: datetime) -> None:
    interval = interval_of(begin=begin.replace(tzinfo=UTC).isoformat(), span=span, now=NOON)

    found = ticks(interval, zone=BERLIN)

    assert 4 <= len(found) <= 12
    assert [tick.x for tick in found] == sorted(tick.x for tick in found)


def test_marks_that_stand_apart_are_drawn_one_by_one() -> None:
    first, second = a_mark(NOON, run="a"), a_mark(NOON + timedelta(hours=1), MarkKind.FAILED, run="b")

    found = drawn_marks([second, first], DAY, now=DAY.until)

    assert [(mark.x, mark.kind, mark.run, mark.count) for mark in found] == [
        (50.0, MarkKind.SUCCEEDED, "a", 1),
        (54.17, MarkKind.FAILED, "b", 1),
    ]


def test_marks_on_one_place_become_one_with_their_count_and_the_worst_kind() -> None:
    minutes = [a_mark(NOON + timedelta(minutes=number)) for number in range(3)]
    failed = a_mark(NOON + timedelta(minutes=1), MarkKind.FAILED)

    (found,) = drawn_marks([*minutes, failed], DAY, now=DAY.until)

    assert (found.kind, found.count, found.run, found.title) == (
        MarkKind.FAILED,
        4,
        None,
        "4 in all, 12:00 to 12:02: 1 failed, 3 succeeded",
    )
    assert (found.first, found.last) == (NOON, NOON + timedelta(minutes=2))


def test_a_missed_range_counts_with_all_its_fire_times_where_marks_come_together() -> None:
    (found,) = drawn_marks([a_mark(NOON, MarkKind.MISSED, count=1_250), a_mark(NOON)], DAY, now=DAY.until)

    assert (found.count, found.count_text, found.title) == (
        1_251,
        "1k",
        "1k in all, 12:00 to 12:00: 1250 missed, 1 succeeded",
    )


def test_what_was_and_what_comes_do_not_come_together() -> None:
    failed = [a_mark(NOON - timedelta(minutes=number), MarkKind.FAILED) for number in range(4)]
    coming = [a_mark(NOON + timedelta(minutes=number), MarkKind.SCHEDULED, run=None) for number in range(1, 42)]

    past, *others = drawn_marks([*failed, *coming], DAY, now=NOON)

    assert (past.kind, past.count, past.last) == (MarkKind.FAILED, 4, NOON)
    assert {each.kind for each in others} == {MarkKind.SCHEDULED}
    assert sum(each.count for each in others) == 41


def test_no_count_covers_the_line_of_the_present() -> None:
    marks = [a_mark(NOON + timedelta(seconds=number)) for number in range(-4, 5)]

    past, coming = drawn_marks(marks, DAY, now=NOON)

    half = NEAR_WITH_COUNT / 2
    assert (past.count, coming.count) == (5, 4)
    assert past.x + half <= position(NOON, DAY) <= coming.x - half


def test_two_marks_on_one_place_leave_the_others_of_their_row_as_they_are() -> None:
    minutes = [a_mark(HOUR.since + timedelta(minutes=number)) for number in range(60)]
    again = a_mark(HOUR.since + timedelta(minutes=30, seconds=5))

    found = drawn_marks([*minutes, again], HOUR, now=HOUR.until)

    assert [each.count for each in found if each.merged] == [3]
    assert len(found) == 59


@given(
    st.lists(st.integers(0, 24 * 3600 - 1), max_size=300),
    st.sampled_from(MarkKind),
    st.integers(2 * 3600, 22 * 3600),
)
def test_no_mark_is_lost_and_none_covers_another_or_the_present(
    seconds: list[int], kind: MarkKind, present: int
) -> None:
    marks = [a_mark(DAY.since + timedelta(seconds=second), kind) for second in seconds]
    now = DAY.since + timedelta(seconds=present)

    found = drawn_marks(marks, DAY, now=now)

    assert sum(mark.count for mark in found) == len(marks)
    rounding = 0.03
    for earlier, later in pairwise(found):
        assert later.x - earlier.x >= _half(earlier) + _half(later) - rounding
    for mark in found:
        assert (mark.first <= now) == (mark.last <= now)
        side = 1 if mark.last <= now else -1
        assert side * (position(now, DAY) - mark.x) >= _half(mark) - rounding
        assert abs(mark.x - position(mark.first, DAY)) <= NEAR_WITH_COUNT + NEAR


def _half(mark: DrawnMark) -> float:
    return (NEAR_WITH_COUNT if mark.merged else NEAR) / 2


def test_a_hundred_thousand_runs_make_a_picture_of_some_thousand_marks() -> None:
    marks = [a_mark(DAY.since + timedelta(seconds=second), trigger=f"t{second % 50}") for second in range(86_400)]

    found = picture(marks, names={}, interval=DAY, now=NOON, zone=BERLIN)

    assert len(found.rows) == MOST_ROWS
    assert found.rows_left_out == 10
    assert sum(len(row.marks) for row in found.rows) <= 2_000


def test_a_missed_range_covers_its_time_and_counts_its_fire_times() -> None:
    missed = MissedRange(first=at("06:00"), last=at("09:00"), count=13)
    run = a_run_that_is(RunStatus.MISSED).model_copy(
        update={"scheduled_for": at("06:00"), "missed": missed, "started": None, "reason": "window_passed"}
    )

    mark = mark_of_run(run, now=NOON, zone=BERLIN)

    assert (mark.kind, mark.count) == (MarkKind.MISSED, 13)
    assert mark.title == "missed, 13 fire times from 07:00:00 to 10:00:00; reader; window passed"
    assert stretches([mark], DAY) == (Stretch(25.0, 12.5, MarkKind.MISSED),)


def test_a_running_run_has_a_bar_up_to_now_and_a_queued_one_has_none() -> None:
    running = a_run_that_is(RunStatus.RUNNING)
    later = NOON + timedelta(hours=3)

    found = stretches([mark_of_run(run, now=later, zone=BERLIN) for run in (running, a_run())], DAY)

    assert found == (Stretch(50.0, 12.5, MarkKind.RUNNING),)


def test_rows_are_in_the_order_of_their_names_and_runs_without_a_trigger_come_last() -> None:
    marks = [a_mark(NOON, trigger=None), a_mark(NOON, trigger="gone"), a_mark(NOON, MarkKind.FAILED, trigger="zulu")]

    found = picture(marks, names={"zulu": "Alpha", "idle": "Idle"}, interval=DAY, now=NOON, zone=BERLIN)

    assert [(row.label, row.counts) for row in found.rows] == [
        ("Alpha", ((MarkKind.FAILED, 1),)),
        ("gone", ((MarkKind.SUCCEEDED, 1),)),
        ("Idle", ()),
        ("Runs without a trigger", ((MarkKind.SUCCEEDED, 1),)),
    ]
    assert found.now == 50.0
