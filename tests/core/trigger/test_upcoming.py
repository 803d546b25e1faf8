"""What comes next: runs that are not over and unclaimed fire times, in one order."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.builders import NOON, TIMING, a_run, a_started_run, a_trigger, at, every
from tock.core.run import transition
from tock.core.run.run import Run
from tock.core.trigger.trigger import Trigger
from tock.core.trigger.upcoming import Upcoming, UpcomingStatus, upcoming


def shown(
    triggers: list[Trigger],
    runs: list[Run] | None = None,
    *,
    now: datetime = NOON,
    until: datetime | None = None,
    limit: int = 10,
    per_trigger: int | None = None,
) -> list[tuple[str, str | None, str]]:
    found = upcoming(triggers, runs or [], now=now, until=until, limit=limit, per_trigger=per_trigger)
    return [(f"{each.due_at:%H:%M:%S}", each.trigger, each.status) for each in found]


def hourly(identifier: str, clock: str) -> Trigger:
    return a_trigger(id=identifier, schedule={"every": "1h", "anchor": at(clock)}, next_run_at=at(clock))


def test_runs_and_fire_times_of_all_triggers_come_in_one_order() -> None:
    running = a_started_run(id="r1", now=at("11:58"), scheduled_for=at("11:58"), due_at=at("11:58"))
    held = transition.hold(a_run(id="r2", scheduled_for=at("11:59")), blocked_by="r1", now=NOON, timing=TIMING)
    claimed = a_run(id="r3", scheduled_for=at("12:01"), due_at=at("12:01"), trigger="b")

    found = shown([hourly("a", "12:30"), hourly("b", "13:00")], [claimed, held, running], until=at("14:00"))

    assert found == [
        ("11:58:00", "digest", "running"),
        ("12:00:00", "digest", "held"),
        ("12:01:00", "b", "queued"),
        ("12:30:00", "a", "to_come"),
        ("13:00:00", "b", "to_come"),
        ("13:30:00", "a", "to_come"),
    ]


def test_each_says_all_that_is_known_of_it() -> None:
    berlin = {"cron": "0 9 * * *", "time_zone": "Europe/Berlin"}
    trigger = a_trigger(schedule=berlin, next_run_at=at("08:00") + timedelta(days=1))
    run = a_run(due_at=at("12:03"), attempt=2)

    first, second = upcoming([trigger], [run], now=NOON, until=None, limit=2)

    assert first == Upcoming(
        due_at=at("12:03"),
        status=UpcomingStatus.QUEUED,
        agent="reader",
        trigger="digest",
        scheduled_for=NOON,
        time_zone="UTC",
        run="run-1",
    )
    assert second == Upcoming(
        due_at=at("08:00") + timedelta(days=1),
        status=UpcomingStatus.TO_COME,
        agent="reader",
        trigger="digest",
        scheduled_for=at("08:00") + timedelta(days=1),
        time_zone="Europe/Berlin",
    )


def test_of_what_no_tick_claimed_in_time_only_the_first_is_due() -> None:
    late = a_trigger(next_run_at=at("11:00"))

    found = shown([late], limit=3)

    assert found == [
        ("11:00:00", "digest", "due"),
        ("12:01:00", "digest", "to_come"),
        ("12:02:00", "digest", "to_come"),
    ]


def test_what_a_tick_claimed_between_the_reads_is_its_run_alone() -> None:
    trigger = hourly("digest", "12:00")

    found = shown([trigger], [a_run()], limit=2)

    assert found == [("12:00:00", "digest", "queued"), ("13:00:00", "digest", "to_come")]


def test_a_time_that_is_its_run_does_not_count_as_an_unclaimed_one() -> None:
    found = shown([hourly("digest", "12:00")], [a_run()], limit=5, per_trigger=1)

    assert found == [("12:00:00", "digest", "queued"), ("13:00:00", "digest", "to_come")]


def test_a_trigger_that_ends_or_is_disabled_has_no_more() -> None:
    ending = a_trigger(id="ending", end=at("12:02"))
    disabled = a_trigger(id="disabled", enabled=False, next_run_at=None)

    assert shown([ending, disabled]) == [("12:00:00", "ending", "due"), ("12:01:00", "ending", "to_come")]


def test_a_dense_trigger_may_be_cut_so_that_others_are_seen() -> None:
    dense = a_trigger(id="dense", schedule=every(seconds=10), next_run_at=at("12:00:10"))

    found = shown([dense, hourly("rare", "12:30")], per_trigger=2, limit=4)

    assert [trigger for _, trigger, _ in found] == ["dense", "dense", "rare", "rare"]


def test_those_of_one_second_clash() -> None:
    triggers = [hourly("a", "12:30"), hourly("b", "12:30"), hourly("c", "12:31")]

    found = upcoming(triggers, [], now=NOON, until=at("13:00"), limit=10)

    assert [(each.trigger, each.clashes) for each in found] == [("a", 1), ("b", 1), ("c", 0)]


@given(
    nexts=st.lists(st.integers(-120, 600), min_size=1, max_size=8),
    periods=st.lists(st.integers(1, 90), min_size=8, max_size=8),
    limit=st.integers(1, 12),
)
def test_the_triggers_whose_fire_time_comes_first_are_enough(nexts: list[int], periods: list[int], limit: int) -> None:
    every_trigger = sorted(
        (
            a_trigger(id=f"t{number}", schedule=every(seconds=period), next_run_at=NOON + timedelta(seconds=after))
            for number, (after, period) in enumerate(zip(nexts, periods, strict=False))
        ),
        key=lambda trigger: trigger.next_run_at or NOON,
    )

    first = upcoming(every_trigger[:limit], [], now=NOON, until=None, limit=limit)
    whole = upcoming(every_trigger, [], now=NOON, until=None, limit=limit)

    assert [each.due_at for each in first] == [each.due_at for each in whole]
