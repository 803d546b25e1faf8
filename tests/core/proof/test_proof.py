"""Proofs that hold: every occurrence of an interval has one status."""

from collections import Counter
from datetime import timedelta

import pytest

from core.builders import NOON, TIMING, a_run, at
from core.history import MISSED, History, minutely, proof_of, statuses, ticked
from tock.core.proof.occurrence import Occurrence, OccurrenceStatus
from tock.core.proof.proof import Proof
from tock.core.run import transition
from tock.core.run.outcome import Failed, Succeeded
from tock.core.run.run import RunError
from tock.core.run.status import RunSource, RunStatus

MINUTE = timedelta(minutes=1)
BROKE = Failed(type="broke", message="It broke.", retryable=True)


def test_every_fire_time_that_ran_is_fired_and_names_its_run() -> None:
    history = minutely()

    proof = proof_of(history)

    times = [at(f"12:0{minute}") for minute in range(1, 6)]
    fired = tuple(Occurrence(time, OccurrenceStatus.FIRED, history.run_at(time).id) for time in times)
    assert proof == Proof(
        since=NOON,
        until=at("12:05:30"),
        occurrences=fired,
        lost=(),
        extra=(),
        doubled=(),
        unexplained=(),
        unreadable=(),
        overlapping=(),
        late=(),
    )
    assert (proof.holds, proof.faults, proof.counts) == (True, (), Counter({OccurrenceStatus.FIRED: 5}))


def test_the_interval_begins_with_its_first_instant_and_ends_before_its_last() -> None:
    proof = proof_of(minutely(), since="12:02", until="12:04")

    assert list(statuses(proof)) == ["12:02", "12:03"]


def test_the_instant_of_a_creation_is_no_fire_time() -> None:
    history = minutely()

    assert statuses(history.prove(since=NOON, until=NOON + MINUTE)) == {}
    assert list(statuses(history.prove(since=at("11:00"), until=at("12:01:01")))) == ["12:01"]


@pytest.mark.parametrize(
    ("run_status", "status"),
    [
        (RunStatus.SKIPPED, OccurrenceStatus.SKIPPED),
        (RunStatus.CANCELLED, OccurrenceStatus.CANCELLED),
        (RunStatus.FAILED, OccurrenceStatus.REFUSED),
        (RunStatus.HELD, OccurrenceStatus.IN_FLIGHT),
        (RunStatus.QUEUED, OccurrenceStatus.IN_FLIGHT),
    ],
)
def test_a_run_that_did_not_start_is_accounted_for_by_its_status(
    run_status: RunStatus, status: OccurrenceStatus
) -> None:
    history = ticked(History(now=NOON), "12:01")
    run = history.run_at(at("12:02"))
    now = at("12:02")
    error = RunError(type="agent_gone", message="There is no such agent.", retryable=False)
    ended = {
        RunStatus.SKIPPED: lambda: transition.skip(run, blocked_by=a_run(id="other"), now=now, timing=TIMING),
        RunStatus.CANCELLED: lambda: transition.cancel(run, by="ada", reason="", now=now, timing=TIMING),
        RunStatus.FAILED: lambda: transition.refuse(run, error, now=now, timing=TIMING),
        RunStatus.HELD: lambda: transition.hold(run, blocked_by="other", now=now, timing=TIMING),
        RunStatus.QUEUED: lambda: run,
    }
    history.put(ended[run_status]())

    proof = proof_of(history, since="12:02", until="12:03")

    assert (proof.holds, statuses(proof)) == (True, {"12:02": status})


def test_failures_and_lost_runners_explain_further_attempts() -> None:
    history = minutely()
    run = History(now=NOON).run_at(at("12:01"))
    started = transition.start(run, now=at("12:01"), owner="a", agent_revision=1, timing=TIMING)
    lost = transition.rescue(started, now=at("12:02"), jitter=0, timing=TIMING)
    history.work(lost, BROKE, BROKE, Succeeded(result=1), at=at("12:02"))

    proof = proof_of(history)

    assert [each.status for each in history.run_at(at("12:01")).attempts] == ["lost", "failed", "failed", "succeeded"]
    assert proof.holds


def test_what_is_let_go_is_missed_as_a_whole_range() -> None:
    history = ticked(minutely(**MISSED), "12:20:30")

    proof = proof_of(history, until="12:20:30")

    assert proof.holds
    assert proof.counts == {OccurrenceStatus.FIRED: 5, OccurrenceStatus.MISSED: 14, OccurrenceStatus.IN_FLIGHT: 1}


@pytest.mark.parametrize(("since", "until"), [("12:10", "12:15"), ("12:10", "12:30"), ("12:00", "12:15")])
def test_a_range_may_reach_over_either_end_of_the_interval(since: str, until: str) -> None:
    history = ticked(minutely(**MISSED), "12:30:30")

    proof = proof_of(history, since=since, until=until)

    assert proof.holds
    assert proof.counts[OccurrenceStatus.MISSED] == len(
        [each for each in proof.occurrences if each.fire_time >= at("12:06")]
    )


def test_a_range_outside_the_interval_is_passed_over() -> None:
    history = ticked(minutely(**MISSED), "12:30:30")

    assert proof_of(history, since="12:00", until="12:03").counts == {OccurrenceStatus.FIRED: 2}


def test_what_nobody_decided_yet_is_due() -> None:
    history = minutely()

    proof = proof_of(history, until="12:08")

    assert proof.holds
    assert statuses(proof) == dict.fromkeys(
        ("12:01", "12:02", "12:03", "12:04", "12:05"), OccurrenceStatus.FIRED
    ) | dict.fromkeys(("12:06", "12:07"), OccurrenceStatus.DUE)


def test_runs_by_hand_are_no_occurrences() -> None:
    history = minutely()
    run = history.run_at(at("12:03"))
    history.put(run.model_copy(update={"id": "by-hand", "source": RunSource.MANUAL}))

    assert proof_of(history) == proof_of(minutely())
