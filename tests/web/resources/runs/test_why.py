"""Why a run is as it is: the phrase that lists show beside its status."""

from datetime import timedelta

from core.builders import NOON, TIMING, a_run, a_started_run
from tock.core.run import transition
from tock.core.run.outcome import Failed
from tock.core.run.run import Run
from tock.web.resources.runs.run import RunResource
from tock.web.resources.runs.verb_request import NO_REASON
from tock.web.resources.runs.why import why

BROKE = Failed(type="Broke", message="It broke.", retryable=True)


def failed_once() -> Run:
    return transition.settle(a_started_run(), BROKE, now=NOON, jitter=0.0, timing=TIMING)


def cancelled(run: Run, *, by: str, reason: str) -> Run:
    return transition.cancel(run, by=by, reason=reason, now=NOON + timedelta(seconds=1), timing=TIMING)


def test_who_cancelled_a_run_that_waited_to_retry_comes_before_its_old_error() -> None:
    run = cancelled(failed_once(), by="ada@example.com", reason="wrong input")

    assert why(run) == why(RunResource.of(run)) == "cancelled by ada@example.com: wrong input"


def test_a_cancellation_without_a_reason_names_who_asked() -> None:
    assert why(cancelled(a_run(), by="local", reason=NO_REASON)) == "cancelled by somebody on this machine"


def test_a_replaced_run_says_by_which() -> None:
    assert why(cancelled(a_run(), by="overlap", reason="replaced by run r2")) == "replaced by run r2"


def test_a_run_at_work_that_is_to_stop_says_who_asked() -> None:
    assert why(cancelled(a_started_run(), by="ada", reason="enough")) == "asked to stop by ada"


def test_a_failed_run_says_its_error() -> None:
    run = transition.settle(a_started_run(retry={"max_retries": 0}), BROKE, now=NOON, jitter=0.0, timing=TIMING)

    assert why(run) == "Broke: It broke."


def test_a_run_whose_status_says_all_has_no_reason() -> None:
    assert why(a_run()) is None
    assert why(a_started_run()) is None
