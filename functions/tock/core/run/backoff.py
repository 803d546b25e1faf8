"""The wait before the next attempt after a failed one: one rule for all runs."""

from datetime import timedelta

from tock.core.policies import Retry

#: No wait is longer than this.
LONGEST_WAIT = timedelta(hours=1)
#: The first attempt after a lost one starts within this; the time doubles with each further lost attempt.
LOSS_SPREAD = timedelta(seconds=10)
#: The largest random share added to a wait, so that runs that failed together do not all start again together.
SPREAD = 0.3


def backoff(retry: Retry, *, failures: int, jitter: float, retry_after: timedelta | None = None) -> timedelta:
    """Return the wait after the n-th failure: `delay · 2^(n-1) · (1 + 0 to 30 %)`, at most an hour.

    Args:
        retry: the policy; its `delay` is the first wait.
        failures: how many attempts have failed, from 1.
        jitter: a draw from [0, 1).
        retry_after: the wait that the called service asked for, at most an hour; the wait is at least this.
    """
    # The exponent is limited first, because a timedelta overflows long before a float does.
    doubled = retry.delay * (1 << min(failures - 1, 16))
    wait = min(doubled * (1 + SPREAD * jitter), LONGEST_WAIT)
    return max(wait, retry_after) if retry_after else wait


def loss_wait(*, lost: int, jitter: float) -> timedelta:
    """Return the wait after the n-th lost attempt, so that the runs of a process that died do not all start at once.

    Args:
        lost: how many attempts of the run were lost, from 1.
        jitter: a draw from [0, 1).
    """
    return jitter * LOSS_SPREAD * (1 << min(lost - 1, 4))
