"""Properties of derived ids: the same thing always has the same id, and two things never share one."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from tock.core.ids.derived import keyed_run_id, lock_id, occurrence_id, shard_of, step_key, task_id

unhurried = settings(deadline=None)

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
#: Neighbouring parts of colons and digits, as a framing that can be fooled would mix them up.
FRAMES = st.text("0123456789:", max_size=6)
INSTANTS = st.datetimes(datetime(1970, 1, 2), datetime(9998, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis takes naive bounds
OCCURRENCES = st.tuples(FRAMES | TEXTS, FRAMES | TEXTS, INSTANTS, st.integers(0, 12))
TASKS = st.tuples(FRAMES, FRAMES, st.integers(1, 120), st.integers(1, 120))


def run_of(occurrence: tuple[str, str, datetime, int]) -> str:
    project, trigger, fire_time, generation = occurrence
    return occurrence_id(project=project, trigger=trigger, fire_time=fire_time, generation=generation)


def task_of(task: tuple[str, str, int, int]) -> str:
    project, run, attempt, dispatch = task
    return task_id(project=project, run=run, attempt=attempt, dispatch=dispatch)


@unhurried
@given(OCCURRENCES, OCCURRENCES)
def test_two_occurrences_share_a_run_only_if_they_are_one(
    one: tuple[str, str, datetime, int], other: tuple[str, str, datetime, int]
) -> None:
    assert (run_of(one) == run_of(other)) == (one == other)


@unhurried
@given(OCCURRENCES, st.integers(-14 * 60, 14 * 60))
def test_the_offset_a_time_is_written_in_changes_nothing(one: tuple[str, str, datetime, int], offset: int) -> None:
    project, trigger, fire_time, generation = one
    elsewhere = fire_time.astimezone(timezone(timedelta(minutes=offset)))

    assert run_of((project, trigger, elsewhere, generation)) == run_of(one)


@unhurried
@given(TASKS, TASKS)
def test_two_deliveries_share_a_task_only_if_they_are_one(
    one: tuple[str, str, int, int], other: tuple[str, str, int, int]
) -> None:
    assert (task_of(one) == task_of(other)) == (one == other)


@unhurried
@given(FRAMES, FRAMES, FRAMES, FRAMES)
def test_the_border_between_parts_is_part_of_the_identity(a: str, b: str, c: str, d: str) -> None:
    assert (keyed_run_id(project=a, key=b) == keyed_run_id(project=c, key=d)) == ((a, b) == (c, d))
    assert (step_key(project=a, run=b, step=c) == step_key(project=a, run=b, step=d)) == (c == d)


@unhurried
@given(TEXTS)
def test_every_identity_is_24_hexadecimal_digits(text: str) -> None:
    for identifier in (keyed_run_id(project=text, key=text), lock_id(subject=text)):
        assert len(identifier) == 24
        assert set(identifier) <= set("0123456789abcdef")


@unhurried
@given(TEXTS, st.integers(1, 500))
def test_a_shard_is_one_of_them_and_always_the_same(identifier: str, shards: int) -> None:
    assert shard_of(identifier, shards=shards) in range(shards)
    assert shard_of(identifier, shards=shards) == shard_of(identifier, shards=shards)
