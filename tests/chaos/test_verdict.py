"""The verdict of the chaos, fed with made-up records and diaries: it holds when all is well, and reports each fault."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from chaos.diary import Stint
from chaos.faults import Outage
from chaos.records import History, Records
from chaos.report import evidence
from chaos.verdict import Fault, Verdict, judge
from tock.core import transition
from tock.core.fate import Fate
from tock.core.outcome import Failed, Succeeded
from tock.core.policy import Overlap
from tock.core.revision import Revision
from tock.core.run import Run
from tock.core.status import RunSource
from unit.builders import NOON, TIMING, a_run, a_trigger

MINUTE = timedelta(minutes=1)
UNTIL = NOON + 3 * MINUTE
FIRED = [NOON, NOON + MINUTE, NOON + 2 * MINUTE]


@dataclass(frozen=True)
class Told:
    """Everything the verdict is given."""

    runs: tuple[Run, ...]
    stints: tuple[Stint, ...]
    outages: tuple[Outage, ...] = ()
    next_run_at: datetime | None = None

    def judged(self) -> Verdict:
        revision = Revision.of(a_trigger(), valid_from=NOON - MINUTE)
        history = History(project="library", trigger="digest", revisions=(revision,), next_run_at=self.next_run_at)
        records = Records(histories=(history,), runs=self.runs)
        return judge(records, self.stints, self.outages, since=NOON, until=UNTIL)


def name(number: int) -> str:
    return f"run-{number}"


def queued(number: int) -> Run:
    fire_time = NOON + number * MINUTE
    return a_run(id=name(number), scheduled_for=fire_time, due_at=fire_time, input={"message": "Read."})


def started(run: Run, *, after: float = 0.0) -> Run:
    return transition.start(
        run,
        now=run.scheduled_for + timedelta(seconds=after),
        owner=f"{run.id}/{run.attempt}",
        agent_revision=1,
        timing=TIMING,
    )


def succeeded(run: Run, *, after: float = 5.0) -> Run:
    now = run.scheduled_for + timedelta(seconds=after)
    return transition.settle(run, Succeeded(result=1), now=now, jitter=0.0, timing=TIMING)


def failed(run: Run) -> Run:
    failure = Failed(type="ConnectionError", message="The line is down.", retryable=True)
    return transition.settle(run, failure, now=run.scheduled_for + timedelta(seconds=5), jitter=0.0, timing=TIMING)


def rescued(run: Run) -> Run:
    return transition.rescue(run, now=run.scheduled_for + TIMING.lease, jitter=0.0, timing=TIMING)


def work(number: int, *, attempt: int = 1, instance: int = 1, at: float = 0.0, seconds: float | None = 5.0) -> Stint:
    began = number * 60 + at
    return Stint(
        project="library",
        run=name(number),
        attempt=attempt,
        instance=instance,
        began=began,
        ended=None if seconds is None else began + seconds,
        outcome=None if seconds is None else "done",
        lines=(),
    )


ALL_WELL = Told(
    runs=tuple(succeeded(started(queued(number))) for number in range(3)),
    stints=tuple(work(number) for number in range(3)),
)


def with_run(number: int, run: Run) -> Told:
    return replace(ALL_WELL, runs=tuple(run if each.id == name(number) else each for each in ALL_WELL.runs))


def with_stints(told: Told, *stints: Stint) -> Told:
    touched = {stint.run for stint in stints}
    return replace(told, stints=(*(each for each in told.stints if each.run not in touched), *stints))


def twice() -> Run:
    """The run of 12:01, lost by its first runner and done by a second."""
    lost = rescued(started(queued(1)))
    return succeeded(started(lost, after=45), after=50)


def test_it_holds_when_everything_happened_once() -> None:
    verdict = ALL_WELL.judged()

    assert verdict.violations == ()
    assert verdict.fates == {Fate.FIRED: 3}


def test_it_holds_when_a_lost_attempt_was_repeated_by_another_process() -> None:
    killed = Outage(instance=1, name="run", killed=True, began=62.0)
    told = with_stints(with_run(1, twice()), work(1, seconds=None), work(1, attempt=2, instance=2, at=45))

    assert replace(told, outages=(killed,)).judged().violations == ()


def test_it_holds_when_a_process_that_was_stopped_works_on_beside_its_rescuer() -> None:
    stopped = Outage(instance=1, name="run", killed=False, began=61.0, ended=107.0)
    told = with_stints(with_run(1, twice()), work(1, seconds=48), work(1, attempt=2, instance=2, at=45))

    assert replace(told, outages=(stopped,)).judged().violations == ()


def test_it_holds_when_a_failure_was_retried() -> None:
    run = succeeded(started(failed(started(queued(1))), after=20), after=25)
    told = with_stints(with_run(1, run), work(1), work(1, attempt=2, at=20))

    assert told.judged().violations == ()


def test_it_holds_when_a_policy_lets_runs_work_at_once() -> None:
    run = succeeded(started(queued(1).model_copy(update={"overlap": Overlap.PARALLEL})))
    told = with_stints(with_run(1, run), work(0, seconds=70))

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


def two_attempts_at_once(*outages: Outage) -> Told:
    told = with_stints(with_run(1, twice()), work(1, seconds=48), work(1, attempt=2, instance=2, at=45))
    return replace(told, outages=outages)


def two_attempts_at_once_beside_a_stop_of_another() -> Told:
    return two_attempts_at_once(Outage(instance=3, name="run-3", killed=False, began=61.0, ended=107.0))


def two_attempts_at_once_after_an_earlier_stop() -> Told:
    return two_attempts_at_once(Outage(instance=1, name="run", killed=False, began=1.0, ended=59.0))


def two_attempts_at_once_after_a_failure() -> Told:
    run = succeeded(started(failed(started(queued(1))), after=45), after=50)
    stop = Outage(instance=1, name="run", killed=False, began=61.0, ended=107.0)
    told = with_stints(with_run(1, run), work(1, seconds=48), work(1, attempt=2, instance=2, at=45))
    return replace(told, outages=(stop,))


def two_runs_at_once() -> Told:
    return with_stints(ALL_WELL, work(0, seconds=70))


FAULTS: dict[Fault, list[Callable[[], Told]]] = {
    Fault.LOST: [without_a_record],
    Fault.DOUBLED: [
        recorded_twice,
        started_twice,
        started_again_without_need,
        with_a_run_by_hand_started_again_without_need,
    ],
    Fault.EXTRA: [owed_by_nobody],
    Fault.UNEXPLAINED: [skipped_without_a_reason],
    Fault.STUCK: [never_settled, never_decided],
    Fault.UNRECORDED: [done_without_a_record, done_in_an_attempt_without_a_record],
    Fault.UNWORKED: [recorded_without_work, recorded_although_it_broke_off],
    Fault.OVERLAPPING: [
        two_attempts_at_once,
        two_attempts_at_once_beside_a_stop_of_another,
        two_attempts_at_once_after_an_earlier_stop,
        two_attempts_at_once_after_a_failure,
        two_runs_at_once,
    ],
}
CASES = [(fault, told) for fault, several in FAULTS.items() for told in several]


@pytest.mark.parametrize(("fault", "told"), CASES, ids=[told.__name__ for _, told in CASES])
def test_it_reports(fault: Fault, told: Callable[[], Told]) -> None:
    verdict = told().judged()

    assert [violation.fault for violation in verdict.violations] == [fault]


def test_every_fault_is_reported_in_some_case() -> None:
    assert set(FAULTS) == set(Fault)


def test_the_evidence_shows_the_record_and_what_the_agent_wrote() -> None:
    told = with_stints(ALL_WELL, replace(work(1), lines=("the first start",)), work(1, instance=2, at=10))
    records = Records(histories=(), runs=told.runs)

    lines = list(evidence(told.judged(), records, told.stints))

    assert lines[0] == "DOUBLED library/digest: attempt 1 was started 2 times"
    assert told.runs[1].model_dump_json() in lines[1]
    assert lines[2] == "  diary  the first start"
