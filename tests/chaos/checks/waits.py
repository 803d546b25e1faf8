"""Compares what people answered, and were told, with the records of the runs that waited."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from chaos.checks.violation import Fault, Violation
from tock.core.run.messages.wait import Wait
from tock.core.run.outcome import OnDeadline
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.run.transition import DEADLINE, UNANSWERED

#: The notes of the answers that were accepted, by project and run.
Accepted = Mapping[tuple[str, str], Collection[str]]
#: How far the machine's clock may be adjusted between two readings.
_CLOCK_ADJUSTMENT = timedelta(milliseconds=100)


def wrong_waits(run: Run) -> Iterable[Violation]:
    """Yield a wait that ended without an answer before its deadline, and a leg that began before its answer."""
    subject = f"{run.project}/{run.trigger or run.agent}"
    for number, attempt in enumerate(run.attempts):
        if attempt.wait is None:
            continue
        following = run.attempts[number + 1] if number + 1 < len(run.attempts) else None
        given = attempt.wait.answer
        if following is not None and given is None:
            yield Violation(Fault.WRONG_WAIT, subject, f"leg {following.number} began, and nobody answered", (run.id,))
        elif following is not None and given is not None and following.started < given.at - _CLOCK_ADJUSTMENT:
            problem = f"leg {following.number} began at {following.started}, and the answer came at {given.at}"
            yield Violation(Fault.WRONG_WAIT, subject, problem, (run.id,))
        yield from _ended_early(run, attempt.wait, subject=subject)


def _ended_early(run: Run, wait: Wait, *, subject: str) -> Iterable[Violation]:
    """Yield the end of a wait by its deadline that came before it, or that is not what the agent wanted then."""
    by_deadline = wait.answer.at if wait.answer is not None and wait.answer.by == DEADLINE else None
    timed_out = run.status is RunStatus.TIMED_OUT and run.error is not None and run.error.type == UNANSWERED
    ended = run.finished if timed_out and wait.answer is None else by_deadline
    if ended is None:
        return
    if ended < wait.deadline - _CLOCK_ADJUSTMENT:
        yield Violation(Fault.WRONG_WAIT, subject, f"ended at {ended}, before its deadline {wait.deadline}", (run.id,))
    if (by_deadline is None) is not (wait.on_deadline is OnDeadline.FAIL):
        problem = f"nobody answered, its agent wanted {wait.on_deadline}, and the run is {run.status}"
        yield Violation(Fault.WRONG_WAIT, subject, problem, (run.id,))


def wrong_acceptances(accepted: Accepted, known: Mapping[tuple[str, str], Run]) -> Iterable[Violation]:
    """Yield an accepted answer that the record of its run does not have: these runs wait once."""
    for (project, identifier), notes in accepted.items():
        run = known.get((project, identifier))
        recorded = set() if run is None else _answers_of(run)
        for note in sorted(set(notes) - recorded):
            problem = f"the answer {note} was accepted, and the record has {sorted(recorded) or 'none'}"
            yield Violation(Fault.WRONG_ANSWER, project, problem, (identifier,))


def _answers_of(run: Run) -> set[str]:
    notes = {each.wait.answer.note for each in run.attempts if each.wait is not None and each.wait.answer is not None}
    called_back = {run.answer["note"]} if isinstance(run.answer, dict) and "note" in run.answer else set()
    return (notes | called_back) - {""}
