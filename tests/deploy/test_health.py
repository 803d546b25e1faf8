"""Waiting for the first tick of a deployment: an earlier tick does not count, and the error has the last answer."""

from datetime import timedelta
from typing import Any

import pytest

from end_to_end.deployer import served
from tock.deploy.errors import Unhealthy
from tock.deploy.health import await_tick
from waiting import TIMEOUT

PAUSE = timedelta(milliseconds=10)
SOON = timedelta(milliseconds=300)
LATE: tuple[int, dict[str, Any]] = (503, {"status": "late", "last_success": None})


def _ok(tick: str) -> tuple[int, dict[str, Any]]:
    return 200, {"status": "ok", "last_success": tick}


@pytest.mark.parametrize(
    "answers",
    [
        [LATE, LATE, _ok("first")],
        [_ok("before"), _ok("before"), _ok("after")],
        [(403, {}), (404, {}), (200, {"greeting": "hello"}), LATE, _ok("first")],
        [_ok("before"), (503, {"status": "late", "last_success": "during"}), _ok("after")],
    ],
    ids=["new", "upgraded", "not reachable at first", "late in between"],
)
def test_it_returns_with_the_first_tick_that_succeeds(answers: list[tuple[int, dict[str, Any]]]) -> None:
    left = iter(answers)

    with served(left) as url:
        await_tick(url, timeout=timedelta(seconds=TIMEOUT), pause=PAUSE)

    assert list(left) == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (LATE, '503 {"status": "late"'),
        (_ok("before"), '200 {"status": "ok", "last_success": "before"}'),
        ((403, {}), "403 {}"),
    ],
    ids=["late", "never again", "closed"],
)
def test_without_one_it_tells_the_last_answer(answer: tuple[int, dict[str, Any]], words: str) -> None:
    with served(iter(lambda: answer, None)) as url, pytest.raises(Unhealthy) as raised:
        await_tick(url, timeout=SOON, pause=PAUSE)

    assert f"{url}/v1/health: {words}" in str(raised.value)


def test_nobody_there_is_told_too() -> None:
    with pytest.raises(Unhealthy, match=r"no answer \(.*refused"):
        await_tick("http://127.0.0.1:9", timeout=SOON, pause=PAUSE)
