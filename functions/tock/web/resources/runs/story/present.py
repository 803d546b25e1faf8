"""What a run that has not ended does now, or what it waits for and until when."""

from datetime import datetime

from tock.core.run.outcome import OnDeadline, WaitFor
from tock.core.run.status import AttemptStatus, RunStatus
from tock.web.resources.authors import author_first
from tock.web.resources.runs.open_question import open_question
from tock.web.resources.runs.run import AttemptShape, RunResource
from tock.web.resources.runs.story.sentence import Sentence, run_named, words
from tock.web.resources.runs.verb_request import NO_REASON

_WAITS = {
    WaitFor.APPROVAL: "somebody to approve or reject",
    WaitFor.INPUT: "somebody to answer",
    WaitFor.CALLBACK: "a service to call back",
}
_AT_DEADLINE = {
    OnDeadline.FAIL: "Then it ends as timed out.",
    OnDeadline.REJECT: "Then it goes on as rejected.",
    OnDeadline.CONTINUE: "Then it goes on without an answer.",
}


def present(run: RunResource, *, now: datetime) -> tuple[Sentence, ...]:
    """Return what the run does or waits for at this time."""
    match run.status:
        case RunStatus.HELD:
            return _held(run)
        case RunStatus.RUNNING:
            return _running(run)
        case RunStatus.WAITING:
            return _waiting(run)
    return (_queued(run, now=now),)


def _queued(run: RunResource, *, now: datetime) -> Sentence:
    later: Sentence = () if run.due_at <= now else (run.due_at,)
    if not run.attempts:
        return ("It starts at ", *later, ".") if later else ("It is about to start.",)
    last = run.attempts[-1]
    match last.status:
        case AttemptStatus.FAILED | AttemptStatus.TIMED_OUT:
            ended, then = f"Attempt {last.number} {words(last.status)}{_error(last)}", f"attempt {run.attempt}"
        case AttemptStatus.LOST:
            ended, then = f"The process that ran attempt {last.number} disappeared", f"attempt {run.attempt}"
        case AttemptStatus.WAITING:
            ended, then = _verdict(last), "it goes on"
        case _:
            ended, then = "Its agent paused", "it goes on"
    if then == "it goes on":
        return (f"{ended}; {then} at ", *later, ".") if later else (f"{ended}; {then} now.",)
    return (f"{ended}; {then} starts at ", *later, ".") if later else (f"{ended}; {then} is about to start.",)


def _held(run: RunResource) -> tuple[Sentence, ...]:
    since: Sentence = () if not run.holds or run.holds[-1].until else (", since ", run.holds[-1].at)
    if run.in_line:
        return ((f"It waits in line for a free slot of {run.in_line}", *since, "."),)
    return (("It waits until run ", run_named(run.blocked_by), " has ended", *since, "."),)


def _running(run: RunResource) -> tuple[Sentence, ...]:
    works: Sentence = (f"Attempt {run.attempts[-1].number} has been at work since ", run.attempts[-1].started, ".")
    asked = run.cancel_requested
    if asked is None:
        return (works,)
    reason = f": {asked.reason}." if asked.reason != NO_REASON else "."
    return works, (f"{author_first(asked.by)} asked it to stop at ", asked.at, reason)


def _waiting(run: RunResource) -> tuple[Sentence, ...]:
    asked = open_question(run)
    if asked is None:
        return ()
    return ((f"It waits for {_WAITS[asked.wait_for]}, until ", asked.deadline, "."), (_AT_DEADLINE[asked.on_deadline],))


def _verdict(attempt: AttemptShape) -> str:
    given = None if attempt.wait is None else attempt.wait.answer
    if given is None:
        return "It was answered"
    verb = "answered" if given.approved is None else "approved" if given.approved else "rejected"
    return f"{author_first(given.by)} {verb}{f' ({given.note})' if given.note else ''}"


def _error(attempt: AttemptShape) -> str:
    return "" if attempt.error is None else f" ({attempt.error.type}: {attempt.error.message})"
