"""The verdict on work that overlaps and on attempts that are wrongly lost, for sample records and logs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chaos.checks.sample_records import (
    ALL_WELL,
    Sample,
    failed,
    kill,
    network_outage,
    queued,
    rescued_run,
    started,
    stop,
    succeeded,
    with_run,
    with_spans,
    work,
)
from chaos.checks.violation import Fault
from chaos.faults.outage import Cause, Outage
from core.builders import TIMING
from tock.core.policies import Overlap, Retry
from tock.core.run import transition
from tock.core.run.run import Run
from tock.core.run.status import AttemptStatus

#: Covers the end of the lease that the run of 12:01 lost, at 100.
NETWORK_OUTAGE = network_outage(began=70.0, ended=95.0)


def lost_while_at_work(*outages: Outage) -> Sample:
    """The first attempt of 12:01 was broken off when its lease ended, the second did the work."""
    broken_off = replace(work(1, seconds=35), outcome="stopped")
    sample = with_spans(with_run(1, rescued_run()), broken_off, work(1, attempt=2, instance=2, at=45))
    return replace(sample, outages=outages)


def lost_after_its_work(*outages: Outage) -> Sample:
    """The first attempt of 12:01 did its work, and that was not recorded."""
    sample = with_spans(with_run(1, rescued_run()), work(1, seconds=20), work(1, attempt=2, instance=2, at=45))
    return replace(sample, outages=outages)


def two_attempts_at_once(*outages: Outage) -> Sample:
    """The first attempt of 12:01 worked on when the second had begun, at 105."""
    sample = with_spans(with_run(1, rescued_run()), work(1, seconds=48), work(1, attempt=2, instance=2, at=45))
    return replace(sample, outages=(NETWORK_OUTAGE, *outages))


def older_beside_newer(*, older: Overlap = Overlap.SKIP, newer: Overlap = Overlap.SKIP) -> Sample:
    """The run of 12:00 began at 65, while that of 12:01 worked."""
    late = succeeded(started(queued(0).model_copy(update={"overlap": older}), after=65), after=70)
    run = succeeded(started(queued(1).model_copy(update={"overlap": newer})), after=20)
    runs = (late, run, ALL_WELL.runs[2])
    return with_spans(replace(ALL_WELL, runs=runs), work(0, at=65), work(1, seconds=20))


@pytest.mark.parametrize(
    "outage",
    [
        kill(1, at=90.0),
        Outage(Cause.ENDED, "run", began=90.0, instance=1),
        stop(1, began=70.0, ended=95.0),
        NETWORK_OUTAGE,
        network_outage(began=55.0, ended=59.0),
    ],
    ids=["killed", "ended", "stopped", "network", "network, before connections recovered"],
)
def test_it_holds_when_an_attempt_was_lost_by_an_outage_of_its_process(outage: Outage) -> None:
    assert lost_while_at_work(outage).verdict().violations == ()


@pytest.mark.parametrize("outage", [kill(1, at=81.0), NETWORK_OUTAGE, stop(1, began=78.0, ended=99.0)])
def test_it_holds_when_an_outcome_could_not_be_written(outage: Outage) -> None:
    assert lost_after_its_work(outage).verdict().violations == ()


@pytest.mark.parametrize("cause", [Cause.KILLED, Cause.ENDED])
def test_it_holds_when_the_attempt_of_a_dead_process_was_repeated_by_another(cause: Cause) -> None:
    death = Outage(cause, "run", began=62.0, instance=1)
    sample = with_spans(with_run(1, rescued_run()), work(1, seconds=None), work(1, attempt=2, instance=2, at=45))

    assert replace(sample, outages=(death,)).verdict().violations == ()


def test_it_holds_when_a_process_that_was_stopped_works_on_beside_the_next_attempt() -> None:
    assert two_attempts_at_once(stop(1, began=61.0, ended=107.0)).verdict().violations == ()


def test_it_holds_when_a_stop_at_the_end_of_a_lease_lasted_until_the_next_attempt_began() -> None:
    assert two_attempts_at_once(stop(1, began=97.0, ended=107.0)).verdict().violations == ()


def test_it_holds_when_a_long_stop_ended_just_before_the_next_attempt_began() -> None:
    assert two_attempts_at_once(stop(1, began=61.0, ended=102.0)).verdict().violations == ()


def test_it_holds_when_a_process_that_was_stopped_begins_after_the_next_attempt() -> None:
    sample = with_spans(with_run(1, rescued_run()), work(1, at=46, seconds=1), work(1, attempt=2, instance=2, at=45))

    assert replace(sample, outages=(stop(1, began=61.0, ended=106.0),)).verdict().violations == ()


def test_it_holds_when_a_policy_lets_runs_work_at_once() -> None:
    run = succeeded(started(queued(1).model_copy(update={"overlap": Overlap.PARALLEL})))
    sample = with_spans(with_run(1, run), work(0, seconds=70))

    assert sample.verdict().violations == ()


def test_it_holds_when_an_older_run_starts_late_beside_one_that_need_not_wait() -> None:
    assert older_beside_newer(newer=Overlap.PARALLEL).verdict().violations == ()


def test_it_holds_when_an_edit_brought_an_earlier_fire_time_after_a_later_one_had_started() -> None:
    """What is newer is sample by the generation first."""
    sample = older_beside_newer(older=Overlap.PARALLEL)
    edited = sample.runs[0].model_copy(update={"generation": 2})

    found = replace(sample, runs=(edited, *sample.runs[1:])).verdict()

    assert Fault.OVERLAPPING not in found.faults


def lost_although_nothing_happened() -> Sample:
    return lost_while_at_work()


def lost_although_only_another_was_killed() -> Sample:
    return lost_while_at_work(kill(2, at=90.0))


def lost_long_after_the_outage() -> Sample:
    return lost_while_at_work(network_outage(began=10.0, ended=40.0))


def lost_long_before_the_outage() -> Sample:
    return lost_while_at_work(network_outage(began=104.0, ended=140.0))


def lost_after_its_work_although_nothing_happened() -> Sample:
    return lost_after_its_work(network_outage(began=10.0, ended=60.0))


def lost_before_its_lease_was_over() -> Sample:
    run = started(queued(1))
    soon = transition.rescue(run, now=run.scheduled_for + timedelta(seconds=20), jitter=0.0, timing=TIMING)
    sample = with_run(1, succeeded(started(soon, after=45), after=50))
    spans = work(1, seconds=None), work(1, attempt=2, instance=2, at=45)
    return replace(with_spans(sample, *spans), outages=(kill(1, at=62.0),))


def two_attempts_at_once_in_a_network_outage() -> Sample:
    return two_attempts_at_once()


def two_attempts_at_once_beside_a_stop_of_another() -> Sample:
    return two_attempts_at_once(stop(3, began=61.0, ended=107.0))


def two_attempts_at_once_after_an_earlier_stop() -> Sample:
    return two_attempts_at_once(stop(1, began=1.0, ended=59.0))


def two_attempts_at_once_after_a_short_stop() -> Sample:
    return two_attempts_at_once(stop(1, began=99.0, ended=102.0))


def two_attempts_at_once_long_after_a_long_stop() -> Sample:
    return two_attempts_at_once(stop(1, began=61.0, ended=96.0))


def two_attempts_at_once_after_a_failure() -> Sample:
    retried = {"agent": "flaky", "retry": Retry(max_retries=1, delay=timedelta(seconds=40))}
    run = succeeded(started(failed(started(queued(1).model_copy(update=retried))), after=45), after=50)
    sample = with_spans(with_run(1, run), work(1, seconds=48), work(1, attempt=2, instance=2, at=45))
    return replace(sample, outages=(stop(1, began=61.0, ended=107.0),))


def two_runs_at_once() -> Sample:
    return with_spans(ALL_WELL, work(0, seconds=70))


def an_older_run_that_starts_beside_a_newer() -> Sample:
    return older_beside_newer()


def an_older_parallel_run_that_starts_beside_a_newer() -> Sample:
    return older_beside_newer(older=Overlap.PARALLEL)


FAULTS: dict[Fault, list[Callable[[], Sample]]] = {
    Fault.WRONGLY_LOST: [
        lost_although_nothing_happened,
        lost_although_only_another_was_killed,
        lost_long_after_the_outage,
        lost_long_before_the_outage,
        lost_after_its_work_although_nothing_happened,
        lost_before_its_lease_was_over,
    ],
    Fault.OVERLAPPING: [
        two_attempts_at_once_in_a_network_outage,
        two_attempts_at_once_beside_a_stop_of_another,
        two_attempts_at_once_after_an_earlier_stop,
        two_attempts_at_once_after_a_short_stop,
        two_attempts_at_once_long_after_a_long_stop,
        two_attempts_at_once_after_a_failure,
        two_runs_at_once,
        an_older_run_that_starts_beside_a_newer,
        an_older_parallel_run_that_starts_beside_a_newer,
    ],
}
CASES = [(fault, sample) for fault, several in FAULTS.items() for sample in several]


@pytest.mark.parametrize(("fault", "sample"), CASES, ids=[sample.__name__ for _, sample in CASES])
def test_it_reports(fault: Fault, sample: Callable[[], Sample]) -> None:
    verdict = sample().verdict()

    assert [violation.fault for violation in verdict.violations] == [fault]


@pytest.mark.parametrize("attempt", [status for status in AttemptStatus if status is not AttemptStatus.LOST])
def test_only_a_lost_attempt_is_wrongly_lost(attempt: AttemptStatus) -> None:
    run: Run = ALL_WELL.runs[1]
    ended = run.attempts[0].model_copy(update={"status": attempt})

    verdict = with_run(1, run.model_copy(update={"attempts": (ended,)})).verdict()

    assert Fault.WRONGLY_LOST not in verdict.faults
