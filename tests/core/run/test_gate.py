"""The gate for what comes from an agent: one bad field fails the attempt once, bad usage costs the usage only."""

import math
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tock.core.run.gate import (
    MAX_EVENT_BYTES,
    MAX_FILES,
    MAX_KIND,
    MAX_MESSAGE,
    MAX_PATH,
    event_of,
    message_of,
    outcome_of,
    workspace_of,
)
from tock.core.run.outcome import (
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
    Workspace,
)

USAGE: dict[str, tuple[Any, str]] = {
    "none": (Usage(input_tokens=None), "its input_tokens is None: give a whole number from 0"),  # type: ignore[arg-type]
    "a text": (Usage(output_tokens="7"), "its output_tokens is '7': give a whole number from 0"),  # type: ignore[arg-type]
    "a fraction": (Usage(input_tokens=1.5), "its input_tokens is 1.5: give a whole number from 0"),  # type: ignore[arg-type]
    "a truth": (Usage(input_tokens=True), "its input_tokens is True: give a whole number from 0"),
    "less than nothing": (Usage(output_tokens=-1), "its output_tokens is -1: give a whole number from 0"),
    "beyond 64 bits": (Usage(input_tokens=2**64), f"its input_tokens is {2**64}: give a whole number from 0"),
    "a decimal": (Usage(cost=Decimal(1)), "its cost is a Decimal: give a number of US dollars from 0"),  # type: ignore[arg-type]
    "no number": (Usage(cost=math.nan), "its cost is nan: give a number of US dollars from 0"),
    "infinite": (Usage(cost=math.inf), "its cost is inf: give a number of US dollars from 0"),
    "a dict": ({"input_tokens": 1}, "it is of type dict: give a Usage"),
    "nothing": (None, "it is of type NoneType: give a Usage"),
}


@pytest.mark.parametrize("case", USAGE)
def test_bad_usage_costs_the_usage_and_not_the_result(case: str) -> None:
    usage, problem = USAGE[case]

    outcome = outcome_of(Succeeded({"ok": 1}, usage=usage))

    assert outcome == Succeeded({"ok": 1}, warnings=(f"The usage was left out, because {problem}.",))


def test_a_workspace_is_bounded_and_anything_else_is_left_out() -> None:
    many = tuple(f"{number}-" + "x" * 1_000 for number in range(200))
    odd = Workspace("shop", "b" * 9_000, None, files=many, changed=-1, ref=None, warning="half \ud83d")

    bounded = workspace_of(odd)

    kept = tuple(path[:MAX_PATH] for path in many[:MAX_FILES])
    assert bounded == Workspace("shop", "b" * 1_000, None, files=kept, changed=200, ref=None, warning="half \ufffd")
    assert workspace_of({"repository": "shop"}) is None


FAILED: dict[str, tuple[Any, str]] = {
    "no type": (
        Failed(type=None, message="m", retryable=False),  # type: ignore[arg-type]
        "The agent failed with type=None: give a word of 1 to 200 characters. Its message: m",
    ),
    "a long type": (
        Failed(type="t" * 100_000, message="m", retryable=True),
        f"The agent failed with type='{'t' * 63}…: give a word of 1 to 200 characters. Its message: m",
    ),
    "an empty type": (
        Failed(type="", message="m", retryable=True),
        "The agent failed with type='': give a word of 1 to 200 characters. Its message: m",
    ),
    "a number as its message": (
        Failed(type="quota", message=5, retryable=True),  # type: ignore[arg-type]
        "The agent failed with message=5: give a text.",
    ),
    "no truth": (
        Failed(type="quota", message="m", retryable="no"),  # type: ignore[arg-type]
        "The agent failed with retryable='no': give True or False. Its message: m",
    ),
    "a number of seconds": (
        Failed(type="quota", message="m", retryable=True, retry_after=5),  # type: ignore[arg-type]
        "The agent failed with retry_after=5: give a timedelta that is not negative, or None. Its message: m",
    ),
    "a wait into the past": (
        Failed(type="quota", message="m", retryable=True, retry_after=timedelta(seconds=-1)),
        "The agent failed with retry_after=a timedelta: give a timedelta that is not negative, or None. Its message: m",
    ),
}


@pytest.mark.parametrize("case", FAILED)
def test_a_bad_field_of_a_failure_is_a_final_failure_that_names_it(case: str) -> None:
    failed, message = FAILED[case]

    assert outcome_of(failed) == Failed("invalid_outcome", message, retryable=False)


WAITS: dict[str, tuple[Any, str]] = {
    "for a list": (
        Waiting([]),  # type: ignore[arg-type]
        "The agent waits with wait_for=a list: give one of callback, approval, input.",
    ),
    "for nobody": (
        Waiting(None),  # type: ignore[arg-type]
        "The agent waits with wait_for=None: give one of callback, approval, input.",
    ),
    "for another word": (
        Waiting("rain"),  # type: ignore[arg-type]
        "The agent waits with wait_for='rain': give one of callback, approval, input.",
    ),
    "until a dict happens": (
        Waiting(WaitFor.INPUT, on_deadline={}),  # type: ignore[arg-type]
        "The agent waits with on_deadline=a dict: give one of fail, reject, continue.",
    ),
    "until another word happens": (
        Waiting(WaitFor.INPUT, on_deadline="wait"),  # type: ignore[arg-type]
        "The agent waits with on_deadline='wait': give one of fail, reject, continue.",
    ),
}


