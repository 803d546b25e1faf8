"""The transitions of a run: which are legal, and what each one changes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.builders import NOON, TIMING, a_run, a_run_that_is, a_started_run, at
from tock.core.errors import IllegalTransition
from tock.core.run.outcome import Cancelled, Failed, Outcome, Succeeded, TimedOut
from tock.core.run.run import CancelRequest, Hold, Lease, Run, RunError
from tock.core.run.status import AttemptStatus, RunStatus
from tock.core.run.transition import (
    LINE_RECHECK,
    LONGEST_GRACE,
    cancel,
    heartbeat,
    hold,
    hold_in_line,
    keep_held,
    promote,
    redispatch,
    refuse,
    rescue,
    settle,
    skip,
    start,
)
from tock.core.time.instant import instant_text

NOW = at("12:01")
PROBLEM = RunError(type="agent_missing", message="There is no agent.", retryable=False)

HELD, QUEUED, RUNNING, WAITING = RunStatus.HELD, RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING
TERMINAL = [status for status in RunStatus if status.terminal]

Verb = Callable[[Run], Run]


def settled_with(outcome: Outcome) -> Verb:
    return lambda run: settle(run, outcome, now=NOW, jitter=0.5, timing=TIMING)


#: Each verb, and where it leads from each status that it accepts.
VERBS: dict[str, tuple[Verb, dict[RunStatus, RunStatus]]] = {
    "start": (
        lambda run: start(run, now=NOW, owner="runner-2", agent_revision=1, timing=TIMING),
        {QUEUED: RUNNING},
    ),
    "beat": (lambda run: heartbeat(run, now=NOW, owner="runner-1", timing=TIMING), {RUNNING: RUNNING}),
    "succeed": (settled_with(Succeeded(result=1)), {RUNNING: RunStatus.SUCCEEDED}),
    "fail, to be tried again": (settled_with(Failed("busy", "Busy.", retryable=True)), {RUNNING: QUEUED}),
    "fail for good": (settled_with(Failed("denied", "Denied.", retryable=False)), {RUNNING: RunStatus.FAILED}),
    "time out": (settled_with(TimedOut(timedelta(minutes=5))), {RUNNING: QUEUED}),
    "stop on request": (settled_with(Cancelled("enough")), {RUNNING: RunStatus.CANCELLED}),
    "rescue": (lambda run: rescue(run, now=NOW, jitter=0.5, timing=TIMING), {RUNNING: QUEUED}),
    "redispatch": (lambda run: redispatch(run, now=NOW, timing=TIMING), {QUEUED: QUEUED}),
    "hold": (lambda run: hold(run, blocked_by="run-0", now=NOW, timing=TIMING), {QUEUED: HELD, HELD: HELD}),
    "promote": (lambda run: promote(run, now=NOW, timing=TIMING), {HELD: QUEUED}),
    "skip": (
        lambda run: skip(run, blocked_by=a_started_run(id="run-0"), now=NOW, timing=TIMING),
        {QUEUED: RunStatus.SKIPPED, HELD: RunStatus.SKIPPED},
    ),
    "refuse": (lambda run: refuse(run, PROBLEM, now=NOW, timing=TIMING), {QUEUED: RunStatus.FAILED}),
    "cancel": (
        lambda run: cancel(run, by="ada@example.com", reason="enough", now=NOW, timing=TIMING),
        {
            HELD: RunStatus.CANCELLED,
            QUEUED: RunStatus.CANCELLED,
            WAITING: RunStatus.CANCELLED,
            RUNNING: RUNNING,
        },
    ),
}


@pytest.mark.parametrize("source", RunStatus)
@pytest.mark.parametrize(("verb", "legal"), VERBS.values(), ids=VERBS)
def test_every_verb_moves_a_run_where_it_may_and_nowhere_else(
    verb: Verb, legal: dict[RunStatus, RunStatus], source: RunStatus
) -> None:
    run = a_run_that_is(source)

    if source not in legal:
        with pytest.raises(IllegalTransition, match=f"Run run-1 cannot go from {source} to "):
            verb(run)
        return
    after = verb(run)

    assert after.status is legal[source]
    assert (after.check_at is None) == after.status.terminal
    assert (after.lease is None) == (after.status is not RUNNING)
    assert (after.finished, after.expire_at) == (
        (NOW, NOW + TIMING.retention) if after.status.terminal else (None,) * 2
    )


@pytest.mark.parametrize("verb", [verb for verb, _ in VERBS.values()], ids=VERBS)
@pytest.mark.parametrize("source", [QUEUED, HELD])
def test_a_run_that_was_never_started_has_no_attempt_to_end(verb: Verb, source: RunStatus) -> None:
    try:
        after = verb(a_run_that_is(source))
    except IllegalTransition:
        return

    assert len(after.attempts) == (1 if after.status is RUNNING else 0)


def test_start_puts_the_attempt_under_a_lease() -> None:
    run = a_run(blocked_by="run-0")

    after = start(run, now=NOW, owner="runner-1", agent_revision=7, timing=TIMING)

    (attempt,) = after.attempts
    assert (attempt.number, attempt.status, attempt.owner) == (1, AttemptStatus.RUNNING, "runner-1")
    assert (attempt.started, attempt.ended, attempt.agent_revision) == (NOW, None, 7)
    assert after == run.model_copy(
        update={
            "status": RUNNING,
            "attempts": (attempt,),
            "started": NOW,
            "lease": Lease(owner="runner-1", expires_at=NOW + TIMING.lease),
            "check_at": NOW + TIMING.lease,
            "blocked_by": None,
        }
    )


def test_a_beat_extends_the_lease_and_changes_nothing_else() -> None:
    run = a_started_run()

    after = heartbeat(run, now=at("12:00:10"), owner="runner-1", timing=TIMING)

    until = at("12:00:50")
    assert after == run.model_copy(
        update={"lease": Lease(owner="runner-1", expires_at=until), "check_at": until},
    )


def test_no_beat_extends_the_lease_past_the_backstop() -> None:
    run = a_started_run(timeout="5m")
    backstop = NOON + timedelta(minutes=5) + TIMING.backstop

    after = heartbeat(run, now=backstop - timedelta(seconds=1), owner="runner-1", timing=TIMING)

    assert after.lease == Lease(owner="runner-1", expires_at=backstop)
    assert after.check_at == backstop


def test_the_first_lease_of_a_short_attempt_ends_at_its_backstop() -> None:
    assert a_started_run(timeout="1s").check_at == NOON + timedelta(seconds=1) + TIMING.backstop


def test_each_redispatch_is_a_new_delivery_and_doubles_the_wait_up_to_a_bound() -> None:
    run, waits = a_run(), list[timedelta]()

    for number in range(2, 16):
        run = redispatch(run, now=NOW, timing=TIMING)
        assert run.dispatch == number
        assert run.check_at is not None
        waits.append(run.check_at - NOW)

    assert waits[:3] == [timedelta(seconds=30), timedelta(seconds=60), timedelta(seconds=120)]
    assert waits[5:] == [LONGEST_GRACE] * 9


def test_a_run_that_is_held_behind_another_leaves_the_line() -> None:
    in_line = hold_in_line(a_run(), scope="agent:digest", now=NOON, timing=TIMING)

    behind = hold(promote(in_line, now=NOON, timing=TIMING), blocked_by="run-0", now=NOON, timing=TIMING)

    assert (in_line.in_line, behind.in_line, behind.blocked_by) == ("agent:digest", None, "run-0")


def test_a_promoted_run_is_due_at_once_by_a_new_delivery() -> None:
    held = hold(a_run(), blocked_by="run-0", now=NOON, timing=TIMING)

    after = promote(held, now=NOW, timing=TIMING)

    assert held.check_at == NOON + TIMING.held_recheck
    assert held.holds == (Hold(after=0, behind="run-0", at=NOON),)
    changes = {"status": QUEUED, "due_at": NOW, "dispatch": 2, "check_at": NOW + TIMING.grace}
    holds = (Hold(after=0, behind="run-0", at=NOON, until=NOW),)
    assert after == held.model_copy(update=changes | {"holds": holds})


def test_a_skipped_run_names_what_it_gave_way_to() -> None:
    after = skip(a_run(), blocked_by=a_started_run(id="run-0"), now=NOW, timing=TIMING)

    assert (after.blocked_by, after.reason) == (
        "run-0",
        "run run-0 has been running since 2027-01-01T12:00:00Z; overlap is skip",
    )


def test_the_reason_of_a_skipped_run_says_what_the_other_one_was_doing() -> None:
    def reason(**changes: Any) -> str | None:
        return skip(a_run(), blocked_by=a_run(id="run-0", **changes), now=NOW, timing=TIMING).reason

    assert reason(due_at=NOON) == "run run-0 was about to start: it was due at 2027-01-01T12:00:00Z; overlap is skip"
    assert reason(status=HELD, blocked_by="run-9") == "run run-0 was waiting for run run-9 to end; overlap is skip"
    assert reason(started=NOON, attempt=3, due_at=NOW) == (
        f"run run-0 was waiting for its attempt 3, due at {instant_text(NOW)}; overlap is skip"
    )


def test_a_refused_run_says_why() -> None:
    after = refuse(a_run(), PROBLEM, now=NOW, timing=TIMING)

    assert (after.error, after.started, after.failures) == (PROBLEM, None, 0)


def test_a_cancelled_run_says_who_and_why() -> None:
    after = cancel(a_run(), by="ada@example.com", reason="enough", now=NOW, timing=TIMING)

    assert after.cancel_requested == CancelRequest(reason="enough", at=NOW, by="ada@example.com")
    assert after.reason == "enough"


def test_a_running_run_only_notes_the_first_request_to_cancel() -> None:
    run = a_started_run()

    once = cancel(run, by="ada@example.com", reason="enough", now=NOW, timing=TIMING)
    twice = cancel(once, by="bob@example.com", reason="too much", now=at("12:02"), timing=TIMING)

    request = CancelRequest(reason="enough", at=NOW, by="ada@example.com")
    assert once == run.model_copy(update={"cancel_requested": request})
    assert twice == once


def test_a_transition_leaves_the_run_it_was_given_as_it_was() -> None:
    run = a_started_run()
    before = run.model_dump_json()

    settle(run, Failed("busy", "Busy.", retryable=True), now=NOW, jitter=0.0, timing=TIMING)

    assert run.model_dump_json() == before


def test_the_sweep_looks_at_a_held_run_at_its_start_deadline_if_that_comes_first() -> None:
    def check_at(deadline: timedelta | None) -> datetime | None:
        return hold(a_run(start_deadline=deadline), blocked_by="run-0", now=NOON, timing=TIMING).check_at

    assert check_at(None) == check_at(2 * TIMING.held_recheck) == NOON + TIMING.held_recheck
    assert check_at(timedelta(seconds=40)) == NOON + timedelta(seconds=40)
    # The sweep that comes then settles it as missed, so it looks no sooner at one that is past its deadline.
    past = hold(a_run(start_deadline=timedelta(seconds=1)), blocked_by="run-0", now=NOW, timing=TIMING)
    assert past.check_at == NOW + TIMING.held_recheck


def test_the_sweep_looks_sooner_at_a_run_that_watches_its_line() -> None:
    in_line = hold_in_line(a_run(), scope="agent:digest", now=NOON, timing=TIMING)

    def check_at(**watches: bool) -> datetime | None:
        return keep_held(in_line, now=NOW, timing=TIMING, **watches).check_at

    assert in_line.check_at == NOON + LINE_RECHECK
    assert check_at(watches_line=True) == NOW + LINE_RECHECK
    assert check_at() == NOW + TIMING.held_recheck
