"""Which runs are stuck."""

from datetime import timedelta

import pytest

from core.builders import NOON, a_run_that_is
from tock.core.run.status import RunStatus
from tock.core.run.stuck import PATIENCE, stuck_because, undelivered_because
from tock.core.time.instant import instant_text

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("status", [status for status in RunStatus if not status.terminal])
def test_a_run_is_stuck_once_no_sweep_has_looked_at_it_for_two_ticks(status: RunStatus) -> None:
    run = a_run_that_is(status)
    assert run.check_at is not None

    patient = stuck_because(run, now=run.check_at + PATIENCE)
    stuck = stuck_because(run, now=run.check_at + PATIENCE + SECOND)

    assert patient is None
    assert (stuck or "").startswith("should have been looked at by a sweep since 2027-01-01T")
    unseen = run.model_copy(update={"check_at": None})
    assert stuck_because(unseen, now=NOON) == "has no time at which a sweep looks at it"


@pytest.mark.parametrize("status", [status for status in RunStatus if status.terminal])
def test_a_run_that_has_ended_is_not(status: RunStatus) -> None:
    assert stuck_because(a_run_that_is(status), now=NOON + timedelta(days=1)) is None


@pytest.mark.parametrize("status", list(RunStatus))
def test_a_queued_run_that_sweeps_look_after_is_undelivered_after_two_minutes(status: RunStatus) -> None:
    run = a_run_that_is(status)
    looked_after = run.model_copy(update={"check_at": run.due_at + PATIENCE, "dispatch": 3})

    patient = undelivered_because(looked_after, now=run.due_at + PATIENCE)
    late = undelivered_because(looked_after, now=run.due_at + PATIENCE + SECOND)

    sentence = f"is due since {instant_text(run.due_at)}; 3 tasks were sent for attempt 1, and none was delivered"
    assert (patient, late) == (None, sentence if status is RunStatus.QUEUED else None)


def test_a_run_is_stuck_or_undelivered_but_not_both() -> None:
    run = a_run_that_is(RunStatus.QUEUED)
    assert run.check_at is not None
    late = run.check_at + PATIENCE + SECOND

    assert (undelivered_because(run, now=late), stuck_because(run, now=late) is None) == (None, False)
    once = run.model_copy(update={"check_at": late})
    assert "; 1 task was sent for attempt 1," in (undelivered_because(once, now=late) or "")
