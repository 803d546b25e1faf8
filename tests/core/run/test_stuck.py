"""Which runs are stuck."""

from datetime import timedelta

import pytest

from core.builders import NOON, a_run_that_is
from tock.core.run.status import RunStatus
from tock.core.run.stuck import PATIENCE, stuck_because

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
