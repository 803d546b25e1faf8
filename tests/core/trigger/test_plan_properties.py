"""Properties of `plan`: it decides every fire time once, the next one only grows, and late ones follow the policy."""

from datetime import datetime, timedelta
from itertools import takewhile

from hypothesis import given, settings
from hypothesis import strategies as st

from core.builders import NOON, a_trigger, every, once
from tock.core.policies import CatchUpMode
from tock.core.run.admission.lateness import PUNCTUAL
from tock.core.schedule.schedule import CronSchedule, Schedule, fire_times
from tock.core.trigger.catch_up import CATCH_UP_RATE
from tock.core.trigger.plan import Plan, plan, plan_all_missed
from tock.core.trigger.trigger import Trigger

unhurried = settings(deadline=None)

LOOK_AHEAD = timedelta(seconds=90)
MICROSECOND = timedelta(microseconds=1)


def seconds(low: int, high: int) -> st.SearchStrategy[timedelta]:
    return st.integers(low, high).map(lambda count: timedelta(seconds=count))


SCHEDULES: st.SearchStrategy[Schedule] = st.one_of(
    st.integers(10, 3600).map(lambda count: every(seconds=count)),
    st.sampled_from(("* * * * *", "*/7 * * * *", "0,1,2 13 * * *", "30 12-15 * * *", "* * * * * */15")).map(
        lambda cron: CronSchedule(cron=cron, time_zone="America/New_York")
    ),
    seconds(1, 7200).map(lambda length: once(NOON + length)),
)


@st.composite
def triggers(draw: st.DrawFn) -> Trigger:
    """Draw a trigger whose next fire time is its schedule's first after noon."""
    schedule = draw(SCHEDULES)
    return a_trigger(
        schedule=schedule,
        next_run_at=next(fire_times(schedule, after=NOON)),
        end=draw(st.none() | seconds(1, 8000).map(lambda length: NOON + length)),
        catch_up={"mode": draw(st.sampled_from(CatchUpMode)), "window": draw(seconds(60, 3600))},
    )


#: Before noon nothing is late; two hours after it, up to 720 fire times are.
MOMENTS = seconds(-100, 7200).map(lambda length: NOON + length)


def between(trigger: Trigger, first: datetime | None, *, until: datetime) -> list[datetime]:
    """The trigger's fire times from `first` to before `until`, by its schedule alone."""
    if first is None:
        return []
    end = until if trigger.end is None else min(until, trigger.end)
    following = fire_times(trigger.schedule, after=first - MICROSECOND)
    return list(takewhile(lambda fire_time: fire_time < end, following))


def decided_times(trigger: Trigger, decided: Plan) -> list[datetime]:
    """What a plan decided, the missed before the fires; the range must hold as many as it says."""
    missed = decided.missed
    if missed is None:
        return list(decided.fires)
    let_go_times = between(trigger, missed.first, until=missed.last + MICROSECOND)
    assert (let_go_times[0], let_go_times[-1], len(let_go_times)) == (missed.first, missed.last, missed.count)
    return [*let_go_times, *decided.fires]


def moved_on(trigger: Trigger, decided: Plan) -> Trigger:
    return trigger.model_copy(update={"next_run_at": decided.next_run_at})


@unhurried
@given(triggers(), MOMENTS)
def test_every_fire_time_before_the_next_is_decided_exactly_once(trigger: Trigger, now: datetime) -> None:
    decided = plan(trigger, now=now, look_ahead=LOOK_AHEAD)

    until = decided.next_run_at or now + LOOK_AHEAD + MICROSECOND
    assert decided_times(trigger, decided) == between(trigger, trigger.next_run_at, until=until)


@unhurried
@given(triggers(), st.lists(MOMENTS, min_size=2, max_size=6))
def test_ticks_at_any_times_decide_every_fire_time_once(trigger: Trigger, moments: list[datetime]) -> None:
    current, everything = trigger, list[datetime]()

    for now in moments:
        decided = plan(current, now=now, look_ahead=LOOK_AHEAD)
        everything += decided_times(trigger, decided)
        current = moved_on(current, decided)

    until = current.next_run_at or max(moments) + LOOK_AHEAD + MICROSECOND
    assert everything == between(trigger, trigger.next_run_at, until=until)


@unhurried
@given(triggers(), MOMENTS)
def test_the_next_fire_time_grows_whenever_something_is_decided(trigger: Trigger, now: datetime) -> None:
    decided = plan(trigger, now=now, look_ahead=LOOK_AHEAD)

    assert trigger.next_run_at is not None
    if decided.next_run_at is None:
        return
    if decided.fires or decided.missed:
        assert decided.next_run_at > trigger.next_run_at
    else:
        assert decided.next_run_at == trigger.next_run_at > now + LOOK_AHEAD


@unhurried
@given(triggers(), seconds(0, 100), seconds(0, 90))
def test_two_ticks_in_time_are_one_tick_over_both(trigger: Trigger, early: timedelta, later: timedelta) -> None:
    now = NOON - early

    first = plan(trigger, now=now, look_ahead=LOOK_AHEAD)
    second = plan(moved_on(trigger, first), now=now + later, look_ahead=LOOK_AHEAD)

    joined = plan(trigger, now=now, look_ahead=LOOK_AHEAD + later)
    assert (first.missed, second.missed, joined.missed) == (None, None, None)
    assert (*first.fires, *second.fires) == joined.fires
    assert second.next_run_at == joined.next_run_at


@unhurried
@given(triggers(), MOMENTS)
def test_a_second_plan_at_the_same_moment_decides_nothing(trigger: Trigger, now: datetime) -> None:
    current = trigger
    decided = plan(current, now=now, look_ahead=LOOK_AHEAD)
    current = moved_on(current, decided)
    while decided.next_run_at is not None and decided.next_run_at <= now:
        assert trigger.catch_up.mode is CatchUpMode.ALL
        decided = plan(current, now=now, look_ahead=LOOK_AHEAD)
        current = moved_on(current, decided)

    assert plan(current, now=now, look_ahead=LOOK_AHEAD) == Plan(fires=(), missed=None, next_run_at=current.next_run_at)


@unhurried
@given(triggers(), MOMENTS)
def test_late_fire_times_run_by_their_policy_only(trigger: Trigger, now: datetime) -> None:
    decided = plan(trigger, now=now, look_ahead=LOOK_AHEAD)

    late = [fire_time for fire_time in decided.fires if fire_time <= now]
    window = PUNCTUAL if trigger.catch_up.mode is CatchUpMode.NONE else trigger.catch_up.window
    coming = takewhile(lambda fire_time: fire_time <= now + LOOK_AHEAD, fire_times(trigger.schedule, after=now))
    rate = max(CATCH_UP_RATE, 2 * sum(1 for _ in coming))
    assert len(late) <= (rate if trigger.catch_up.mode is CatchUpMode.ALL else 1)
    assert all(now - fire_time <= window for fire_time in late)
    assert all(fire_time <= now + LOOK_AHEAD for fire_time in decided.fires)
    assert decided.missed is None or decided.missed.last <= now


@unhurried
@given(triggers(), MOMENTS)
def test_letting_go_runs_nothing_and_misses_all_up_to_now(trigger: Trigger, now: datetime) -> None:
    decided = plan_all_missed(trigger, now=now)

    assert decided.fires == ()
    assert decided_times(trigger, decided) == between(trigger, trigger.next_run_at, until=now + MICROSECOND)
    assert decided.next_run_at is None or decided.next_run_at > now
