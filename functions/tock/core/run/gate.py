"""The gate that everything from an agent passes: its result, its usage, its failure, its events.

What leaves the gate can be stored and shown. What does not fit is replaced where that keeps the meaning (events, usage,
the text of a message); otherwise the attempt fails, finally, with an error that names the field.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from itertools import accumulate
from typing import Any

from tock.core.errors import InvalidArgument
from tock.core.json.value import (
    NotJsonError,
    TooLargeError,
    replace_by_json,
    require_json,
    text_of,
    whole_characters,
)
from tock.core.run.outcome import (
    MAX_MODEL,
    AgentOutcome,
    Cancelled,
    Continue,
    Failed,
    HandedBack,
    OnDeadline,
    Succeeded,
    TimedOut,
    Usage,
    WaitFor,
    Waiting,
)

#: A Firestore document holds at most 1 MiB: a run's result may take a quarter of that, in bytes of UTF-8.
MAX_RESULT_BYTES = 256 * 1024
#: The most bytes of one event's data.
MAX_EVENT_BYTES = 16 * 1024
#: The most characters of an event's kind.
MAX_KIND = 64
#: The most characters of an error's type.
MAX_ERROR_TYPE = 200
#: The most characters of an error's message: enough for a person, few enough to store one with every attempt.
MAX_MESSAGE = 4_000
#: The most characters of a line among several of a log event, and how many characters of its first lines are kept.
_MAX_LOG_LINE, _LOG_HEAD = 1_000, 1_000
#: The longest wait that a failure may ask for; a longer one counts as this.
MAX_RETRY_AFTER = timedelta(days=36_525)
#: The most bytes of what an agent saves for the attempts after it.
MAX_STATE_BYTES = 256 * 1024
#: The most bytes of what an agent saves for its session, as ASCII JSON: what one Commit can write.
MAX_SESSION_BYTES = 3_600_000
#: How long a run may wait for an answer, or until its next leg.
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(days=90)
#: The error type of an outcome that an agent may not give.
INVALID_OUTCOME = "invalid_outcome"

#: The largest whole number that every reader of JSON takes exactly.
_MAX_TOKENS = 2**53 - 1
_MAX_COST = 1e12
_MAX_WARNINGS = 5
_MAX_WARNING = 500


def outcome_of(value: Any) -> AgentOutcome:
    """Return the outcome that an agent's return value stands for; the outcome of an outcome is itself.

    JSON values stay as they are; pydantic models and dataclasses become JSON, also inside lists and objects. Anything
    else fails as `result_not_json`, and JSON of more than 256 KiB as `result_too_large`. Another outcome is taken at
    its word if its fields are valid. Invalid usage is left out: a `Succeeded` gets a warning about it, and a `Failed` a
    sentence in its message.
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


def state_of(value: Any, *, field: str = "state") -> Any:
    """Return what an agent saves, or what it calls back with, as a JSON value that can be stored.

    Raises:
        InvalidArgument: it is not JSON, or takes more than 256 KiB.
    """
    remedy = f"is more than {MAX_STATE_BYTES} bytes of JSON: store it elsewhere and save its location"
    return _saved(value, field=field, max_bytes=MAX_STATE_BYTES, remedy=remedy)


def session_of(value: Any) -> Any:
    """Return what an agent saves for its session as a JSON value that can be stored.

    Raises:
        InvalidArgument: it is not JSON, or takes more than 3.6 MB, with every character beyond ASCII escaped.
    """
    remedy = f"is more than {MAX_SESSION_BYTES} bytes of JSON: keep less of the conversation"
    plain = _saved(value, field="session", max_bytes=MAX_SESSION_BYTES, remedy=remedy)
    if len(json.dumps(plain, separators=(",", ":"))) > MAX_SESSION_BYTES:
        raise InvalidArgument(field="session", value=None, remedy=remedy)
    return plain


def _saved(value: Any, *, field: str, max_bytes: int, remedy: str) -> Any:
    try:
        return require_json(value, max_bytes=max_bytes)
    except TooLargeError as exc:
        raise InvalidArgument(field=field, value=None, remedy=remedy) from exc
    except NotJsonError as exc:
        raise InvalidArgument(field=field, value=None, remedy=f"is not JSON: {exc.sentence(field)}") from exc


def too_large(size: str) -> Failed:
    """Return the failure of a result of the given size, a text such as `300000 bytes`."""
    return Failed(
        type="result_too_large",
        message=f"The result is {size} of JSON; the limit is {MAX_RESULT_BYTES}: store it and return its location.",
        retryable=False,
    )


