"""The calendar of a trigger: which day shows what, in the zone of the reader."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.builders import a_run, a_trigger
from tock.core.errors import InvalidArgument
from tock.core.run.run import MissedRange, Run
from tock.core.run.status import RunStatus
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger
from tock.web.console.pages.triggers.detail.calendar import Day, Month, coming, filled, month_of

BERLIN = ZoneInfo("Europe/Berlin")
DAILY = {"cron": "30 2 * * *", "time_zone": "Europe/Berlin"}
#: Noon of a day in a month whose last Sunday has a clock change in Berlin, the 28th.
NOW = datetime(2027, 3, 10, 12, tzinfo=UTC)


def test_a_month_has_whole_weeks_from_monday_on_and_knows_its_neighbours() -> None:
    month = month_of("2027-02", now=NOW, zone=BERLIN)

    assert [week[0].date for week in month.weeks] == [date(2027, 2, day) for day in (1, 8, 15, 22)]
    assert {len(week) for week in month.weeks} == {7}
    assert (month.title, month.before, month.after) == ("February 2027", "2027-01", "2027-03")


def test_a_year_ends_between_two_months() -> None:
    december = month_of("2026-12", now=NOW, zone=BERLIN)

    assert (december.after, december.days[-1].date) == ("2027-01", date(2027, 1, 3))


@pytest.mark.parametrize("text", ["2027-13", "March", "2027-3-1", "9999-12", "0001-01"])
def test_a_month_that_there_is_not_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument, match="month"):
        month_of(text, now=NOW, zone=BERLIN)


def test_without_a_month_it_is_that_of_the_reader_now() -> None:
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)

    assert month_of("", now=new_year, zone=BERLIN).title == "January 2027"
    assert month_of("", now=new_year, zone=ZoneInfo("UTC")).title == "December 2026"


def test_a_day_of_a_clock_change_is_shorter_and_marked() -> None:
    trigger = a_trigger(schedule=DAILY, next_run_at=None)

    day = _day(_month(trigger), 28)

    assert day.until - day.since == timedelta(hours=23)
    assert day.clocks_change
    assert not _day(_month(trigger), 27).clocks_change


def test_a_day_counts_the_runs_of_the_readers_day_by_status() -> None:
    runs = [
        a_run(id="a", scheduled_for=datetime(2027, 3, 4, 22, 59, tzinfo=UTC), status=RunStatus.SUCCEEDED),
        a_run(id="b", scheduled_for=datetime(2027, 3, 4, 23, 0, tzinfo=UTC), status=RunStatus.SUCCEEDED),
        a_run(id="c", scheduled_for=datetime(2027, 3, 5, 22, 59, tzinfo=UTC), status=RunStatus.FAILED),
        a_run(id="d", scheduled_for=datetime(2027, 3, 5, 12, 0, tzinfo=UTC), status=RunStatus.SUCCEEDED),
    ]

    month = _month(a_trigger(next_run_at=None), *runs)

    assert _day(month, 4).runs == ((RunStatus.SUCCEEDED, 1),)
    assert _day(month, 5).runs == ((RunStatus.FAILED, 1), (RunStatus.SUCCEEDED, 2))


def test_missed_fire_times_of_several_days_stand_on_each_of_them() -> None:
    trigger = a_trigger(schedule={"every": "6h"}, next_run_at=None)
    first, last = datetime(2027, 3, 4, 18, tzinfo=UTC), datetime(2027, 3, 6, 6, tzinfo=UTC)
    missed = a_run(
        scheduled_for=first, status=RunStatus.MISSED, missed=MissedRange(first=first, last=last, count=7), generation=1
    )
    created = Revision.of(trigger, valid_from=datetime(2027, 1, 1, tzinfo=UTC))

    month = month_of("", now=NOW, zone=ZoneInfo("UTC"))
    shown = filled(month, trigger, [missed], read_back_to=None, revisions=[created], now=NOW)

    counts = [dict(_day(shown, day).runs).get(RunStatus.MISSED, 0) for day in (3, 4, 5, 6, 7)]
    assert counts == [0, 1, 4, 2, 0]


def test_missed_fire_times_of_one_day_need_no_revision() -> None:
    first, last = datetime(2027, 3, 4, 8, tzinfo=UTC), datetime(2027, 3, 4, 10, tzinfo=UTC)
    missed = a_run(scheduled_for=first, status=RunStatus.MISSED, missed=MissedRange(first=first, last=last, count=3))

    assert _day(_month(a_trigger(next_run_at=None), missed), 4).runs == ((RunStatus.MISSED, 3),)


def test_missed_fire_times_whose_revision_is_gone_stand_once_on_each_day_that_they_reach() -> None:
    first, last = datetime(2027, 3, 4, 8, tzinfo=UTC), datetime(2027, 3, 5, 10, tzinfo=UTC)
    missed = a_run(scheduled_for=first, status=RunStatus.MISSED, missed=MissedRange(first=first, last=last, count=9))

    month = _month(a_trigger(next_run_at=None), missed)

    assert [sum(count for _, count in _day(month, day).runs) for day in (3, 4, 5, 6)] == [0, 1, 1, 0]


def test_fire_times_that_no_tick_has_claimed_are_to_come() -> None:
    trigger = a_trigger(
        schedule=DAILY, next_run_at=datetime(2027, 3, 12, 1, 30, tzinfo=UTC), end="2027-03-15T01:30:00Z"
    )

    month = _month(trigger)

    assert [_day(month, day).coming for day in (10, 11, 12, 13, 14, 15, 16)] == [0, 0, 1, 1, 1, 0, 0]


def test_a_fire_time_to_come_counts_alike_with_a_run_and_without() -> None:
    trigger = a_trigger(schedule=DAILY, next_run_at=datetime(2027, 3, 12, 1, 30, tzinfo=UTC))
    claimed = datetime(2027, 3, 11, 1, 30, tzinfo=UTC)

    month = _month(trigger, a_run(scheduled_for=claimed, due_at=claimed))

    assert [(_day(month, day).runs, _day(month, day).coming) for day in (11, 12)] == [((), 1), ((), 1)]
    assert month.kinds == ("scheduled",)


def test_a_disabled_trigger_has_nothing_to_come() -> None:
    assert coming(a_trigger(next_run_at=None), since=NOW, until=NOW + timedelta(days=1)) == 0


def test_days_whose_runs_were_not_all_read_say_so() -> None:
    trigger = a_trigger(next_run_at=None)
    month = month_of("", now=NOW, zone=BERLIN)

    shown = filled(month, trigger, [], read_back_to=datetime(2027, 3, 5, 12, tzinfo=UTC), revisions=(), now=NOW)

    assert [_day(shown, day).partial for day in (4, 5, 6)] == [True, True, False]


def test_days_before_the_trigger_was_created_have_no_runs_to_read() -> None:
    trigger = a_trigger(next_run_at=None)
    read_back_to = datetime(2027, 3, 5, 12, tzinfo=UTC)
    created = Revision.of(trigger, valid_from=datetime(2027, 3, 4, 12, tzinfo=UTC))
    month = month_of("", now=NOW, zone=BERLIN)

    shown = filled(month, trigger, [], read_back_to=read_back_to, revisions=[created], now=NOW)
    edited = created.model_copy(update={"number": 2})
    older = filled(month, trigger, [], read_back_to=read_back_to, revisions=[edited], now=NOW)

    assert [_day(shown, day).partial for day in (3, 4, 5, 6)] == [False, True, True, False]
    assert _day(older, 3).partial


def _month(trigger: Trigger, *runs: Run) -> Month:
    month = month_of("", now=NOW, zone=BERLIN)
    return filled(month, trigger, list(runs), read_back_to=None, revisions=(), now=NOW)


def _day(month: Month, number: int) -> Day:
    return next(day for day in month.days if day.date == date(2027, 3, number))
