"""How a run ended, and why."""

from datetime import timedelta

from tock.core.run.status import AttemptStatus, RunStatus
from tock.web.resources.authors import author_first
from tock.web.resources.runs.run import RunResource
from tock.web.resources.runs.story.sentence import Sentence, words
from tock.web.resources.runs.verb_request import NO_REASON

#: The most characters of an error's message within the story.
_BRIEF = 200


def ending(run: RunResource) -> tuple[Sentence, ...]:
    """Return how a settled run ended and why, as far as its error does not say that."""
    at: Sentence = () if run.finished is None else (" at ", run.finished)
    reason = f": {run.reason}." if run.reason and run.reason != NO_REASON else "."
    match run.status:
        case RunStatus.SUCCEEDED:
            return (("It succeeded", *at, *_took(run), f"{_before_success(run)}."),)
        case RunStatus.CANCELLED:
            by = (
                "It was cancelled"
                if run.cancel_requested is None
                else f"{author_first(run.cancel_requested.by)} cancelled it"
            )
            cancelled: Sentence = (by, *at, *(_took(run) or (", before it began",)), reason)
            return tuple(filter(None, (cancelled, _failed_before(run))))
        case RunStatus.SKIPPED:
            return (("It was skipped", *at, reason),)
        case RunStatus.MISSED:
            return _missed(run, reason)
    because = (f"{run.reason[:1].upper()}{run.reason[1:]}.",) if run.reason else ()
    failed: Sentence = (f"It {words(run.status)}", *at, *_took(run), f"{_error(run)}.")
    return tuple(filter(None, (failed, _tries(run), because)))


def _missed(run: RunResource, reason: str) -> tuple[Sentence, ...]:
    if run.missed is None or run.missed.count == 1:
        return ((f"It was missed{reason}",),)
    missed = run.missed
    range_ = (f"This record stands for {missed.count} fire times, from ", missed.first, " to ", missed.last, ".")
    return (range_, (f"They were missed{reason}",))


def _error(run: RunResource) -> str:
    """Return the error as the end of a sentence, in brief."""
    if run.error is None:
        return ""
    message = " ".join(run.error.message.split()).rstrip(".")
    brief = message if len(message) <= _BRIEF else f"{message[:_BRIEF]}…"
    # The types of Tock's own errors are words that the message explains; those of agents are names of classes.
    return f": {brief}" if run.error.type.islower() else f": {run.error.type}: {brief}"


def _took(run: RunResource) -> Sentence:
    return () if run.duration_seconds is None else (", after ", timedelta(seconds=run.duration_seconds))


def _before_success(run: RunResource) -> str:
    """Return what went before a success that did not come at once."""
    pauses = sum(each.status in {AttemptStatus.WAITING, AttemptStatus.CONTINUED} for each in run.attempts)
    failed = _failures(run)
    return f"{f', with {failed} before' if failed else ''}{f', with {_pauses(pauses)}' if pauses else ''}"


def _pauses(number: int) -> str:
    return "1 pause" if number == 1 else f"{number} pauses"


def _failed_before(run: RunResource) -> Sentence:
    """Return what went wrong before a run was cancelled."""
    return (f"Before that, an attempt failed{_error(run)}.",) if run.error is not None else ()


def _tries(run: RunResource) -> Sentence:
    """Return how many attempts failed, if there were several, or why there was no other one."""
    tries = run.failures + run.lost
    if tries > 1:
        return (f"It had {_failures(run)}.",)
    if tries == 1 and run.error is not None and not run.error.retryable and run.retry.max_retries:
        return ("Errors of this kind are not tried again, so there was no other attempt.",)
    return ()


def _failures(run: RunResource) -> str:
    return " and ".join(filter(None, (_count(run.failures, "failed"), _count(run.lost, "lost"))))


def _count(number: int, how: str) -> str:
    return "" if not number else f"{number} {how} attempt{'s' * (number > 1)}"