@pytest.mark.parametrize("case", WAITS)
def test_a_bad_field_of_a_wait_is_a_final_failure_that_names_it(case: str) -> None:
    waiting, message = WAITS[case]

    assert outcome_of(waiting) == Failed("invalid_outcome", message, retryable=False)


LONGEST = timedelta(days=29)  # Cloud Tasks takes no task earlier than 30 days before its time.
BEYOND: dict[str, tuple[Any, str]] = {
    "a text": ("1h", "The agent continued with after='1h'"),
    "the past": (timedelta(seconds=-1), "The agent continued with after=a timedelta"),
    "what no task can wait for": (LONGEST + timedelta(seconds=1), "The agent continued with after=a timedelta"),
}


@pytest.mark.parametrize("case", BEYOND)
def test_a_continuation_that_comes_too_late_is_a_final_failure(case: str) -> None:
    after, problem = BEYOND[case]

    message = f"{problem}: give a timedelta from 0 seconds to 29 days."
    assert outcome_of(Continue(after=after)) == Failed("invalid_outcome", message, retryable=False)


@pytest.mark.parametrize("after", [timedelta(), LONGEST])
def test_a_continuation_that_a_task_can_wait_for_is_taken(after: timedelta) -> None:
    assert outcome_of(Continue(after=after)) == Continue(after=after)


def test_the_words_of_a_wait_may_be_texts() -> None:
    given = Waiting("approval", on_deadline="reject")  # type: ignore[arg-type]

    assert outcome_of(given) == Waiting(WaitFor.APPROVAL, on_deadline=OnDeadline.REJECT)


def test_the_texts_of_a_failure_are_made_storable() -> None:
    given = Failed("half \ud800", "y" * 5000 + "\ud800", retryable=True, retry_after=timedelta(0))

    assert outcome_of(given) == Failed("half \ufffd", "y" * MAX_MESSAGE, retryable=True, retry_after=timedelta(0))


@pytest.mark.parametrize("decided", [Cancelled("r"), TimedOut(timedelta(1)), HandedBack()])
def test_what_only_tock_decides_is_refused(decided: Any) -> None:
    outcome = outcome_of(decided)

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("invalid_outcome", False)


def test_a_result_that_is_not_json_says_where() -> None:
    outcome = outcome_of({"items": [{"price": math.nan}]})

    assert outcome == Failed(
        "result_not_json",
        "The result is not JSON: result.items[0].price is nan, not a finite number",
        retryable=False,
    )
    top = outcome_of({1, 2})
    assert isinstance(top, Failed)
    assert top.message.startswith("The result is not JSON: result is of type set")


@pytest.mark.parametrize(
    "value", [Succeeded(1, warnings=("w",)), Succeeded({"a": [1]}), Failed("t", "m", retryable=True)]
)
def test_the_outcome_of_an_outcome_is_itself(value: Any) -> None:
    assert outcome_of(outcome_of(value)) == outcome_of(value) == value


def test_warnings_of_a_wrong_kind_are_left_out() -> None:
    assert outcome_of(Succeeded(1, warnings=5)) == Succeeded(1)  # type: ignore[arg-type]
    assert outcome_of(Succeeded(1, warnings=(5, "w" * 600))) == Succeeded(1, warnings=("w" * 500,))  # type: ignore[arg-type]


class Hostile(dict[str, Any]):
    def items(self) -> Any:
        raise GeneratorExit("no")


EVENTS: dict[str, tuple[tuple[Any, Any], tuple[Any, Any, bool]]] = {
    "plain": (("progress", {"read": 1}), ("progress", {"read": 1}, False)),
    "a number as its kind": ((5, "x"), ("5", "x", False)),
    "no kind": ((None, None), ("None", None, False)),
    "an empty kind": (("", 1), ("event", 1, False)),
    "a long kind": (("k" * 100, 1), ("k" * MAX_KIND, 1, False)),
    "half a pair": (("k", "caf\udce9.txt"), ("k", "caf\ufffd.txt", True)),
    "an object": (("k", {1}), ("k", "{1}", True)),
    "a hostile object": (("k", Hostile(a=1)), ("k", "<Hostile, which cannot be read: no>", True)),
    "too long": (("k", "x" * 20_000), ("k", "x" * (MAX_EVENT_BYTES - 2), True)),
}


@pytest.mark.parametrize("case", EVENTS)
def test_an_event_becomes_one_that_can_be_stored(case: str) -> None:
    given, kept = EVENTS[case]

    assert event_of(*given) == kept
    assert event_of(*event_of(*given)[:2])[:2] == kept[:2]


def test_a_message_is_a_text_of_bounded_length() -> None:
    assert message_of(5) == "5"
    assert message_of("x" * 9000) == "x" * MAX_MESSAGE
