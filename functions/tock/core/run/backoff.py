"""The wait before the next attempt after a failed one: one rule for all runs."""

from datetime import timedelta

from tock.core.policies import Retry

#: No wait is longer than this.
LONGEST_WAIT = timedelta(hours=1)
#: A longer `Retry-After` counts as this.
LONGEST_RETRY_AFTER = timedelta(seconds=120)
#: The largest random share added to a wait, so that runs that failed together do not all start again together.
SPREAD = 0.3


def backoff(retry: Retry, *, failures: int, jitter: float, retry_after: timedelta | None = None) -> timedelta:
    """Return the wait after the n-th failure: `delay · 2^(n-1) · (1 + 0 to 30 %)`, at most an hour.

    Args:
        retry: the policy; its `delay` is the first wait.
        failures: how many attempts have failed, from 1.
        jitter: a draw from [0, 1).
        retry_after: the wait that the called service asked for; the wait is at least this, up to 120 s.
    """
    # The exponent is limited first, because a timedelta overflows long before a float does.
    doubled = retry.delay * (1 << min(failures - 1, 16))
    wait = min(doubled * (1 + SPREAD * jitter), LONGEST_WAIT)
    return max(wait, min(retry_after, LONGEST_RETRY_AFTER)) if retry_after else wait
