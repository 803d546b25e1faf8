"""Of which runs something can be done to, and why the others are left alone."""

import pytest

from core.builders import NOON, a_run_that_is
from tock.core.run.run import CancelRequest
from tock.core.run.status import RunStatus
from tock.web.console.pages.runs.bulk_plan import BulkVerb, plan_of, statuses_for

ACTIVE = {status for status in RunStatus if not status.terminal}


@pytest.mark.parametrize("status", RunStatus)
def test_a_run_is_cancelled_while_it_is_not_over_and_repeated_once_it_is(status: RunStatus) -> None:
    run = a_run_that_is(status)

    assert bool(plan_of([run], verb=BulkVerb.CANCEL).runs) is (status in ACTIVE)
    assert bool(plan_of([run], verb=BulkVerb.RETRY).runs) is (status not in {*ACTIVE, RunStatus.MISSED})


def test_what_is_left_alone_has_its_reason() -> None:
    asked = a_run_that_is(RunStatus.RUNNING).model_copy(
        update={"id": "asked", "cancel_requested": CancelRequest(reason="no", at=NOON, by="ada")}
    )
    over = a_run_that_is(RunStatus.TIMED_OUT).model_copy(update={"id": "over"})
    repeated = a_run_that_is(RunStatus.FAILED).model_copy(update={"id": "repeated", "retried_by": ("again",)})

    assert plan_of([asked, over], verb=BulkVerb.CANCEL, missing=["gone"]).left_alone == (
        ("asked", "was asked to stop already"),
        ("over", "is over: timed out"),
        ("gone", "cannot be found or read"),
    )
    assert plan_of([asked, repeated], verb=BulkVerb.RETRY).left_alone == (
        ("asked", "is not over: running"),
        ("repeated", "was repeated by run again"),
    )


def test_of_all_that_match_only_runs_that_it_can_be_done_to_are_looked_for() -> None:
    assert statuses_for(frozenset(), verb=BulkVerb.CANCEL) == ACTIVE
    assert statuses_for(frozenset(), verb=BulkVerb.RETRY) == {RunStatus.FAILED, RunStatus.TIMED_OUT}
    assert statuses_for(frozenset({RunStatus.CANCELLED, RunStatus.HELD}), verb=BulkVerb.RETRY) == {RunStatus.CANCELLED}
    assert statuses_for(frozenset({RunStatus.FAILED}), verb=BulkVerb.CANCEL) == frozenset()
