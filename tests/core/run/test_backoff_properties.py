"""Properties of the wait before the next attempt."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tock.core.policies import Retry
from tock.core.run.backoff import LONGEST_WAIT, LOSS_SPREAD, backoff, loss_wait

unhurried = settings(deadline=None)

RETRIES = st.integers(1, 3600).map(lambda seconds: Retry(delay=timedelta(seconds=seconds)))
FAILURES = st.integers(1, 1000)
JITTERS = st.floats(0, 1, exclude_max=True)
ASKED = st.none() | st.timedeltas(timedelta(), LONGEST_WAIT)


@unhurried
@given(RETRIES, FAILURES, JITTERS)
def test_the_wait_is_the_doubled_delay_and_up_to_30_percent(retry: Retry, failures: int, jitter: float) -> None:
    wait = backoff(retry, failures=failures, jitter=jitter)

    doubled = retry.delay.total_seconds() * 2.0 ** (failures - 1)
    assert min(doubled, 3600) <= wait.total_seconds() <= min(doubled * 1.3, 3600)


@unhurried
@given(RETRIES, FAILURES, JITTERS)
def test_more_failures_never_wait_less(retry: Retry, failures: int, jitter: float) -> None:
    assert backoff(retry, failures=failures + 1, jitter=jitter) >= backoff(retry, failures=failures, jitter=jitter)


@unhurried
@given(RETRIES, FAILURES, JITTERS, ASKED)
def test_what_was_asked_for_only_lengthens_the_wait(
    retry: Retry, failures: int, jitter: float, asked: timedelta | None
) -> None:
    plain = backoff(retry, failures=failures, jitter=jitter)
    wait = backoff(retry, failures=failures, jitter=jitter, retry_after=asked)

    assert plain <= wait <= LONGEST_WAIT
    assert wait == max(plain, asked or timedelta())


@unhurried
@given(st.integers(1, 100), JITTERS)
def test_runs_that_were_lost_together_come_back_spread_in_time(lost: int, jitter: float) -> None:
    assert loss_wait(lost=1, jitter=jitter) == jitter * LOSS_SPREAD
    assert timedelta() <= loss_wait(lost=lost, jitter=jitter) <= 16 * LOSS_SPREAD
    assert loss_wait(lost=lost + 1, jitter=jitter) >= loss_wait(lost=lost, jitter=jitter)
