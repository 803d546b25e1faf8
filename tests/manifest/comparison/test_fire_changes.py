"""How fire times change with a schedule: counted, with the first that go and come."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tock.core.schedule.schedule import CronSchedule, IntervalSchedule, OnceSchedule, Schedule
from tock.manifest.comparison.fire_changes import AHEAD, MOST, FireChanges, Timetable, fire_changes

NOW = datetime(2027, 3, 20, 12, tzinfo=UTC)


def table(schedule: Schedule, *, start: datetime | None = None, end: datetime | None = None) -> Timetable:
    return Timetable(schedule, start=start, end=end)


def daily(hour: int) -> Timetable:
    return table(CronSchedule(cron=f"0 {hour} * * *", time_zone="Europe/Berlin"))


def test_an_hour_later_each_day_moves_all_of_them() -> None:
    found = fire_changes(daily(9), daily(10), now=NOW)

    assert found == FireChanges(
        until=NOW + AHEAD,
        time_zone="Europe/Berlin",
        before=30,
        after=30,
        going=30,
        coming=30,
        first_going=tuple(datetime(2027, 3, day, 8, tzinfo=UTC) for day in (21, 22, 23)),
        first_coming=tuple(datetime(2027, 3, day, 9, tzinfo=UTC) for day in (21, 22, 23)),
    )


def test_the_same_fire_times_by_another_expression_are_no_change() -> None:
    assert fire_changes(daily(9), table(CronSchedule(cron="0 9 1-31 * *", time_zone="Europe/Berlin")), now=NOW) is None
    assert fire_changes(daily(9), daily(9), now=NOW) is None
    assert fire_changes(None, None, now=NOW) is None


def test_an_end_takes_away_what_comes_after_it() -> None:
    ended = Timetable(daily(9).schedule, start=None, end=datetime(2027, 3, 23, 8, tzinfo=UTC))

    found = fire_changes(daily(9), ended, now=NOW)

    assert found is not None
    assert (found.before, found.after, found.going, found.coming) == (30, 2, 28, 0)
    assert found.first_going[0] == datetime(2027, 3, 23, 8, tzinfo=UTC)


def test_a_start_is_itself_a_fire_time() -> None:
    start = NOW + timedelta(days=1)
    begun = table(IntervalSchedule(every=timedelta(days=1), anchor=NOW), start=start)

    found = fire_changes(None, begun, now=NOW)

    assert found is not None
    assert found.first_coming[0] == start


def test_a_single_time_comes() -> None:
    found = fire_changes(None, table(OnceSchedule(at=NOW + timedelta(days=2))), now=NOW)

    assert found is not None
    assert (found.before, found.after, found.coming) == (0, 1, 1)


def test_a_dense_schedule_is_compared_up_to_a_number_of_fire_times() -> None:
    every = table(IntervalSchedule(every=timedelta(seconds=10), anchor=NOW))

    found = fire_changes(every, daily(9), now=NOW)

    assert found is not None
    assert found.until == NOW + MOST * timedelta(seconds=10)
    assert found.before == MOST
    assert found.after == 1


_TABLES = st.none() | st.builds(
    table,
    st.builds(
        IntervalSchedule, every=st.integers(6, 400).map(lambda hours: timedelta(hours=hours)), anchor=st.just(NOW)
    )
    | st.integers(0, 23).map(lambda hour: CronSchedule(cron=f"0 {hour} * * 1-5", time_zone="Europe/Berlin")),
    start=st.none() | st.integers(-5, 40).map(lambda days: NOW + timedelta(days=days)),
    end=st.none() | st.integers(-5, 40).map(lambda days: NOW + timedelta(days=days, hours=1)),
)


@given(before=_TABLES, after=_TABLES)
def test_what_goes_and_comes_makes_the_one_into_the_other(before: Timetable | None, after: Timetable | None) -> None:
    found = fire_changes(before, after, now=NOW)
    back = fire_changes(after, before, now=NOW)

    if found is None:
        assert back is None
    else:
        assert found.before - found.going + found.coming == found.after
        assert back is not None
        assert (back.going, back.coming) == (found.coming, found.going)
