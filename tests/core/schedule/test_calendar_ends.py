"""Schedules at the ends of the calendar, in the years 1 and 9999: whatever is asked, arithmetic never overflows."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.builders import a_trigger
from tock.core.proof.expected import expected_fire_times
from tock.core.schedule.past_fire_times import count_fire_times, newest_fire_time
from tock.core.schedule.schedule import (
    CronSchedule,
    IntervalSchedule,
    OnceSchedule,
    Schedule,
    fire_times,
    next_fire_time,
    shortest_gap,
)
from tock.core.trigger.plan import first_fire_time, plan, plan_all_missed
from tock.core.trigger.revision import Revision

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
NOW = datetime(2027, 1, 1, 12, tzinfo=UTC)
ZONES = ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin", "America/New_York", "Africa/Monrovia")
CRONS = ("* * * * *", "* * * * * *", "0 0 1 1 *", "59 23 31 12 * 59", "30 2 * * *", "0 0 29 2 *", "*/30 2 29 2 1")


def near(end: datetime, length: timedelta, *, sign: int) -> st.SearchStrategy[datetime]:
    distances = st.just(timedelta()) | st.timedeltas(timedelta(), length) | st.timedeltas(timedelta(), timedelta(2))
    return distances.map(lambda distance: end + sign * distance)


ENDS = near(FIRST, timedelta(days=1500), sign=1) | near(LAST, timedelta(days=365_000), sign=-1) | st.just(NOW)
SCHEDULES: st.SearchStrategy[Schedule] = st.one_of(
    st.builds(CronSchedule, cron=st.sampled_from(CRONS), time_zone=st.sampled_from(ZONES)),
    st.builds(
        IntervalSchedule,
        every=st.integers(1, 366 * 86_400).map(lambda seconds: timedelta(seconds=seconds)),
        anchor=ENDS,
    ),
    st.builds(OnceSchedule, at=ENDS),
)


@pytest.mark.slow
@given(SCHEDULES, ENDS, ENDS)
@settings(max_examples=300, deadline=None)
def test_fire_times_end_with_the_calendar(schedule: Schedule, one: datetime, other: datetime) -> None:
    after, until = sorted((one, other))

    times = list(islice(fire_times(schedule, after=after), 3))

    assert all(FIRST <= time <= LAST for time in times)
    assert next_fire_time(schedule, after=after) == (times[0] if times else None)
    assert count_fire_times(schedule, after=after, until=until) >= sum(time <= until for time in times)
    newest = newest_fire_time(schedule, after=after, until=until)
    assert newest is None or after < newest <= until
    assert shortest_gap(schedule) != timedelta()


@given(SCHEDULES, ENDS, ENDS)
@settings(max_examples=300, deadline=None)
def test_plans_and_proofs_reach_over_no_end(schedule: Schedule, start: datetime, end: datetime) -> None:
    trigger = a_trigger(schedule=schedule, next_run_at=None, start=start, end=end if end > start else None)
    trigger = trigger.model_copy(update={"next_run_at": first_fire_time(trigger, after=NOW)})
    revision = Revision.of(trigger, valid_from=NOW)

    decided = plan(trigger, now=NOW, look_ahead=timedelta(seconds=90))
    dropped = plan_all_missed(trigger, now=NOW)
    expected = expected_fire_times([revision], since=NOW, until=NOW + timedelta(seconds=90))

    assert [fire_time for fire_time, _ in expected] == [
        each for each in decided.fires if each < NOW + timedelta(seconds=90)
    ]
    assert (dropped.missed, dropped.fires) == (None, ())


@pytest.mark.parametrize("start", [FIRST, FIRST + timedelta(microseconds=1), NOW])
def test_a_start_in_the_first_year_bounds_nothing(start: datetime) -> None:
    revision = Revision.of(a_trigger(start=start), valid_from=NOW)

    expected = expected_fire_times([revision], since=NOW, until=NOW + timedelta(minutes=2))

    assert [fire_time for fire_time, _ in expected] == [NOW + timedelta(minutes=1)]
