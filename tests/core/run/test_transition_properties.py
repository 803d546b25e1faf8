"""A run under any sequence of transitions: what holds after each, and what none may do."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.builders import NOON, TIMING, a_run
from tock.core.errors import IllegalTransition
from tock.core.run import transition
from tock.core.run.outcome import Cancelled, Failed, Outcome, Succeeded, TimedOut, Usage
from tock.core.run.run import Run, RunError
from tock.core.run.status import AttemptStatus, RunStatus

TIMEOUT = timedelta(minutes=5)
PROBLEM = RunError(type="agent_missing", message="There is no agent.", retryable=False)
OUTCOMES: st.SearchStrategy[Outcome] = st.one_of(
    st.just(Succeeded(result=1)),
    st.builds(
        Failed,
        type=st.just("busy"),
        message=st.just("Busy."),
        retryable=st.sampled_from((True, True, False)),
        retry_after=st.none() | st.timedeltas(timedelta(), timedelta(hours=2)),
    ),
    st.just(TimedOut(TIMEOUT)),
    st.just(Cancelled("enough")),
)
JITTERS = st.floats(0, 1, exclude_max=True)


def is_at(*statuses: RunStatus) -> Callable[["RunLife"], bool]:
    return lambda life: life.run.status in statuses


class RunLife(RuleBasedStateMachine):
    """One run, as ticks, runners, sweeps and people move it."""

    run: Run

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.runners = 0
        self.deliveries: set[tuple[int, int]] = set()

    @initialize(retries=st.integers(0, 4), delay=st.sampled_from(("1s", "60s", "1h")))
    def create(self, retries: int, delay: str) -> None:
        self.run = a_run(retry={"max_retries": retries, "delay": delay}, timeout=TIMEOUT)
        self.deliver()

    def deliver(self) -> None:
        """Note a delivery: Cloud Tasks accepts the name of each only once."""
        delivery = (self.run.attempt, self.run.dispatch)
        assert delivery not in self.deliveries
        self.deliveries.add(delivery)

    def become(self, after: Run) -> None:
        assert not self.run.status.terminal
        assert after.started == (self.run.started or after.started)
        assert [attempt.number for attempt in after.attempts][: len(self.run.attempts)] == [
            attempt.number for attempt in self.run.attempts
        ]
        self.run = after
        if after.status is RunStatus.QUEUED:
            assert after.check_at is not None
            assert after.check_at > self.now
            self.deliver()

    @rule(passed=st.timedeltas(timedelta(milliseconds=1), timedelta(minutes=7)))
    def wait(self, passed: timedelta) -> None:
        self.now += passed

    @precondition(is_at(RunStatus.QUEUED))
    @rule()
    def start(self) -> None:
        self.runners += 1
        owner = f"runner-{self.runners}"
        self.become(transition.start(self.run, now=self.now, owner=owner, agent_revision=1, timing=TIMING))

    @precondition(is_at(RunStatus.RUNNING))
    @rule()
    def heartbeat(self) -> None:
        owner = f"runner-{self.runners}"
        self.become(transition.heartbeat(self.run, now=self.now, owner=owner, timing=TIMING))

    @precondition(is_at(RunStatus.RUNNING))
    @rule(outcome=OUTCOMES, jitter=JITTERS)
    def settle(self, outcome: Outcome, jitter: float) -> None:
        before = self.run
        consumed = Usage(input_tokens=2) if isinstance(outcome, Succeeded) else Usage()
        after = transition.settle(before, outcome, now=self.now, jitter=jitter, timing=TIMING, consumed=consumed)
        self.become(after)
        if isinstance(outcome, Succeeded):
            assert (self.run.status, self.run.error) == (RunStatus.SUCCEEDED, None)
        elif before.cancel_requested is not None:
            assert self.run.status is RunStatus.CANCELLED
        if self.run.status is RunStatus.QUEUED:
            wait = self.run.due_at - self.now
            plain = min(before.retry.delay * 2**before.failures, timedelta(hours=1))
            asked = outcome.retry_after if isinstance(outcome, Failed) else None
            assert plain <= wait
            assert wait <= max(min(plain * 1.3, timedelta(hours=1)), asked or timedelta())
            assert asked is None or asked <= timedelta(hours=1)

    @precondition(is_at(RunStatus.RUNNING))
    @rule(jitter=JITTERS)
    def rescue(self, jitter: float) -> None:
        before = self.run
        self.become(transition.rescue(before, now=self.now, jitter=jitter, timing=TIMING))
        if before.cancel_requested is not None:
            assert self.run.status is RunStatus.CANCELLED

    @precondition(is_at(RunStatus.QUEUED))
    @rule()
    def redispatch(self) -> None:
        self.become(transition.redispatch(self.run, now=self.now, timing=TIMING))

    @precondition(is_at(RunStatus.QUEUED))
    @rule()
    def hold(self) -> None:
        self.become(transition.hold(self.run, blocked_by="run-0", now=self.now, timing=TIMING))

    @precondition(is_at(RunStatus.HELD))
    @rule()
    def promote(self) -> None:
        self.become(transition.promote(self.run, now=self.now, timing=TIMING))

    @precondition(is_at(RunStatus.QUEUED, RunStatus.HELD))
    @rule(decided=st.sampled_from(("skip", "refuse", *["neither"] * 6)))
    def give_up(self, decided: str) -> None:
        if decided == "skip":
            self.become(transition.skip(self.run, blocked_by=a_run(id="run-0"), now=self.now, timing=TIMING))
        elif decided == "refuse" and self.run.status is RunStatus.QUEUED:
            self.become(transition.refuse(self.run, PROBLEM, now=self.now, timing=TIMING))

    @precondition(is_at(RunStatus.QUEUED, RunStatus.HELD, RunStatus.RUNNING))
    @rule(wanted=st.integers(0, 3))
    def cancel(self, wanted: int) -> None:
        if wanted == 0:
            self.become_cancelled()

    def become_cancelled(self) -> None:
        before = self.run
        after = transition.cancel(before, by="ada@example.com", reason="enough", now=self.now, timing=TIMING)
        self.become(after)
        assert after.cancel_requested is not None
        assert after.status is (RunStatus.RUNNING if before.status is RunStatus.RUNNING else RunStatus.CANCELLED)

    @precondition(lambda life: life.run.status.terminal)
    @rule(outcome=OUTCOMES)
    def nothing_moves_a_settled_run(self, outcome: Outcome) -> None:
        run, now = self.run, self.now
        moves: tuple[Callable[[], Run], ...] = (
            lambda: transition.start(run, now=now, owner="late", agent_revision=1, timing=TIMING),
            lambda: transition.heartbeat(run, now=now, owner="late", timing=TIMING),
            lambda: transition.settle(run, outcome, now=now, jitter=0.0, timing=TIMING),
            lambda: transition.rescue(run, now=now, jitter=0.0, timing=TIMING),
            lambda: transition.redispatch(run, now=now, timing=TIMING),
            lambda: transition.hold(run, blocked_by="run-0", now=now, timing=TIMING),
            lambda: transition.promote(run, now=now, timing=TIMING),
            lambda: transition.skip(run, blocked_by=a_run(id="run-0"), now=now, timing=TIMING),
            lambda: transition.refuse(run, PROBLEM, now=now, timing=TIMING),
            lambda: transition.cancel(run, by="late", reason="late", now=now, timing=TIMING),
        )
        for move in moves:
            with pytest.raises(IllegalTransition):
                move()

    @invariant()
    def somebody_looks_at_it_unless_it_is_settled(self) -> None:
        terminal = self.run.status.terminal
        assert (self.run.check_at is None, self.run.finished is not None, self.run.expire_at is not None) == (
            terminal,
            terminal,
            terminal,
        )

    @invariant()
    def a_lease_is_held_only_while_it_runs(self) -> None:
        running = self.run.status is RunStatus.RUNNING
        assert (self.run.lease is not None) == running
        if self.run.lease is not None:
            assert self.run.lease.owner == self.run.attempts[-1].owner
            assert self.run.check_at == self.run.lease.expires_at
            assert self.run.lease.expires_at <= self.run.attempts[-1].started + TIMEOUT + TIMING.backstop

    @invariant()
    def attempts_are_numbered_and_all_but_a_running_one_have_ended(self) -> None:
        attempts = self.run.attempts
        ended = attempts[:-1] if self.run.status is RunStatus.RUNNING else attempts
        assert [attempt.number for attempt in attempts] == list(range(1, len(attempts) + 1))
        assert all(attempt.ended and attempt.status is not AttemptStatus.RUNNING for attempt in ended)
        assert all(attempt.status is AttemptStatus.RUNNING for attempt in attempts[len(ended) :])
        assert self.run.started == (attempts[0].started if attempts else None)
        assert self.run.attempt in {len(attempts), len(attempts) + 1}
        if self.run.status in {RunStatus.QUEUED, RunStatus.HELD}:
            assert self.run.attempt == len(attempts) + 1

    @invariant()
    def failures_and_lost_attempts_are_counted_apart(self) -> None:
        ends = [attempt.status for attempt in self.run.attempts]
        assert self.run.failures == ends.count(AttemptStatus.FAILED) + ends.count(AttemptStatus.TIMED_OUT)
        assert self.run.lost == ends.count(AttemptStatus.LOST)
        assert self.run.failures <= self.run.retry.max_retries + 1
        assert self.run.lost <= TIMING.max_lost + 1

    @invariant()
    def a_request_to_cancel_leads_to_no_further_attempt(self) -> None:
        if self.run.cancel_requested is not None:
            assert self.run.status not in {RunStatus.QUEUED, RunStatus.HELD}


RunLife.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestRunLife = RunLife.TestCase
