"""Properties of retry intervals and of the token bucket."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tock.local.cloud_tasks.rate_limits import Bucket, RateLimits
from tock.local.cloud_tasks.retry_policy import RetryPolicy

START = datetime(2027, 3, 1, tzinfo=UTC)
spans = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=400))
policies = st.builds(
    lambda low, high, doublings: RetryPolicy(
        min_backoff=min(low, high), max_backoff=max(low, high), max_doublings=doublings
    ),
    spans,
    spans,
    st.integers(0, 2**31 - 1),
)
failures = st.integers(1, 2**31 - 1)


def test_intervals_follow_the_documented_example() -> None:
    policy = RetryPolicy(min_backoff=timedelta(seconds=10), max_backoff=timedelta(seconds=300), max_doublings=3)

    intervals = [policy.delay(n).total_seconds() for n in range(1, 10)]

    assert intervals == [10, 20, 40, 80, 160, 240, 300, 300, 300]


def test_without_doublings_intervals_grow_linearly() -> None:
    policy = RetryPolicy(min_backoff=timedelta(seconds=1), max_backoff=timedelta(seconds=4), max_doublings=0)

    assert [policy.delay(n).total_seconds() for n in range(1, 7)] == [1, 2, 3, 4, 4, 4]


@given(policies, failures)
def test_an_interval_lies_between_the_backoffs(policy: RetryPolicy, count: int) -> None:
    assert policy.min_backoff <= policy.delay(count) <= policy.max_backoff


@given(policies, st.integers(1, 2**31 - 2))
def test_intervals_never_shrink(policy: RetryPolicy, count: int) -> None:
    assert policy.delay(count) <= policy.delay(count + 1)


@given(policies, st.integers(1, 60))
def test_an_interval_at_most_doubles(policy: RetryPolicy, count: int) -> None:
    assert policy.delay(count + 1) <= 2 * policy.delay(count)


@given(st.integers(1, 50), st.integers(1, 50), spans, spans)
def test_a_task_is_given_up_only_when_both_limits_are_reached(
    limit: int, attempts: int, duration: timedelta, age: timedelta
) -> None:
    policy = RetryPolicy(max_attempts=limit, max_retry_duration=duration)

    reached = attempts >= limit and (not duration or age >= duration)

    assert policy.is_exhausted(attempts=attempts, age=age) == reached


def test_without_a_limit_of_attempts_the_duration_decides() -> None:
    policy = RetryPolicy(max_attempts=-1, max_retry_duration=timedelta(seconds=5))

    assert not policy.is_exhausted(attempts=1000, age=timedelta(seconds=4))
    assert policy.is_exhausted(attempts=1, age=timedelta(seconds=5))


@given(st.integers(1, 10**6), spans)
def test_without_any_limit_a_task_is_never_given_up(attempts: int, age: timedelta) -> None:
    assert not RetryPolicy(max_attempts=-1).is_exhausted(attempts=attempts, age=age)


rates = st.floats(0.1, 500).map(lambda rate: RateLimits(max_dispatches_per_second=rate))


@given(rates, st.lists(st.timedeltas(timedelta(), timedelta(seconds=3)), max_size=40))
def test_a_bucket_opens_exactly_when_it_says(limits: RateLimits, pauses: list[timedelta]) -> None:
    bucket, now = Bucket(), START

    for pause in pauses:
        now = bucket.opens_at(limits, now=now + pause)
        assert bucket.opens_at(limits, now=now) == now
        bucket = bucket.taken(limits, now=now)


@given(rates)
def test_a_full_bucket_gives_a_burst_and_then_one_token_per_interval(limits: RateLimits) -> None:
    bucket = Bucket()

    for _ in range(limits.max_burst_size):
        assert bucket.opens_at(limits, now=START) == START
        bucket = bucket.taken(limits, now=START)

    assert bucket.opens_at(limits, now=START) == START + limits.interval
