"""The verdict on waits, limits, conversations and workspaces, for sample records and logs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chaos.checks.conclusive import Inconclusive, require_life
from chaos.checks.sample_records import (
    ALL_WELL,
    Sample,
    name,
    queued,
    started,
    stop,
    succeeded,
    with_run,
    with_spans,
    work,
)
from chaos.checks.violation import Fault
from chaos.load.resources import CODER, LIMITED, MOST_AT_ONCE
from chaos.load.work_log import Note
from core.builders import NOON, TIMING
from tock.core.policies import Overlap
from tock.core.run import transition
from tock.core.run.admission.slot import Slot
from tock.core.run.follow_up import FollowUp
from tock.core.run.messages.wait import Answer
from tock.core.run.outcome import OnDeadline, WaitFor, Waiting
from tock.core.run.run import Run
from tock.core.run.status import RunSource

#: Seconds after 12:01 at which the wait began, ends by its deadline, and was answered.
BEGAN, DEADLINE, ANSWERED = 5.0, 25.0, 10.0
RUN = name(1)


def at(seconds: float) -> timedelta:
    return timedelta(minutes=1, seconds=seconds)


def waiting(on_deadline: OnDeadline = OnDeadline.CONTINUE) -> Run:
    length = timedelta(seconds=DEADLINE - BEGAN)
    outcome = Waiting(WaitFor.APPROVAL, question="More?", deadline=length, on_deadline=on_deadline)
    return transition.settle(started(queued(1)), outcome, now=NOON + at(BEGAN), jitter=0.0, timing=TIMING)


def answered(run: Run) -> Run:
    now = NOON + at(ANSWERED)
    given = Answer(approved=True, note="answer-1", by="ada", at=now)
    return transition.answer(run, given, None, now=now, timing=TIMING)


def at_the_deadline(run: Run, *, after: float = DEADLINE) -> Run:
    return transition.end_wait(run, now=NOON + at(after), timing=TIMING)


def ended(run: Run, *, leg: float = ANSWERED + 1) -> Sample:
    """The run of 12:01, whose second leg begins so many seconds after it, and the log of both."""
    done = succeeded(started(run, after=leg), after=leg + 4)
    return with_spans(with_run(1, done), work(1), work(1, attempt=2, at=leg, seconds=4))


def a_note(kind: str, value: object, *, run: str = RUN, attempt: int = 1) -> Note:
    return Note(kind, "library", run, attempt, value)


def runs_like(**changes: object) -> tuple[Run, ...]:
    parallel = {"overlap": Overlap.PARALLEL}
    return tuple(run.model_copy(update=parallel | changes) for run in ALL_WELL.runs)


def all_at_once(sample: Sample) -> Sample:
    """The work of 12:00 and of 12:01 goes on until after 12:02."""
    return with_spans(sample, work(0, seconds=130), work(1, seconds=70), work(2))


def of_a_command(text: str | None, **changes: object) -> Sample:
    """A run of the command agent at 12:01, and what the repository keeps of it."""
    run = ALL_WELL.runs[1].model_copy(update={"agent": CODER} | changes)
    return replace(with_run(1, run), kept={} if text is None else {RUN: text})


GOOD = {
    "answered": lambda: replace(ended(answered(waiting())), accepted={("library", RUN): {"answer-1"}}),
    "at the deadline": lambda: ended(at_the_deadline(waiting()), leg=DEADLINE + 1),
    "called back": lambda: replace(
        with_run(1, ALL_WELL.runs[1].model_copy(update={"answer": {"note": "answer-2"}})),
        accepted={("library", RUN): {"answer-2"}},
    ),
    "as many as may": lambda: with_spans(
        replace(ALL_WELL, runs=runs_like(agent=LIMITED)), work(0, seconds=70), work(1, seconds=30)
    ),
    "stopped": lambda: replace(
        all_at_once(replace(ALL_WELL, runs=runs_like(agent="reader"))), outages=(stop(1, began=1.0, ended=200.0),)
    ),
    "heard": lambda: replace(ALL_WELL, notes=(a_note("heard", "message-1"),), sent=("message-1", "message-2")),
    "remembered": lambda: replace(
        with_run(1, ALL_WELL.runs[1].model_copy(update={"resumed_from": name(0)})),
        notes=(a_note("saved", [name(0)], run=name(0)), a_note("loaded", [name(0)])),
    ),
    "kept": lambda: of_a_command(f"{RUN} 1\n"),
    "inherited": lambda: replace(
        of_a_command(None, resumed_from=name(0)), kept={name(0): "0 1\n", RUN: f"0 1\n{RUN} 1\n"}
    ),
}


@pytest.mark.parametrize("sample", GOOD.values(), ids=GOOD)
def test_it_holds_when(sample: Callable[[], Sample]) -> None:
    assert sample().verdict().violations == ()


def a_leg_without_an_answer() -> Sample:
    sample = ended(answered(waiting()))
    run = sample.runs[1]
    asked = run.attempts[0].wait
    assert asked is not None
    unanswered = run.attempts[0].model_copy(update={"wait": asked.model_copy(update={"answer": None})})
    changed = run.model_copy(update={"attempts": (unanswered, *run.attempts[1:])})
    return replace(sample, runs=(sample.runs[0], changed, sample.runs[2]))


def a_leg_before_its_answer() -> Sample:
    return ended(answered(waiting()), leg=ANSWERED - 1)


def a_deadline_that_came_early() -> Sample:
    return ended(at_the_deadline(waiting(), after=DEADLINE - 5), leg=DEADLINE - 4)


def a_failure_before_the_deadline() -> Sample:
    sample = with_run(1, at_the_deadline(waiting(OnDeadline.FAIL), after=DEADLINE - 5))
    return with_spans(sample, work(1))


def a_deadline_that_did_what_nobody_wanted() -> Sample:
    sample = ended(at_the_deadline(waiting()), leg=DEADLINE + 1)
    run = sample.runs[1]
    asked = run.attempts[0].wait
    assert asked is not None
    other = run.attempts[0].model_copy(update={"wait": asked.model_copy(update={"on_deadline": OnDeadline.FAIL})})
    changed = run.model_copy(update={"attempts": (other, *run.attempts[1:])})
    return replace(sample, runs=(sample.runs[0], changed, sample.runs[2]))


def an_accepted_answer_without_a_record() -> Sample:
    return replace(ended(answered(waiting())), accepted={("library", RUN): {"answer-1", "answer-2"}})


def an_accepted_answer_to_a_run_that_is_gone() -> Sample:
    return replace(ALL_WELL, accepted={("library", "nobody"): {"answer-1"}})


def more_than_may() -> Sample:
    assert len(ALL_WELL.runs) - 1 == MOST_AT_ONCE
    return all_at_once(replace(ALL_WELL, runs=runs_like(agent=LIMITED)))


def a_slot_that_is_still_taken() -> Sample:
    return replace(ALL_WELL, slots=(Slot.of(ALL_WELL.runs[0], scope=f"agent:{LIMITED}", number=0),))


def a_message_that_two_attempts_were_given() -> Sample:
    notes = a_note("heard", "message-1"), a_note("heard", "message-1", attempt=2)
    return replace(ALL_WELL, notes=notes, sent=("message-1",))


def a_message_that_nobody_sent() -> Sample:
    return replace(ALL_WELL, notes=(a_note("heard", "message-1"),))


def a_conversation_that_was_not_found() -> Sample:
    run = ALL_WELL.runs[1].model_copy(update={"resumed_from": name(0)})
    notes = a_note("saved", [name(0)], run=name(0)), a_note("loaded", [])
    return replace(with_run(1, run), notes=notes)


def two_runs_of_a_conversation_at_once() -> Sample:
    sample = replace(ALL_WELL, runs=runs_like(session="talk"))
    return with_spans(sample, work(0, seconds=70))


def a_success_that_is_not_kept() -> Sample:
    return of_a_command(None)


def a_success_that_is_kept_as_it_was_before() -> Sample:
    return of_a_command("run-0 1\n")


def a_resumed_run_without_the_files_of_its_source() -> Sample:
    sample = of_a_command(f"{RUN} 1\n", resumed_from=name(0))
    return replace(sample, kept={**sample.kept, name(0): "0 1\n"})


def two_commands_in_one_workspace() -> Sample:
    follow_up = FollowUp(of="run-9", repository="shop", command="check")
    first = ALL_WELL.runs[0].model_copy(update={"follow_up": follow_up, "source": RunSource.EXEC, "id": "run-7"})
    runs = first, first.model_copy(update={"id": "run-8"})
    spans = replace(work(0, seconds=70), run="run-7"), replace(work(1), run="run-8")
    return replace(ALL_WELL, runs=(*ALL_WELL.runs, *runs), spans=(*ALL_WELL.spans, *spans))


def a_process_that_is_left() -> Sample:
    return replace(ALL_WELL, processes=("7 (sleep)",))


FAULTS: dict[Fault, list[Callable[[], Sample]]] = {
    Fault.WRONG_WAIT: [
        a_leg_without_an_answer,
        a_leg_before_its_answer,
        a_deadline_that_came_early,
        a_failure_before_the_deadline,
        a_deadline_that_did_what_nobody_wanted,
    ],
    Fault.WRONG_ANSWER: [an_accepted_answer_without_a_record, an_accepted_answer_to_a_run_that_is_gone],
    Fault.TOO_MANY: [more_than_may],
    Fault.LEAKED: [a_slot_that_is_still_taken],
    Fault.HEARD_TWICE: [a_message_that_two_attempts_were_given],
    Fault.UNRECORDED: [a_message_that_nobody_sent],
    Fault.FORGOTTEN: [a_conversation_that_was_not_found],
    Fault.OVERLAPPING: [two_runs_of_a_conversation_at_once, two_commands_in_one_workspace],
    Fault.LOST_WORK: [
        a_success_that_is_not_kept,
        a_success_that_is_kept_as_it_was_before,
        a_resumed_run_without_the_files_of_its_source,
    ],
    Fault.LEFT_BEHIND: [a_process_that_is_left],
}
CASES = [(fault, sample) for fault, several in FAULTS.items() for sample in several]


@pytest.mark.parametrize(("fault", "sample"), CASES, ids=[sample.__name__ for _, sample in CASES])
def test_it_reports(fault: Fault, sample: Callable[[], Sample]) -> None:
    verdict = sample().verdict()

    assert [violation.fault for violation in verdict.violations] == [fault]


def test_it_is_inconclusive_without_waits_lines_messages_and_commands() -> None:
    with pytest.raises(Inconclusive, match="a run stood in line for a slot") as said:
        require_life(ALL_WELL.runs, ())

    assert str(said.value).count("; or that ") == 6
