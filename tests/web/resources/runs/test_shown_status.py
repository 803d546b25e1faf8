"""The word for a run's status: what is not due yet is not called queued."""

from datetime import timedelta
from typing import Any

import pytest

from core.builders import NOON, TIMING, a_run, a_started_run
from tock.core.run import transition
from tock.core.run.outcome import Continue, Failed
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.trigger.upcoming import UpcomingStatus
from tock.web.resources.runs.run import RunResource
from tock.web.resources.runs.shown_status import shown_status, shown_word

SOON = NOON + timedelta(seconds=40)


def after(outcome: Any) -> Run:
    """Return a run that waits for its second attempt after this outcome of its first one."""
    return transition.settle(a_started_run(), outcome, now=NOON, jitter=0.0, timing=TIMING)


@pytest.mark.parametrize(
    ("run", "word"),
    [
        pytest.param(a_run(due_at=SOON), "scheduled", id="its time has not come"),
        pytest.param(a_run(due_at=NOON), "queued", id="its time has come"),
        pytest.param(
            after(Failed(type="Broke", message="It broke.", retryable=True)), "retrying", id="it waits to retry"
        ),
        pytest.param(after(Continue(after=timedelta(minutes=1))), "scheduled", id="its agent asked for a later leg"),
        pytest.param(a_started_run(), "running", id="it runs"),
    ],
)
def test_a_run_is_called_by_what_it_is_at_that_instant(run: Run, word: str) -> None:
    assert shown_status(run, now=NOON) == word
    assert shown_status(RunResource.of(run), now=NOON) == word


def test_a_run_that_waits_to_retry_is_queued_once_its_time_has_come() -> None:
    run = after(Failed(type="Broke", message="It broke.", retryable=True))

    assert shown_status(run, now=run.due_at) == "queued"


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (UpcomingStatus.TO_COME, "scheduled"),
        (UpcomingStatus.QUEUED, "scheduled"),
        (UpcomingStatus.DUE, "due"),
        (UpcomingStatus.HELD, "held"),
    ],
)
def test_what_comes_next_is_scheduled_whether_a_tick_has_claimed_it_or_not(status: UpcomingStatus, word: str) -> None:
    assert shown_word(status, due_at=SOON, now=NOON) == word


@pytest.mark.parametrize("status", [status for status in RunStatus if status is not RunStatus.QUEUED])
def test_every_other_status_is_its_own_word_whenever_it_was_due(status: RunStatus) -> None:
    assert shown_word(status, due_at=SOON, now=NOON) == status