def event_of(kind: Any, data: Any) -> tuple[str, Any, bool]:
    """Return the kind and the data of an event as they can be stored, and whether the data was changed; never raises.

    The kind becomes a text of 1 to 64 characters. Data that is not JSON becomes its text, data over 16 KiB is cut.
    """
    word = whole_characters(text_of(kind)[:MAX_KIND]) or "event"
    try:
        plain, replaced = replace_by_json(data, max_bytes=MAX_EVENT_BYTES)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as exc:  # noqa: BLE001 - the data may be an object with code of its own
        return word, f"<{type(data).__name__}, which cannot be read: {text_of(exc)[:MAX_KIND]}>", True
    return word, plain, replaced


def kind_of_agent(kind: str) -> str:
    """Return an agent's kind of event, with `agent.` in front if it starts with `run.`, as only Tock's own do."""
    return f"agent.{kind}"[:MAX_KIND] if kind.startswith("run.") else kind


def message_of(text: object) -> str:
    """Return a text as an error's message: at most 4,000 whole characters."""
    return whole_characters(text_of(text)[:MAX_MESSAGE])


def log_text_of(text: str) -> tuple[str, bool]:
    """Return the text of a log event, of at most 4,000 whole characters, and whether something was left out.

    Of a longer text with several lines, such as a traceback, lines from its middle are left out: its end says most.
    """
    if len(text) <= MAX_MESSAGE:
        return whole_characters(text), False
    lines = [_shortened(each) for each in text.split("\n")]
    if len(lines) == 1:
        return whole_characters(text[:MAX_MESSAGE]), True
    head = _fitting(lines, at_most=_LOG_HEAD)
    tail = _fitting(lines[head:][::-1], at_most=MAX_MESSAGE - _LOG_HEAD - MAX_KIND)
    left_out = len(lines) - head - tail
    middle = [f"… {left_out} lines are left out …"] if left_out else []
    return whole_characters("\n".join([*lines[:head], *middle, *lines[head + left_out :]])), True


def _shortened(line: str) -> str:
    return line if len(line) <= _MAX_LOG_LINE else line[: _MAX_LOG_LINE - 1] + "…"


def _fitting(lines: Sequence[str], *, at_most: int) -> int:
    """Return how many of the first lines have so many characters together, their ends included."""
    sizes = accumulate(len(each) + 1 for each in lines)
    return sum(1 for size in sizes if size <= at_most)


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


def _checked_continuation(given: Continue) -> Continue | Failed:
    if not _is_between(given.after, timedelta(), LONGEST_WAIT):
        problem = f"The agent continued with after={_quoted(given.after)}"
        return _invalid(f"{problem}: give a timedelta from 0 seconds to 90 days.")
    return Continue(after=given.after, usage=usage_of(given.usage)[0])


def _is_between(value: Any, low: timedelta, high: timedelta) -> bool:
    return isinstance(value, timedelta) and low <= value <= high


def _invalid_wait(given: Waiting, *, field: str, remedy: str) -> Failed:
    return _invalid(f"The agent waits with {field}={_quoted(getattr(given, field))}: {remedy}.")


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


def usage_of(given: Any) -> tuple[Usage, str | None]:
    """Return the usage as it can be stored and None, or no usage and what is wrong with it."""
    if not isinstance(given, Usage):
        return Usage(), f"it is of type {type(given).__name__}: give a Usage"
    for name in ("input_tokens", "output_tokens"):
        tokens = getattr(given, name)
        if not isinstance(tokens, int) or isinstance(tokens, bool) or not 0 <= tokens <= _MAX_TOKENS:
            return Usage(), f"its {name} is {_quoted(tokens)}: give a whole number from 0"
    cost = given.cost
    if not isinstance(cost, int | float) or isinstance(cost, bool) or not 0 <= cost <= _MAX_COST:
        return Usage(), f"its cost is {_quoted(cost)}: give a number of US dollars from 0"
    model: Any = given.model
    if model is not None and (not isinstance(model, str) or not 1 <= len(model) <= MAX_MODEL):
        return Usage(), f"its model is {_quoted(model)}: give a name of 1 to {MAX_MODEL} characters, or None"
    named = None if model is None else whole_characters(model)
    return Usage(int(given.input_tokens), int(given.output_tokens), float(cost), named), None


def _invalid_failure(given: Failed, *, field: str, remedy: str) -> Failed:
    problem = f"The agent failed with {field}={_quoted(getattr(given, field))}: {remedy}."
    said = f" Its message: {text_of(given.message)}" if field != "message" and given.message else ""
    return _invalid(problem + said)


def _invalid(message: str) -> Failed:
    return Failed(type=INVALID_OUTCOME, message=message_of(message), retryable=False)


def _quoted(value: Any) -> str:
    match value:
        case None | bool() | int() | float():
            text = text_of(value)
        case str():
            text = f"'{whole_characters(value[:MAX_KIND])}'"
        case _:
            text = f"a {type(value).__name__}"
    return text if len(text) <= MAX_KIND else f"{text[:MAX_KIND]}…"
