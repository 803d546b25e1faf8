"""The events that a run's document tells: what they say, and that later transitions only add to them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.builders import NOON, TIMING, a_run
from tock.core.json.value import json_size
from tock.core.run import transition
from tock.core.run.events.event import ENDED_FROM, EVENTS_PER_ATTEMPT, MAX_SENT, SENT_FROM, Event
from tock.core.run.events.history import history, next_number
from tock.core.run.gate import MAX_EVENT_BYTES
from tock.core.run.messages.wait import Answer
from tock.core.run.outcome import (
    Cancelled,
    Continue,
    Failed,
    HandedBack,
    OnDeadline,
    Outcome,
    Succeeded,
    TimedOut,
    Usage,
    WaitFor,
    Waiting,
)
from tock.core.run.run import Run, RunError
from tock.core.run.status import RunStatus

SECOND = timedelta(seconds=1)
FAILED = Failed(type="ValueError", message="no such repo", retryable=True)
USED, NOTHING = Usage(input_tokens=7), Usage()
ASKED = Waiting(wait_for=WaitFor.APPROVAL, question="Deploy?", deadline=timedelta(hours=1))
ASKED_OR_ON = replace(ASKED, on_deadline=OnDeadline.CONTINUE)
APPROVED = Answer(approved=True, note="Go.", by="ada@example.com", at=NOON)


def test_a_failed_attempt_says_why_and_when_the_next_one_comes() -> None:
    run = a_run(retry={"max_retries": 2, "delay": "60s"})

    run = ended(started(run), FAILED, consumed=USED)

    assert told(run) == [
        (1, "run.created", {"source": "schedule", "scheduled_for": "2027-01-01T12:00:00Z", "trigger": "digest",
                            "agent": "reader", "by": run.created.by}),
        (1_000_000, "run.started", {"agent_revision": 1}),
        (1_499_998, "run.attempt_ended", {
            "status": "failed",
            "error": {"type": "ValueError", "message": "no such repo", "retryable": True},
            "usage": {"input_tokens": 7, "output_tokens": 0, "cost": 0.0, "model": None,
                      "unpriced_tokens": 0},
        }),
        (1_499_999, "run.retry_scheduled", {"attempt": 2, "of": 3, "at": "2027-01-01T12:01:00Z"}),
    ]  # fmt: skip


def test_a_lost_attempt_does_not_count_towards_the_last_one() -> None:
    run = a_run(retry={"max_retries": 1, "delay": "60s"})

    run = transition.rescue(started(run), now=NOON, jitter=0, timing=TIMING)

    assert told(run)[-1] == (1_499_999, "run.retry_scheduled", {"attempt": 2, "of": 3, "at": "2027-01-01T12:00:00Z"})


def test_a_wait_says_what_is_asked_and_how_it_was_answered() -> None:
    run = ended(started(a_run()), ASKED)

    run = transition.answer(run, APPROVED, "the value", now=NOON + SECOND, timing=TIMING)

    assert told(run)[-2:] == [
        (1_499_999, "run.waiting", {"wait_for": "approval", "question": "Deploy?", "on_deadline": "fail",
                                    "deadline": "2027-01-01T13:00:00Z"}),
        (1_999_900, "run.answered", {"approved": True, "note": "Go.", "by": "ada@example.com"}),
    ]  # fmt: skip


def test_another_leg_is_announced() -> None:
    run = ended(started(a_run()), Continue(after=SECOND))

    assert told(run)[-1][1:] == ("run.continued", {"attempt": 2, "of": 4, "at": "2027-01-01T12:00:01Z"})


def test_a_held_run_says_behind_which_and_when_it_was_let_go() -> None:
    held = transition.hold(a_run(), blocked_by="run-0", now=NOON, timing=TIMING)

    promoted = transition.promote(held, now=NOON + SECOND, timing=TIMING)

    assert told(held)[1:] == [(999_901, "run.held", {"behind": "run-0"})]
    assert told(promoted)[1:] == [*told(held)[1:], (999_902, "run.promoted", {"behind": "run-0"})]


def test_a_run_in_line_says_for_which_slot_and_when_it_was_let_go() -> None:
    held = transition.hold_in_line(a_run(), scope="agent:digest", now=NOON, timing=TIMING)

    promoted = transition.promote(held, now=NOON + SECOND, timing=TIMING)

    assert told(held)[1:] == [(999_901, "run.held", {"in_line": "agent:digest"})]
    assert told(promoted)[1:] == [*told(held)[1:], (999_902, "run.promoted", {"in_line": "agent:digest"})]


@pytest.mark.parametrize(
    ("end", "last"),
    [
        (
            lambda run: ended(started(run), Succeeded("done")),
            (1_999_999, {"status": "succeeded", "result": "done"}),
        ),
        (
            lambda run: ended(asked_to_stop(started(run)), Succeeded("done")),
            (1_999_999, {"status": "succeeded", "result": "done"}),
        ),
        (
            lambda run: ended(asked_to_stop(started(run)), FAILED),
            (
                1_999_999,
                {
                    "status": "cancelled",
                    "reason": "enough",
                    "error": {"type": "ValueError", "message": "no such repo", "retryable": True},
                    "cancelled_by": "ada",
                },
            ),
        ),
        (
            lambda run: ended(with_signals(started(run), sent=3, taken=1), Succeeded("done")),
            (1_999_999, {"status": "succeeded", "result": "done", "untaken_messages": 2}),
        ),
        (
            # Of three signals the second one is the request to stop.
            lambda run: ended(asked_to_stop(with_signals(started(run), sent=3, taken=1), signal=2), Succeeded("done")),
            (1_999_999, {"status": "succeeded", "result": "done", "untaken_messages": 1}),
        ),
        (
            lambda run: transition.cancel(run, by="ada", reason="enough", now=NOON, timing=TIMING),
            (999_999, {"status": "cancelled", "reason": "enough", "cancelled_by": "ada"}),
        ),
        (
            lambda run: transition.skip(run, blocked_by=started(a_run(id="run-0")), now=NOON, timing=TIMING),
            (
                999_999,
                {
                    "status": "skipped",
                    "reason": "run run-0 has been running since 2027-01-01T12:00:00Z; overlap is skip",
                },
            ),
        ),
    ],
    ids=[
        *("it succeeded", "it succeeded before its cancellation", "it failed when it was to be cancelled"),
        *("messages came too late", "so did the request to stop"),
        *("it was cancelled before its start", "it was skipped"),
    ],
)
def test_the_last_event_says_how_the_run_ended(end: Callable[[Run], Run], last: tuple[int, Any]) -> None:
    number, data = last

    assert told(end(a_run()))[-1] == (number, "run.settled", data)


def test_of_a_large_result_the_last_event_has_the_beginning() -> None:
    run = ended(started(a_run()), Succeeded(["x" * 20_000]))

    last = history(run)[-1]

    assert (last.kind, last.truncated) == ("run.settled", True)
    assert (last.data["result"][:4], json_size(last.data["result"])) == ('["xx', MAX_EVENT_BYTES)


OUTCOMES: st.SearchStrategy[Outcome] = st.sampled_from(
    (
        FAILED,
        FAILED,
        ASKED,
        ASKED_OR_ON,
        Continue(),
        HandedBack(),
        TimedOut(timedelta(minutes=5)),
        Succeeded(1),
        Cancelled("enough"),
    )
)


class ToldLife(RuleBasedStateMachine):
    """A run under any transitions, and the events that were told of it so far."""

    run: Run
    seen: tuple[Event, ...] = ()

    @initialize(retries=st.integers(0, 4))
    def create(self, retries: int) -> None:
        self.now = NOON
        self.run = a_run(retry={"max_retries": retries, "delay": "1s"})

    def is_at(self, *statuses: RunStatus) -> bool:
        return self.run.status in statuses

    @rule(passed=st.timedeltas(timedelta(milliseconds=1), timedelta(minutes=7)))
    def wait(self, passed: timedelta) -> None:
        self.now += passed

    @precondition(lambda self: self.is_at(RunStatus.QUEUED))
    @rule()
    def start(self) -> None:
        self.run = transition.start(self.run, now=self.now, owner="runner", agent_revision=1, timing=TIMING)

    @precondition(lambda self: self.is_at(RunStatus.RUNNING))
    @rule(outcome=OUTCOMES)
    def settle(self, outcome: Outcome) -> None:
        self.run = transition.settle(self.run, outcome, now=self.now, jitter=0.5, timing=TIMING)

    @precondition(lambda self: self.is_at(RunStatus.RUNNING))
    @rule()
    def rescue(self) -> None:
        self.run = transition.rescue(self.run, now=self.now, jitter=0.5, timing=TIMING)

    @precondition(lambda self: self.is_at(RunStatus.QUEUED, RunStatus.HELD))
    @rule(blocker=st.sampled_from(("run-0", "run-9")))
    def hold(self, blocker: str) -> None:
        self.run = transition.hold(self.run, blocked_by=blocker, now=self.now, timing=TIMING)

    @precondition(lambda self: self.is_at(RunStatus.QUEUED))
    @rule()
    def hold_in_line(self) -> None:
        self.run = transition.hold_in_line(self.run, scope="agent:digest", now=self.now, timing=TIMING)

    @precondition(lambda self: self.is_at(RunStatus.HELD))
    @rule()
    def promote(self) -> None:
        self.run = transition.promote(self.run, now=self.now, timing=TIMING)

    @precondition(lambda self: self.is_at(RunStatus.WAITING) or (self.is_at(RunStatus.RUNNING) and not self.answered))
    @rule()
    def answer(self) -> None:
        self.run = transition.answer(self.run, APPROVED, None, now=self.now, timing=TIMING)

    @property
    def answered(self) -> bool:
        return self.run.attempts[-1].wait is not None

    @precondition(lambda self: self.is_at(RunStatus.WAITING))
    @rule()
    def end_wait(self) -> None:
        self.run = transition.end_wait(self.run, now=self.now, timing=TIMING)

    @precondition(lambda self: not self.run.status.terminal)
    @rule(wanted=st.integers(0, 4))
    def cancel(self, wanted: int) -> None:
        if wanted == 0:
            self.run = transition.cancel(self.run, by="ada", reason="enough", now=self.now, timing=TIMING)

    @precondition(lambda self: self.is_at(RunStatus.QUEUED))
    @rule(wanted=st.integers(0, 9))
    def refuse(self, wanted: int) -> None:
        if wanted == 0:
            problem = RunError(type="agent_missing", message="There is no agent.", retryable=False)
            self.run = transition.refuse(self.run, problem, now=self.now, timing=TIMING)

    @invariant()
    def what_was_told_stays_and_what_comes_is_behind_it(self) -> None:
        now_told = history(self.run)

        numbers = [event.seq for event in now_told]
        assert numbers == sorted(set(numbers))
        assert now_told[: len(self.seen)] == self.seen
        assert numbers[-1] < next_number(self.run)
        self.seen = now_told

    @invariant()
    def no_number_is_one_of_the_agents(self) -> None:
        for event in history(self.run):
            place = event.seq % EVENTS_PER_ATTEMPT
            of_runner, of_agent_elsewhere = range(1, ENDED_FROM), range(SENT_FROM, SENT_FROM + MAX_SENT)
            assert (place not in of_runner and place not in of_agent_elsewhere) or event.attempt == 0

    @invariant()
    def only_the_last_event_says_that_the_run_is_settled(self) -> None:
        kinds = [event.kind for event in history(self.run)]

        assert ("run.settled" in kinds) is self.run.status.terminal
        assert "run.settled" not in kinds[:-1]


TestToldLife = ToldLife.TestCase
TestToldLife.settings = settings(max_examples=150, stateful_step_count=40)


def started(run: Run) -> Run:
    return transition.start(run, now=NOON, owner="runner", agent_revision=1, timing=TIMING)


def asked_to_stop(run: Run, *, signal: int | None = None) -> Run:
    asked = transition.cancel(run, by="ada", reason="enough", now=NOON, timing=TIMING)
    assert asked.cancel_requested is not None
    return asked.model_copy(update={"cancel_requested": asked.cancel_requested.model_copy(update={"signal": signal})})


def with_signals(run: Run, *, sent: int, taken: int) -> Run:
    return run.model_copy(update={"signals": sent, "signals_taken": taken})


def ended(run: Run, outcome: Outcome, *, consumed: Usage = NOTHING) -> Run:
    return transition.settle(run, outcome, now=NOON, jitter=0, timing=TIMING, consumed=consumed)


def told(run: Run) -> list[tuple[int, str, Any]]:
    return [(event.seq, event.kind, event.data) for event in history(run)]
