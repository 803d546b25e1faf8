"""The wait before the next attempt."""

from datetime import timedelta

import pytest

from tock.core.policies import Retry
from tock.core.run.backoff import backoff


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


CASES: dict[str, tuple[float, int, float, float | None, float]] = {
    "the first wait is the delay": (60, 1, 0.0, None, 60),
    "the second doubles it": (60, 2, 0.0, None, 120),
    "the fifth is sixteen times the first": (60, 5, 0.0, None, 960),
    "chance adds up to 30 percent": (60, 1, 0.5, None, 69),
    "chance is part of the doubled wait": (60, 2, 1.0, None, 156),
    "at most an hour": (60, 7, 0.0, None, 3600),
    "at most an hour with chance": (3600, 1, 0.9, None, 3600),
    "at most an hour after very many failures": (1, 100_000, 0.9, None, 3600),
    "asked for less than the wait": (60, 1, 0.0, 10, 60),
    "asked for more than the wait": (60, 1, 0.0, 100, 100),
    "asked for two minutes": (1, 1, 0.0, 120, 120),
    "asked for an hour": (1, 1, 0.0, 3600, 3600),
    "asked for nothing": (60, 1, 0.0, 0, 60),
    "asked for a time that has passed": (60, 1, 0.0, -30, 60),
}


@pytest.mark.parametrize(("delay", "failures", "jitter", "asked", "expected"), CASES.values(), ids=CASES)
def test_wait(delay: float, failures: int, jitter: float, asked: float | None, expected: float) -> None:
    retry_after = None if asked is None else seconds(asked)

    wait = backoff(Retry(delay=seconds(delay)), failures=failures, jitter=jitter, retry_after=retry_after)

    assert wait == seconds(expected)
