"""The verdict on what worked at once and what was taken from its runner, fed with made-up records and diaries."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chaos.outage import Cause, Outage
from chaos.told import (
    ALL_WELL,
    Told,
    failed,
    kill,
    queued,
    started,
    stop,
    succeeded,
    twice,
    weather,
    with_run,
    with_stints,
    work,
)
from chaos.violation import Fault
from core.builders import TIMING
from tock.core.policy import Overlap, Retry
from tock.core.run import transition
from tock.core.run.run import Run
from tock.core.run.status import AttemptStatus

#: Covers the end of the lease that the run of 12:01 lost, at 100.
BAD_WEATHER = weather(began=70.0, ended=95.0)


def lost_while_at_work(*outages: Outage) -> Told:
    """The first attempt of 12:01 was broken off when its lease ended, the second did the work."""
    broken_off = replace(work(1, seconds=35), outcome="stopped")
    told = with_stints(with_run(1, twice()), broken_off, work(1, attempt=2, instance=2, at=45))
    return replace(told, outages=outages)


def lost_after_its_work(*outages: Outage) -> Told:
    """The first attempt of 12:01 did its work, and that was not recorded."""
    told = with_stints(with_run(1, twice()), work(1, seconds=20), work(1, attempt=2, instance=2, at=45))
    return replace(told, outages=outages)


def two_attempts_at_once(*outages: Outage) -> Told:
    """The first attempt of 12:01 worked on when the second had begun, at 105."""
    told = with_stints(with_run(1, twice()), work(1, seconds=48), work(1, attempt=2, instance=2, at=45))
    return replace(told, outages=(BAD_WEATHER, *outages))


def older_beside_newer(*, older: Overlap = Overlap.SKIP, newer: Overlap = Overlap.SKIP) -> Told:
    """The run of 12:00 began at 65, while that of 12:01 worked."""
    late = succeeded(started(queued(0).model_copy(update={"overlap": older}), after=65), after=70)
    run = succeeded(started(queued(1).model_copy(update={"overlap": newer})), after=20)
    runs = (late, run, ALL_WELL.runs[2])
    return with_stints(replace(ALL_WELL, runs=runs), work(0, at=65), work(1, seconds=20))


@pytest.mark.parametrize(
    "outage",
    [
        kill(1, at=90.0),
        Outage(Cause.ENDED, "run", began=90.0, instance=1),
        stop(1, began=70.0, ended=95.0),
        BAD_WEATHER,
        weather(began=55.0, ended=59.0),
    ],
    ids=["killed", "ended", "stopped", "bad weather", "weather that connections still suffer from"],
)
def test_it_holds_when_an_attempt_was_lost_by_what_befell_its_process(outage: Outage) -> None:
    assert lost_while_at_work(outage).judged().violations == ()


@pytest.mark.parametrize("outage", [kill(1, at=81.0), BAD_WEATHER, stop(1, began=78.0, ended=99.0)])
def test_it_holds_when_an_outcome_could_not_be_written(outage: Outage) -> None:
    assert lost_after_its_work(outage).judged().violations == ()


@pytest.mark.parametrize("cause", [Cause.KILLED, Cause.ENDED])
def test_it_holds_when_the_attempt_of_a_dead_process_was_repeated_by_another(cause: Cause) -> None:
    death = Outage(cause, "run", began=62.0, instance=1)
    told = with_stints(with_run(1, twice()), work(1, seconds=None), work(1, attempt=2, instance=2, at=45))

    assert replace(told, outages=(death,)).judged().violations == ()


def test_it_holds_when_a_process_that_was_stopped_works_on_beside_its_rescuer() -> None:
    assert two_attempts_at_once(stop(1, began=61.0, ended=107.0)).judged().violations == ()


def test_it_holds_when_a_stop_at_the_end_of_a_lease_lasted_until_the_rescuer_began() -> None:
    assert two_attempts_at_once(stop(1, began=97.0, ended=107.0)).judged().violations == ()


def test_it_holds_when_a_long_stop_ended_just_before_the_rescuer_began() -> None:
    assert two_attempts_at_once(stop(1, began=61.0, ended=102.0)).judged().violations == ()


def test_it_holds_when_a_process_that_was_stopped_begins_after_its_rescuer() -> None:
    told = with_stints(with_run(1, twice()), work(1, at=46, seconds=1), work(1, attempt=2, instance=2, at=45))

    assert replace(told, outages=(stop(1, began=61.0, ended=106.0),)).judged().violations == ()


def test_it_holds_when_a_policy_lets_runs_work_at_once() -> None:
    run = succeeded(started(queued(1).model_copy(update={"overlap": Overlap.PARALLEL})))
    told = with_stints(with_run(1, run), work(0, seconds=70))

    assert told.judged().violations == ()


def test_it_holds_when_an_older_run_starts_late_beside_one_that_need_not_wait() -> None:
    assert older_beside_newer(newer=Overlap.PARALLEL).judged().violations == ()


def test_it_holds_when_an_edit_brought_an_earlier_fire_time_after_a_later_one_had_started() -> None:
    """What is newer is told by the generation first."""
    told = older_beside_newer(older=Overlap.PARALLEL)
    edited = told.runs[0].model_copy(update={"generation": 2})

    found = replace(told, runs=(edited, *told.runs[1:])).judged()

    assert Fault.OVERLAPPING not in found.faults


def lost_although_nothing_happened() -> Told:
    return lost_while_at_work()


def lost_although_only_another_was_killed() -> Told:
    return lost_while_at_work(kill(2, at=90.0))


def lost_long_after_the_weather() -> Told:
    return lost_while_at_work(weather(began=10.0, ended=40.0))


def lost_long_before_the_weather() -> Told:
    return lost_while_at_work(weather(began=104.0, ended=140.0))


def lost_after_its_work_although_nothing_happened() -> Told:
    return lost_after_its_work(weather(began=10.0, ended=60.0))


def lost_before_its_lease_was_over() -> Told:
    run = started(queued(1))
    soon = transition.rescue(run, now=run.scheduled_for + timedelta(seconds=20), jitter=0.0, timing=TIMING)
    told = with_run(1, succeeded(started(soon, after=45), after=50))
    stints = work(1, seconds=None), work(1, attempt=2, instance=2, at=45)
    return replace(with_stints(told, *stints), outages=(kill(1, at=62.0),))


def two_attempts_at_once_in_bad_weather() -> Told:
    return two_attempts_at_once()


def two_attempts_at_once_beside_a_stop_of_another() -> Told:
    return two_attempts_at_once(stop(3, began=61.0, ended=107.0))


def two_attempts_at_once_after_an_earlier_stop() -> Told:
    return two_attempts_at_once(stop(1, began=1.0, ended=59.0))


def two_attempts_at_once_after_a_short_stop() -> Told:
    return two_attempts_at_once(stop(1, began=99.0, ended=102.0))


def two_attempts_at_once_long_after_a_long_stop() -> Told:
    return two_attempts_at_once(stop(1, began=61.0, ended=96.0))


def two_attempts_at_once_after_a_failure() -> Told:
    retried = {"agent": "flaky", "retry": Retry(max_retries=1, delay=timedelta(seconds=40))}
    run = succeeded(started(failed(started(queued(1).model_copy(update=retried))), after=45), after=50)
    told = with_stints(with_run(1, run), work(1, seconds=48), work(1, attempt=2, instance=2, at=45))
    return replace(told, outages=(stop(1, began=61.0, ended=107.0),))


def two_runs_at_once() -> Told:
    return with_stints(ALL_WELL, work(0, seconds=70))


def an_older_run_that_starts_beside_a_newer() -> Told:
    return older_beside_newer()


def an_older_parallel_run_that_starts_beside_a_newer() -> Told:
    return older_beside_newer(older=Overlap.PARALLEL)


FAULTS: dict[Fault, list[Callable[[], Told]]] = {
    Fault.TAKEN: [
        lost_although_nothing_happened,
        lost_although_only_another_was_killed,
        lost_long_after_the_weather,
        lost_long_before_the_weather,
        lost_after_its_work_although_nothing_happened,
        lost_before_its_lease_was_over,
    ],
    Fault.OVERLAPPING: [
        two_attempts_at_once_in_bad_weather,
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
CASES = [(fault, told) for fault, several in FAULTS.items() for told in several]


@pytest.mark.parametrize(("fault", "told"), CASES, ids=[told.__name__ for _, told in CASES])
def test_it_reports(fault: Fault, told: Callable[[], Told]) -> None:
    verdict = told().judged()

    assert [violation.fault for violation in verdict.violations] == [fault]


@pytest.mark.parametrize("attempt", [status for status in AttemptStatus if status is not AttemptStatus.LOST])
def test_only_a_lost_attempt_is_taken(attempt: AttemptStatus) -> None:
    run: Run = ALL_WELL.runs[1]
    ended = run.attempts[0].model_copy(update={"status": attempt})

    verdict = with_run(1, run.model_copy(update={"attempts": (ended,)})).judged()

    assert Fault.TAKEN not in verdict.faults
