"""The part of the gate that an attempt's outcome passes: its result, or its failure, or what it waits for."""

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from tock.core.json.value import NotJsonError, TooLargeError, require_json, text_of, whole_characters
from tock.core.run.gate.text import message_of, quoted
from tock.core.run.gate.usage import usage_of
from tock.core.run.outcome import (
    AgentOutcome,
    Cancelled,
    Continue,
    Failed,
    HandedBack,
    OnDeadline,
    Succeeded,
    TimedOut,
    WaitFor,
    Waiting,
)

#: A Firestore document holds at most 1 MiB: a run's result may take a quarter of that, in bytes of UTF-8.
MAX_RESULT_BYTES = 256 * 1024
#: The most characters of an error's type.
MAX_ERROR_TYPE = 200
#: The longest wait that a failure may ask for; a longer one counts as this.
MAX_RETRY_AFTER = timedelta(days=36_525)
#: How long a run may wait for an answer.
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(days=90)
#: How long after a leg the next one may start: Cloud Tasks takes a task up to 30 days before its time ("Quotas and
#: limits"), and clocks differ.
LONGEST_PAUSE = timedelta(days=29)
#: The error type of an outcome that an agent may not give.
INVALID_OUTCOME = "invalid_outcome"
_MAX_WARNINGS = 5
_MAX_WARNING = 500


def outcome_of(value: Any) -> AgentOutcome:
    """Return the outcome that an agent's return value stands for; the outcome of an outcome is itself.

    JSON values stay as they are; pydantic models and dataclasses become JSON, also inside lists and objects. Anything
    else fails as `result_not_json`, and JSON of more than 256 KiB as `result_too_large`. Another outcome is taken at
    its word if its fields are valid. Invalid usage is left out: a `Succeeded` gets a warning about it, a `Failed` a
    sentence in its message, a `Waiting` and a `Continue` nothing.
    No failure that the gate decides is retryable: the agent did its work, and would do it twice.
    """
    if isinstance(value, Succeeded):
        return _succeeded(value)
    if isinstance(value, Failed):
        return checked_failure(value)
    if isinstance(value, Waiting):
        return _checked_wait(value)
    if isinstance(value, Continue):
        return _checked_continuation(value)
    if isinstance(value, TimedOut | Cancelled | HandedBack):
        return _invalid(f"The agent returned {type(value).__name__}, which only Tock decides.")
    return _with_result(value)


def checked_failure(given: Failed) -> Failed:
    """Return the failure if its fields are valid; otherwise one that names the first field that is not."""
    error_type: Any = given.type
    message: Any = given.message
    retryable: Any = given.retryable
    wait: Any = given.retry_after
    if not isinstance(error_type, str) or not 1 <= len(error_type) <= MAX_ERROR_TYPE:
        return _invalid_failure(given, field="type", remedy=f"give a word of 1 to {MAX_ERROR_TYPE} characters")
    if not isinstance(message, str):
        return _invalid_failure(given, field="message", remedy="give a text")
    if not isinstance(retryable, bool):
        return _invalid_failure(given, field="retryable", remedy="give True or False")
    if wait is not None and (not isinstance(wait, timedelta) or wait < timedelta()):
        return _invalid_failure(given, field="retry_after", remedy="give a timedelta that is not negative, or None")
    usage, problem = usage_of(given.usage)
    return Failed(
        type=whole_characters(error_type),
        message=message_of(f"{message} The usage was left out, because {problem}." if problem else message),
        retryable=retryable,
        retry_after=None if wait is None else min(wait, MAX_RETRY_AFTER),
        usage=usage,
    )


def too_large(size: str) -> Failed:
    """Return the failure of a result of the given size, a text such as `300000 bytes`."""
    return Failed(
        type="result_too_large",
        message=f"The result is {size} of JSON; the limit is {MAX_RESULT_BYTES}: store it and return its location.",
        retryable=False,
    )


def _succeeded(given: Succeeded) -> Succeeded | Failed:
    outcome = _with_result(given.result)
    if isinstance(outcome, Failed):
        return outcome
    warnings = [message_of(text)[:_MAX_WARNING] for text in _texts(given.warnings)][:_MAX_WARNINGS]
    usage, problem = usage_of(given.usage)
    if problem:
        warnings.append(f"The usage was left out, because {problem}.")
    return replace(outcome, usage=usage, warnings=tuple(warnings))


def _with_result(value: Any) -> Succeeded | Failed:
    try:
        return Succeeded(require_json(value, max_bytes=MAX_RESULT_BYTES))
    except TooLargeError:
        return too_large(f"more than {MAX_RESULT_BYTES} bytes")
    except NotJsonError as exc:
        message = message_of(f"The result is not JSON: {exc.sentence('result')}")
        return Failed(type="result_not_json", message=message, retryable=False)


def _texts(given: Any) -> list[str]:
    return [text for text in given if isinstance(text, str)] if isinstance(given, tuple) else []


def _invalid_failure(given: Failed, *, field: str, remedy: str) -> Failed:
    problem = f"The agent failed with {field}={quoted(getattr(given, field))}: {remedy}."
    said = f" Its message: {text_of(given.message)}" if field != "message" and given.message else ""
    return _invalid(problem + said)


def _checked_wait(given: Waiting) -> Waiting | Failed:
    wait_for: Any = given.wait_for
    on_deadline: Any = given.on_deadline
    question: Any = given.question
    if not _is_word_of(WaitFor, wait_for):
        return _invalid_wait(given, field="wait_for", remedy=f"give one of {', '.join(WaitFor)}")
    if not _is_word_of(OnDeadline, on_deadline):
        return _invalid_wait(given, field="on_deadline", remedy=f"give one of {', '.join(OnDeadline)}")
    if not isinstance(question, str):
        return _invalid_wait(given, field="question", remedy="give a text")
    if not _is_between(given.deadline, SHORTEST_WAIT, LONGEST_WAIT):
        return _invalid_wait(given, field="deadline", remedy="give a timedelta from 1 second to 90 days")
    return Waiting(
        WaitFor(wait_for),
        question=message_of(question),
        deadline=given.deadline,
        on_deadline=OnDeadline(on_deadline),
        usage=usage_of(given.usage)[0],
    )


def _is_word_of(words: type[StrEnum], value: Any) -> bool:
    """Whether the value is one of the words; it may be anything, also something that has no hash."""
    return isinstance(value, str) and value in list(words)


def _invalid_wait(given: Waiting, *, field: str, remedy: str) -> Failed:
    return _invalid(f"The agent waits with {field}={quoted(getattr(given, field))}: {remedy}.")


def _checked_continuation(given: Continue) -> Continue | Failed:
    if not _is_between(given.after, timedelta(), LONGEST_PAUSE):
        problem = f"The agent continued with after={quoted(given.after)}"
        return _invalid(f"{problem}: give a timedelta from 0 seconds to {LONGEST_PAUSE.days} days.")
    return Continue(after=given.after, usage=usage_of(given.usage)[0])


def _is_between(value: Any, low: timedelta, high: timedelta) -> bool:
    return isinstance(value, timedelta) and low <= value <= high


def _invalid(message: str) -> Failed:
    return Failed(type=INVALID_OUTCOME, message=message_of(message), retryable=False)
