"""The verdict of the chaos, fed with made-up records and diaries: it holds when all is well, and reports each fault."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chaos.records import Records
from chaos.report import evidence
from chaos.test_work import FAULTS as OF_WORK
from chaos.told import ALL_WELL, MINUTE, Told, failed, name, queued, started, succeeded, with_run, with_stints, work
from chaos.violation import Fault
from core.builders import NOON, TIMING, a_run
from tock.core.policy import Retry
from tock.core.proof.occurrence import OccurrenceStatus
from tock.core.run import transition
from tock.core.run.run import RunError, Snapshot
from tock.core.run.status import RunSource, RunStatus


def test_it_holds_when_everything_happened_once() -> None:
    verdict = ALL_WELL.judged()

    assert verdict.violations == ()
    assert verdict.counts == {OccurrenceStatus.FIRED: 3}


def test_it_holds_when_the_failure_of_an_agent_that_fails_on_purpose_was_retried() -> None:
    run = succeeded(started(failed(started(queued(1).model_copy(update={"agent": "flaky"}))), after=65), after=70)
    told = with_stints(with_run(1, run), replace(work(1), outcome="failed"), work(1, attempt=2, at=65, seconds=1))

    assert told.judged().violations == ()


def test_it_holds_when_a_run_failed_because_its_runners_disappeared_too_often() -> None:
    run = queued(1)
    for number in range(TIMING.max_lost + 1):
        now = run.scheduled_for + number * TIMING.lease
        run = transition.start(run, now=now, owner=f"{number}", agent_revision=1, timing=TIMING)
        run = transition.rescue(run, now=now + TIMING.lease, jitter=0.0, timing=TIMING)
    told = replace(with_run(1, run), stints=(ALL_WELL.stints[0], ALL_WELL.stints[2]))

    assert run.status is RunStatus.FAILED
    assert told.judged().violations == ()


def test_it_holds_when_a_start_is_as_early_as_it_may_be() -> None:
    told = with_stints(with_run(1, succeeded(started(queued(1), after=-2.0))), work(1, at=-2))

    assert told.judged().violations == ()


def test_it_holds_when_a_promoted_run_started_before_its_fire_time() -> None:
    """Promoted at once, it is due from then on."""
    run = started(queued(1).model_copy(update={"due_at": NOON + MINUTE - timedelta(seconds=1)}), after=-1.0)
    told = with_stints(with_run(1, succeeded(run)), work(1, at=-1))

    assert told.judged().violations == ()


def test_it_holds_when_every_answer_is_on_record() -> None:
    told = replace(by_hand("run-9"), answered={("library", "start-1"): {"run-9"}})

    assert told.judged().violations == ()


def without_a_record() -> Told:
    return replace(ALL_WELL, runs=(ALL_WELL.runs[0], ALL_WELL.runs[2]), stints=(ALL_WELL.stints[0], ALL_WELL.stints[2]))


def recorded_twice() -> Told:
    again = ALL_WELL.runs[1].model_copy(update={"id": "run-9"})
    stint = replace(work(1, at=10), run="run-9")
    return replace(ALL_WELL, runs=(*ALL_WELL.runs, again), stints=(*ALL_WELL.stints, stint))


def started_twice() -> Told:
    return with_stints(ALL_WELL, work(1), work(1, instance=2, at=10))


def started_again_without_need(*, source: RunSource = RunSource.SCHEDULE) -> Told:
    first = succeeded(started(queued(1)))
    attempts = (*first.attempts, first.attempts[0].model_copy(update={"number": 2, "owner": "another"}))
    run = first.model_copy(update={"attempts": attempts, "source": source})
    return with_stints(with_run(1, run), work(1), work(1, attempt=2, at=10))


def with_a_run_by_hand_started_again_without_need() -> Told:
    run = started_again_without_need(source=RunSource.MANUAL).runs[1].model_copy(update={"id": "run-9"})
    stints = [replace(work(1, attempt=attempt, at=10 * attempt), run="run-9") for attempt in (1, 2)]
    return replace(ALL_WELL, runs=(*ALL_WELL.runs, run), stints=(*ALL_WELL.stints, *stints))


def owed_by_nobody() -> Told:
    moment = NOON + timedelta(seconds=30)
    run = succeeded(started(a_run(id="run-9", scheduled_for=moment, due_at=moment)))
    stint = replace(work(0, at=30), run="run-9")
    return replace(ALL_WELL, runs=(*ALL_WELL.runs, run), stints=(*ALL_WELL.stints, stint))


def skipped_without_a_reason() -> Told:
    skipped = transition.skip(queued(1), blocked_by=name(0), now=NOON, timing=TIMING)
    told = with_run(1, skipped.model_copy(update={"reason": None}))
    return replace(told, stints=(ALL_WELL.stints[0], ALL_WELL.stints[2]))


def never_settled() -> Told:
    return with_stints(with_run(1, started(queued(1))), work(1))


def never_decided() -> Told:
    return replace(without_a_record(), next_run_at=NOON + MINUTE)


def done_without_a_record() -> Told:
    return replace(ALL_WELL, stints=(*ALL_WELL.stints, replace(work(1, at=10), run="nobody")))


def done_in_an_attempt_without_a_record() -> Told:
    return with_stints(ALL_WELL, work(1), work(1, attempt=2, at=10))


def recorded_without_work() -> Told:
    return replace(ALL_WELL, stints=(ALL_WELL.stints[0], ALL_WELL.stints[2]))


def recorded_although_it_broke_off() -> Told:
    return with_stints(ALL_WELL, replace(work(1), outcome="stopped"))


def started_before_its_time() -> Told:
    return with_stints(with_run(1, succeeded(started(queued(1), after=-2.2))), work(1, at=-2.2))


def started_before_its_time_and_tried_again() -> Told:
    first = failed(started(queued(1).model_copy(update={"agent": "flaky"}), after=-2.2))
    run = succeeded(started(first, after=65), after=70)
    stints = replace(work(1, at=-2.2), outcome="failed"), work(1, attempt=2, at=65, seconds=1)
    return with_stints(with_run(1, run), *stints)


def tried_again_before_its_time() -> Told:
    first = failed(started(queued(1).model_copy(update={"agent": "flaky"})))
    run = succeeded(started(first, after=20), after=25)
    return with_stints(with_run(1, run), replace(work(1), outcome="failed"), work(1, attempt=2, at=20))


def failed_for_good(*, agent: str = "reader", error: str = "ConnectionError") -> Told:
    last = queued(1).model_copy(update={"agent": agent, "retry": Retry(max_retries=0)})
    return with_stints(with_run(1, failed(started(last), error=error)), replace(work(1), outcome="failed"))


def failed_without_a_cause() -> Told:
    return failed_for_good()


def failed_once_without_a_cause() -> Told:
    run = succeeded(started(failed(started(queued(1))), after=65), after=70)
    return with_stints(with_run(1, run), replace(work(1), outcome="failed"), work(1, attempt=2, at=65, seconds=1))


def failed_in_another_way() -> Told:
    return failed_for_good(agent="flaky", error="no_progress")


def refused_without_a_cause() -> Told:
    problem = RunError(type="agent_missing", message="There is no agent.", retryable=False)
    refused = transition.refuse(queued(1), problem, now=NOON + MINUTE, timing=TIMING)
    return replace(with_run(1, refused), stints=(ALL_WELL.stints[0], ALL_WELL.stints[2]))


def by_hand(identifier: str) -> Told:
    """A further run, which somebody started with the key `start-1` after 12:02."""
    started_by = {"id": identifier, "source": RunSource.MANUAL, "input": Snapshot(message="start-1")}
    run = ALL_WELL.runs[2].model_copy(update=started_by)
    return replace(ALL_WELL, runs=(*ALL_WELL.runs, run), stints=(*ALL_WELL.stints, replace(work(2), run=identifier)))


def answered_with_a_run_that_is_not_there() -> Told:
    return replace(by_hand("run-8"), answered={("library", "start-1"): {"run-9"}})


def answered_with_two_runs() -> Told:
    return replace(by_hand("run-8"), answered={("library", "start-1"): {"run-8", "run-2"}})


def started_two_runs_by_hand_for_one_request() -> Told:
    first, second = by_hand("run-8"), by_hand("run-9")
    runs, stints = (*first.runs, second.runs[-1]), (*first.stints, second.stints[-1])
    return replace(first, runs=runs, stints=stints, answered={("library", "start-1"): {"run-8"}})


FAULTS: dict[Fault, list[Callable[[], Told]]] = {
    Fault.LOST: [without_a_record],
    Fault.DOUBLED: [
        recorded_twice,
        started_twice,
        started_again_without_need,
        with_a_run_by_hand_started_again_without_need,
        started_two_runs_by_hand_for_one_request,
    ],
    Fault.EXTRA: [owed_by_nobody],
    Fault.UNEXPLAINED: [skipped_without_a_reason],
    Fault.STUCK: [never_settled, never_decided],
    Fault.UNRECORDED: [done_without_a_record, done_in_an_attempt_without_a_record],
    Fault.UNWORKED: [recorded_without_work, recorded_although_it_broke_off],
    Fault.EARLY: [started_before_its_time, started_before_its_time_and_tried_again, tried_again_before_its_time],
    Fault.FAILING: [
        failed_without_a_cause,
        failed_once_without_a_cause,
        failed_in_another_way,
        refused_without_a_cause,
    ],
    Fault.UNKEPT: [answered_with_a_run_that_is_not_there, answered_with_two_runs],
}
CASES = [(fault, told) for fault, several in FAULTS.items() for told in several]


@pytest.mark.parametrize(("fault", "told"), CASES, ids=[told.__name__ for _, told in CASES])
def test_it_reports(fault: Fault, told: Callable[[], Told]) -> None:
    verdict = told().judged()

    assert [violation.fault for violation in verdict.violations] == [fault]


def test_every_fault_is_reported_in_some_case() -> None:
    assert {*FAULTS, *OF_WORK} == set(Fault)


def test_the_evidence_shows_the_record_and_what_the_agent_wrote() -> None:
    told = with_stints(ALL_WELL, replace(work(1), lines=("the first start",)), work(1, instance=2, at=10))
    records = Records(histories=(), runs=told.runs)

    lines = list(evidence(told.judged(), records, told.stints))

    assert lines[0] == "DOUBLED library/digest: attempt 1 was started 2 times"
    assert told.runs[1].model_dump_json() in lines[1]
    assert lines[2] == "  diary  the first start"
