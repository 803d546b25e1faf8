"""The end of an attempt: success, retry, failure, cancellation and rescue."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.builders import NOON, TIMING, a_started_run, at
from tock.core.run.outcome import Cancelled, Failed, HandedBack, Outcome, Succeeded, TimedOut, Usage
from tock.core.run.run import Run, RunError, RunUsage
from tock.core.run.status import AttemptStatus, RunStatus
from tock.core.run.transition import cancel, rescue, settle, start
from tock.core.time.instant import instant_text
from tock.core.timing import Timing

NOW = at("12:01")
BUSY = Failed("busy", "Busy.", retryable=True)
DENIED = Failed("denied", "Denied.", retryable=False)
NOTHING = Usage()
OVERTIME = TimedOut(timedelta(minutes=5))
LOST = RunError(type="lost", message="The runner disappeared: its lease expired without a heartbeat.", retryable=True)


def after(run: Run, outcome: Outcome, *, now: datetime = NOW, jitter: float = 0.0, consumed: Usage = NOTHING) -> Run:
    return settle(run, outcome, now=now, jitter=jitter, timing=TIMING, consumed=consumed)


def again(run: Run, *, now: datetime | None = None) -> Run:
    return start(run, now=now or run.due_at, owner="runner-2", agent_revision=8, timing=TIMING)


def asked_to_stop(run: Run) -> Run:
    return cancel(run, by="ada@example.com", reason="enough", now=NOW, timing=TIMING)


def rescued(run: Run, *, now: datetime = NOW, timing: Timing = TIMING) -> Run:
    return rescue(run, now=now, jitter=0.0, timing=timing)


def tried_until_the_end(run: Run, outcome: Outcome) -> Run:
    for _ in range(20):
        run = after(run, outcome, now=run.attempts[-1].started)
        if run.status.terminal:
            return run
        run = again(run)
    raise AssertionError("the run never ends")


def test_success_ends_the_run_and_its_attempt() -> None:
    run = a_started_run()
    usage = Usage(input_tokens=10, output_tokens=3, cost=0.5, unpriced_tokens=2)

    done = after(run, Succeeded(result={"pages": 3}), consumed=usage)

    spent = RunUsage(input_tokens=10, output_tokens=3, cost=0.5, unpriced_tokens=2)
    attempt = run.attempts[0].model_copy(update={"status": AttemptStatus.SUCCEEDED, "ended": NOW, "usage": spent})
    assert done == run.model_copy(
        update={
            "status": RunStatus.SUCCEEDED,
            "attempts": (attempt,),
            "result": {"pages": 3},
            "usage": spent,
            "finished": NOW,
            "lease": None,
            "check_at": None,
            "expire_at": NOW + TIMING.retention,
        }
    )


def test_a_retryable_failure_queues_the_next_attempt() -> None:
    run = a_started_run(dispatch=3)

    retried = after(run, BUSY)

    error = RunError(type="busy", message="Busy.", retryable=True)
    ended = {"status": AttemptStatus.FAILED, "ended": NOW, "error": error, "next_at": NOW + timedelta(seconds=60)}
    attempt = run.attempts[0].model_copy(update=ended)
    assert retried == run.model_copy(
        update={
            "status": RunStatus.QUEUED,
            "attempts": (attempt,),
            "attempt": 2,
            "dispatch": 1,
            "failures": 1,
            "error": error,
            "due_at": NOW + timedelta(seconds=60),
            "lease": None,
            "check_at": NOW + timedelta(seconds=60) + TIMING.grace,
        }
    )


@pytest.mark.parametrize(("outcome", "final"), [(BUSY, RunStatus.FAILED), (OVERTIME, RunStatus.TIMED_OUT)], ids=str)
@pytest.mark.parametrize("most", [0, 1, 2, 10])
def test_n_retries_are_n_and_one_attempts(most: int, outcome: Outcome, final: RunStatus) -> None:
    done = tried_until_the_end(a_started_run(retry={"max_retries": most, "delay": "1s"}), outcome)

    assert done.status is final
    assert [attempt.number for attempt in done.attempts] == list(range(1, most + 2))
    assert (done.failures, done.lost) == (most + 1, 0)
    assert done.error == done.attempts[-1].error


def test_a_failure_that_is_not_retryable_ends_the_run_at_once() -> None:
    done = after(a_started_run(retry={"max_retries": 10}), DENIED)

    assert (done.status, done.failures, len(done.attempts)) == (RunStatus.FAILED, 1, 1)
    assert done.error == RunError(type="denied", message="Denied.", retryable=False)


WAITS: dict[str, tuple[dict[str, Any], timedelta | None, float, timedelta]] = {
    "the first wait is the delay": ({"failures": 0}, None, 0.0, timedelta(minutes=10)),
    "jitter adds": ({"failures": 0}, None, 0.5, timedelta(minutes=11, seconds=30)),
    "the second is twice that": ({"failures": 1}, None, 0.0, timedelta(minutes=20)),
    "the third is four times that": ({"failures": 2}, None, 0.0, timedelta(minutes=40)),
    "none is longer than an hour": ({"failures": 3}, None, 0.9, timedelta(hours=1)),
    "a lost attempt doubles nothing": ({"failures": 0, "lost": 3}, None, 0.0, timedelta(minutes=10)),
    "a shorter Retry-After shortens nothing": ({}, timedelta(seconds=5), 0.0, timedelta(minutes=10)),
    "Retry-After is honoured": ({"retry": {"delay": "1s"}}, timedelta(seconds=90), 0.0, timedelta(seconds=90)),
    "an hour is honoured": ({"retry": {"delay": "1s"}}, timedelta(hours=1), 0.0, timedelta(hours=1)),
}


def test_a_service_that_wants_to_be_left_alone_for_longer_ends_the_run_and_says_when_to_come_back() -> None:
    run = a_started_run(retry={"max_retries": 10})

    ended = after(run, Failed("busy", "Busy.", retryable=True, retry_after=timedelta(hours=1, seconds=1)))

    back = instant_text(NOW + timedelta(hours=1, seconds=1))
    message = f"Busy. It asked to be called again at {back}, in more than an hour: retry the run then."
    assert ended.status is RunStatus.FAILED
    assert ended.error == RunError(type="busy", message=message, retryable=True)
    assert ended.attempts[0].error == ended.error


@pytest.mark.parametrize(("changes", "asked", "jitter", "wait"), WAITS.values(), ids=WAITS)
def test_the_wait_before_the_next_attempt(
    changes: dict[str, Any], asked: timedelta | None, jitter: float, wait: timedelta
) -> None:
    run = a_started_run(**({"retry": {"max_retries": 10, "delay": "10m"}} | changes))

    retried = after(run, Failed("busy", "Busy.", retryable=True, retry_after=asked), jitter=jitter)

    assert retried.due_at == NOW + wait
    assert retried.check_at == NOW + wait + TIMING.grace


def test_success_after_failures_clears_the_error_and_keeps_the_attempts() -> None:
    failed = after(a_started_run(), BUSY)

    done = after(again(failed), Succeeded(result="read"), now=at("12:05"))

    assert (done.status, done.error, done.failures) == (RunStatus.SUCCEEDED, None, 1)
    assert [attempt.status for attempt in done.attempts] == [AttemptStatus.FAILED, AttemptStatus.SUCCEEDED]
    assert done.attempts[0].error == RunError(type="busy", message="Busy.", retryable=True)


def test_started_is_that_of_the_first_attempt() -> None:
    second = again(after(a_started_run(now=at("12:00:03")), BUSY))

    assert second.started == second.attempts[0].started == at("12:00:03")
    assert second.lateness == timedelta(seconds=3)
    assert second.attempts[1].started == at("12:02")


def test_the_attempts_name_their_own_runner_and_agent_revision() -> None:
    second = again(after(a_started_run(), BUSY))

    assert [(attempt.owner, attempt.agent_revision) for attempt in second.attempts] == [
        ("runner-1", 7),
        ("runner-2", 8),
    ]


@pytest.mark.parametrize("outcome", [BUSY, DENIED, OVERTIME, Cancelled("enough")], ids=str)
def test_a_request_to_cancel_is_not_undone_by_a_retry(outcome: Outcome) -> None:
    done = after(asked_to_stop(a_started_run(retry={"max_retries": 10})), outcome)

    assert (done.status, done.reason) == (RunStatus.CANCELLED, "enough")


def test_success_that_was_faster_than_a_request_to_cancel_stands() -> None:
    done = after(asked_to_stop(a_started_run()), Succeeded(result=1))

    assert (done.status, done.result) == (RunStatus.SUCCEEDED, 1)


def test_a_run_between_two_attempts_is_cancelled_at_once() -> None:
    done = asked_to_stop(after(a_started_run(), BUSY))

    assert (done.status, len(done.attempts), done.check_at) == (RunStatus.CANCELLED, 1, None)


def test_a_stopped_attempt_ends_the_run_with_its_reason() -> None:
    done = after(a_started_run(), Cancelled("the subject went away"))

    assert (done.status, done.reason) == (RunStatus.CANCELLED, "the subject went away")
    assert done.attempts[0].status is AttemptStatus.CANCELLED


def test_a_timed_out_attempt_says_so() -> None:
    run = after(a_started_run(), OVERTIME)

    assert run.attempts[0].status is AttemptStatus.TIMED_OUT
    assert run.error == RunError(
        type="timed_out", message="The attempt was aborted at its timeout of 0:05:00.", retryable=True
    )


def test_a_lost_attempt_is_followed_by_another_at_once_and_is_no_failure() -> None:
    run = a_started_run(retry={"max_retries": 0})

    found = rescued(run)

    ended = {"status": AttemptStatus.LOST, "ended": NOW, "error": LOST, "next_at": NOW}
    attempt = run.attempts[0].model_copy(update=ended)
    assert found == run.model_copy(
        update={
            "status": RunStatus.QUEUED,
            "attempts": (attempt,),
            "attempt": 2,
            "lost": 1,
            "error": LOST,
            "due_at": NOW,
            "lease": None,
            "check_at": NOW + TIMING.grace,
        }
    )


def test_a_run_that_is_handed_back_again_and_again_fails_in_the_end() -> None:
    """An agent that ends its own process would otherwise do so for ever."""
    run = a_started_run()
    handed_back = 0
    while (
        handed_back < 100
        and not (after := settle(run, HandedBack(), now=NOW, jitter=0.0, timing=TIMING)).status.terminal
    ):
        handed_back += 1
        run = again(after)

    assert handed_back == TIMING.max_handed_back + TIMING.max_lost
    assert (after.status, after.failures, after.error and after.error.type) == (RunStatus.FAILED, 0, "handed_back")


def test_the_agents_own_retries_do_not_pay_for_a_lost_attempt() -> None:
    run = again(rescued(a_started_run(retry={"max_retries": 1})))

    retried = after(run, BUSY)

    assert (retried.status, retried.failures, retried.lost) == (RunStatus.QUEUED, 1, 1)


@pytest.mark.parametrize("most", [0, 1, 3])
def test_too_many_lost_attempts_fail_the_run(most: int) -> None:
    run, timing = a_started_run(), Timing(max_lost=most)

    for _ in range(most):
        run = again(rescued(run, timing=timing))
        assert run.status is RunStatus.RUNNING
    done = rescued(run, timing=timing)

    assert (done.status, done.lost, done.failures) == (RunStatus.FAILED, most + 1, 0)
    assert done.error == LOST


def test_a_runner_that_lives_on_without_an_end_has_timed_out() -> None:
    run = a_started_run(retry={"max_retries": 0})
    backstop = NOON + timedelta(minutes=5) + TIMING.backstop

    before, then = rescued(run, now=backstop - timedelta(microseconds=1)), rescued(run, now=backstop)

    assert (before.status, before.lost) == (RunStatus.QUEUED, 1)
    assert (then.status, then.lost, then.failures) == (RunStatus.TIMED_OUT, 0, 1)
    assert then.attempts[0].status is AttemptStatus.TIMED_OUT


def test_a_rescue_past_the_backstop_leaves_the_retries_of_a_timeout() -> None:
    backstop = NOON + timedelta(minutes=5) + TIMING.backstop

    retried = rescued(a_started_run(retry={"max_retries": 1}), now=backstop)

    assert (retried.status, retried.failures, retried.due_at) == (
        RunStatus.QUEUED,
        1,
        backstop + timedelta(seconds=60),
    )


@pytest.mark.parametrize("now", [NOW, at("13:00")], ids=["before the backstop", "after it"])
def test_a_lost_attempt_that_was_to_stop_cancels_the_run(now: datetime) -> None:
    done = rescued(asked_to_stop(a_started_run()), now=now)

    assert (done.status, done.reason, done.finished) == (RunStatus.CANCELLED, "enough", now)
    assert (done.attempts[0].status, done.lost, done.failures) == (AttemptStatus.LOST, 1, 0)
