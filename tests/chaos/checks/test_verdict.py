"""The verdict for sample records and logs: it holds if every guarantee does, and reports each kind of violation."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chaos.checks.sample_records import (
    ALL_WELL,
    MINUTE,
    Sample,
    failed,
    queued,
    started,
    succeeded,
    with_run,
    with_spans,
    work,
)
from chaos.checks.test_life import FAULTS as OF_LIFE
from chaos.checks.test_work import FAULTS as OF_WORK
from chaos.checks.violation import Fault
from chaos.records import Records
from chaos.report import evidence
from core.builders import NOON, TIMING, a_run
from tock.core.policies import Retry
from tock.core.proof.occurrence import OccurrenceStatus
from tock.core.run import transition
from tock.core.run.run import RunError, Snapshot
from tock.core.run.status import RunSource, RunStatus


def test_it_holds_when_everything_happened_once() -> None:
    verdict = ALL_WELL.verdict()

    assert verdict.violations == ()
    assert verdict.counts == {OccurrenceStatus.FIRED: 3}


def test_it_holds_when_the_failure_of_an_agent_that_fails_on_purpose_was_retried() -> None:
    run = succeeded(started(failed(started(queued(1).model_copy(update={"agent": "flaky"}))), after=65), after=70)
    sample = with_spans(with_run(1, run), replace(work(1), outcome="failed"), work(1, attempt=2, at=65, seconds=1))

    assert sample.verdict().violations == ()


def test_it_holds_when_a_run_failed_because_its_runners_disappeared_too_often() -> None:
    run = queued(1)
    for number in range(TIMING.max_lost + 1):
        now = run.scheduled_for + number * TIMING.lease
        run = transition.start(run, now=now, owner=f"{number}", agent_revision=1, timing=TIMING)
        run = transition.rescue(run, now=now + TIMING.lease, jitter=0.0, timing=TIMING)
    sample = replace(with_run(1, run), spans=(ALL_WELL.spans[0], ALL_WELL.spans[2]))

    assert run.status is RunStatus.FAILED
    assert sample.verdict().violations == ()


def test_it_holds_when_a_start_is_as_early_as_it_may_be() -> None:
    sample = with_spans(with_run(1, succeeded(started(queued(1), after=-2.0))), work(1, at=-2))

    assert sample.verdict().violations == ()


def test_it_holds_when_a_promoted_run_started_before_its_fire_time() -> None:
    """Promoted at once, it is due from then on."""
    run = started(queued(1).model_copy(update={"due_at": NOON + MINUTE - timedelta(seconds=1)}), after=-1.0)
    sample = with_spans(with_run(1, succeeded(run)), work(1, at=-1))

    assert sample.verdict().violations == ()


def test_it_holds_when_every_answer_is_on_record() -> None:
    sample = replace(by_hand("run-9"), answered={("library", "start-1"): {"run-9"}})

    assert sample.verdict().violations == ()


def without_a_record() -> Sample:
    return replace(ALL_WELL, runs=(ALL_WELL.runs[0], ALL_WELL.runs[2]), spans=(ALL_WELL.spans[0], ALL_WELL.spans[2]))


def recorded_twice() -> Sample:
    again = ALL_WELL.runs[1].model_copy(update={"id": "run-9"})
    span = replace(work(1, at=10), run="run-9")
    return replace(ALL_WELL, runs=(*ALL_WELL.runs, again), spans=(*ALL_WELL.spans, span))


def started_twice() -> Sample:
    return with_spans(ALL_WELL, work(1), work(1, instance=2, at=10))


def started_again_without_need(*, source: RunSource = RunSource.SCHEDULE) -> Sample:
    first = succeeded(started(queued(1)))
    attempts = (*first.attempts, first.attempts[0].model_copy(update={"number": 2, "owner": "another"}))
    run = first.model_copy(update={"attempts": attempts, "source": source})
    return with_spans(with_run(1, run), work(1), work(1, attempt=2, at=10))


def with_a_run_by_hand_started_again_without_need() -> Sample:
    run = started_again_without_need(source=RunSource.MANUAL).runs[1].model_copy(update={"id": "run-9"})
    spans = [replace(work(1, attempt=attempt, at=10 * attempt), run="run-9") for attempt in (1, 2)]
    return replace(ALL_WELL, runs=(*ALL_WELL.runs, run), spans=(*ALL_WELL.spans, *spans))


def without_an_occurrence() -> Sample:
    moment = NOON + timedelta(seconds=30)
    run = succeeded(started(a_run(id="run-9", scheduled_for=moment, due_at=moment)))
    span = replace(work(0, at=30), run="run-9")
    return replace(ALL_WELL, runs=(*ALL_WELL.runs, run), spans=(*ALL_WELL.spans, span))


def skipped_without_a_reason() -> Sample:
    skipped = transition.skip(queued(1), blocked_by=queued(0), now=NOON, timing=TIMING)
    sample = with_run(1, skipped.model_copy(update={"reason": None}))
    return replace(sample, spans=(ALL_WELL.spans[0], ALL_WELL.spans[2]))


def never_settled() -> Sample:
    return with_spans(with_run(1, started(queued(1))), work(1))


def never_decided() -> Sample:
    return replace(without_a_record(), next_run_at=NOON + MINUTE)


def done_without_a_record() -> Sample:
    return replace(ALL_WELL, spans=(*ALL_WELL.spans, replace(work(1, at=10), run="nobody")))


def done_in_an_attempt_without_a_record() -> Sample:
    return with_spans(ALL_WELL, work(1), work(1, attempt=2, at=10))


def recorded_without_work() -> Sample:
    return replace(ALL_WELL, spans=(ALL_WELL.spans[0], ALL_WELL.spans[2]))


def recorded_although_it_broke_off() -> Sample:
    return with_spans(ALL_WELL, replace(work(1), outcome="stopped"))


def started_before_its_time() -> Sample:
    return with_spans(with_run(1, succeeded(started(queued(1), after=-2.2))), work(1, at=-2.2))


def started_before_its_time_and_tried_again() -> Sample:
    first = failed(started(queued(1).model_copy(update={"agent": "flaky"}), after=-2.2))
    run = succeeded(started(first, after=65), after=70)
    spans = replace(work(1, at=-2.2), outcome="failed"), work(1, attempt=2, at=65, seconds=1)
    return with_spans(with_run(1, run), *spans)


def tried_again_before_its_time() -> Sample:
    first = failed(started(queued(1).model_copy(update={"agent": "flaky"})))
    run = succeeded(started(first, after=20), after=25)
    return with_spans(with_run(1, run), replace(work(1), outcome="failed"), work(1, attempt=2, at=20))


def failed_for_good(*, agent: str = "reader", error: str = "ConnectionError") -> Sample:
    last = queued(1).model_copy(update={"agent": agent, "retry": Retry(max_retries=0)})
    return with_spans(with_run(1, failed(started(last), error=error)), replace(work(1), outcome="failed"))


def failed_without_a_cause() -> Sample:
    return failed_for_good()


def failed_once_without_a_cause() -> Sample:
    run = succeeded(started(failed(started(queued(1))), after=65), after=70)
    return with_spans(with_run(1, run), replace(work(1), outcome="failed"), work(1, attempt=2, at=65, seconds=1))


def failed_in_another_way() -> Sample:
    return failed_for_good(agent="flaky", error="no_progress")


def refused_without_a_cause() -> Sample:
    problem = RunError(type="agent_missing", message="There is no agent.", retryable=False)
    refused = transition.refuse(queued(1), problem, now=NOON + MINUTE, timing=TIMING)
    return replace(with_run(1, refused), spans=(ALL_WELL.spans[0], ALL_WELL.spans[2]))


def by_hand(identifier: str) -> Sample:
    """A further run, which somebody started with the key `start-1` after 12:02."""
    started_by = {"id": identifier, "source": RunSource.MANUAL, "input": Snapshot(message="start-1")}
    run = ALL_WELL.runs[2].model_copy(update=started_by)
    return replace(ALL_WELL, runs=(*ALL_WELL.runs, run), spans=(*ALL_WELL.spans, replace(work(2), run=identifier)))


def answered_with_a_run_that_is_not_there() -> Sample:
    return replace(by_hand("run-8"), answered={("library", "start-1"): {"run-9"}})


def answered_with_two_runs() -> Sample:
    return replace(by_hand("run-8"), answered={("library", "start-1"): {"run-8", "run-2"}})


def started_two_runs_by_hand_for_one_request() -> Sample:
    first, second = by_hand("run-8"), by_hand("run-9")
    runs, spans = (*first.runs, second.runs[-1]), (*first.spans, second.spans[-1])
    return replace(first, runs=runs, spans=spans, answered={("library", "start-1"): {"run-8"}})


FAULTS: dict[Fault, list[Callable[[], Sample]]] = {
    Fault.LOST: [without_a_record],
    Fault.DOUBLED: [
        recorded_twice,
        started_twice,
        started_again_without_need,
        with_a_run_by_hand_started_again_without_need,
        started_two_runs_by_hand_for_one_request,
    ],
    Fault.EXTRA: [without_an_occurrence],
    Fault.UNEXPLAINED: [skipped_without_a_reason],
    Fault.STUCK: [never_settled, never_decided],
    Fault.UNRECORDED: [done_without_a_record, done_in_an_attempt_without_a_record],
    Fault.WITHOUT_WORK: [recorded_without_work, recorded_although_it_broke_off],
    Fault.EARLY: [started_before_its_time, started_before_its_time_and_tried_again, tried_again_before_its_time],
    Fault.FAILING: [
        failed_without_a_cause,
        failed_once_without_a_cause,
        failed_in_another_way,
        refused_without_a_cause,
    ],
    Fault.WRONG_ANSWER: [answered_with_a_run_that_is_not_there, answered_with_two_runs],
}
CASES = [(fault, sample) for fault, several in FAULTS.items() for sample in several]


@pytest.mark.parametrize(("fault", "sample"), CASES, ids=[sample.__name__ for _, sample in CASES])
def test_it_reports(fault: Fault, sample: Callable[[], Sample]) -> None:
    verdict = sample().verdict()

    assert [violation.fault for violation in verdict.violations] == [fault]


def test_every_fault_is_reported_in_some_case() -> None:
    assert {*FAULTS, *OF_WORK, *OF_LIFE} == set(Fault)


def test_the_evidence_shows_the_record_and_what_the_agent_wrote() -> None:
    sample = with_spans(ALL_WELL, replace(work(1), lines=("the first start",)), work(1, instance=2, at=10))
    records = Records(histories=(), runs=sample.runs)

    lines = list(evidence(sample.verdict(), records, sample.spans))

    assert lines[0] == "DOUBLED library/digest: attempt 1 was started 2 times"
    assert sample.runs[1].model_dump_json() in lines[1]
    assert lines[2] == "  log    the first start"
