"""Whatever an agent gives ends its run at once, in one attempt, and leaves records that can be listed."""

import math
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.faults import Process
from app.rig import Rig, delivery_of
from app.scripted_executor import Behaviour
from app.single_trigger import SECOND, one_due_run
from tock.app.execution.execute import Receipt
from tock.core.run.events.event import Event
from tock.core.run.outcome import Failed, HandedBack, Succeeded, Usage
from tock.core.run.run import Run
from tock.core.run.status import AttemptStatus, RunStatus

pytestmark = pytest.mark.anyio


class Panic(BaseException):
    """What a module written in Rust raises: no Exception."""


def nested(levels: int) -> Any:
    value: Any = None
    for _ in range(levels):
        value = [value]
    return value


async def _events(rig: Rig, run: Run) -> list[Event]:
    return list((await rig.store.events(run.project, run.id, since=0, limit=5000)).events)


ENDS: dict[str, tuple[Any, str]] = {
    "a failure without a type": (Failed(None, "m", retryable=True), "invalid_outcome"),  # type: ignore[arg-type]
    "a failure with a long type": (Failed("t" * 100_000, "m", retryable=True), "invalid_outcome"),
    "a message that is no text": (Failed("quota", 5, retryable=True), "invalid_outcome"),  # type: ignore[arg-type]
    "a wait that is no time": (Failed("q", "m", retryable=True, retry_after=5), "invalid_outcome"),  # type: ignore[arg-type]
    "a result of 255 levels": (Succeeded(nested(255)), "result_not_json"),
    "a result of 100,000 levels": (nested(100_000), "result_not_json"),
    "a result that is no number": ({"a": math.nan}, "result_not_json"),
    "half a pair": ("\udce9", "result_not_json"),
    "an outcome of Tock's": (HandedBack(), "invalid_outcome"),
    "an object": (object(), "result_not_json"),
}


@pytest.mark.parametrize("case", ENDS)
async def test_what_cannot_be_kept_is_one_failed_attempt(rig: Rig, case: str) -> None:
    given, error = ENDS[case]
    rig.executor.behaviour = lambda _: Behaviour(given)
    run = await one_due_run(rig, retry={"max_retries": 3})

    receipt = await rig.execute(delivery_of(run))

    [ended] = await rig.runs()
    assert receipt is Receipt.SETTLED
    assert ended.error is not None
    assert (ended.status, ended.error.type) == (RunStatus.FAILED, error)
    assert [attempt.status for attempt in ended.attempts] == [AttemptStatus.FAILED]


@pytest.mark.parametrize("raised", [Panic("index out of bounds"), GeneratorExit()])
async def test_what_is_no_exception_fails_the_attempt_under_its_own_name(rig: Rig, raised: BaseException) -> None:
    rig.executor.behaviour = lambda _: Behaviour(raised)
    run = await one_due_run(rig, retry={"max_retries": 0})

    assert await rig.execute(delivery_of(run)) is Receipt.SETTLED

    ended = await rig.run(run)
    assert ended.error is not None
    assert (ended.status, ended.error.type, len(ended.attempts)) == (RunStatus.FAILED, type(raised).__name__, 1)


@pytest.mark.parametrize("tokens", [None, "7", 1.5, Decimal(7), -1, 2**64, math.nan])
async def test_bad_usage_costs_the_usage_and_the_run_says_so(rig: Rig, tokens: Any) -> None:
    rig.executor.behaviour = lambda _: Behaviour(Succeeded({"ok": 1}, usage=Usage(input_tokens=tokens)))
    run = await one_due_run(rig)

    assert await rig.execute(delivery_of(run)) is Receipt.SETTLED

    ended = await rig.run(run)
    assert (ended.status, ended.result, ended.usage.input_tokens) == (RunStatus.SUCCEEDED, {"ok": 1}, 0)
    [warning] = await _events(rig, run)
    assert warning.kind == "run.warning"
    assert "its input_tokens is" in warning.data["text"]


async def test_any_event_is_kept_in_some_form(rig: Rig) -> None:
    odd = [(5, "x"), (None, None), ("deep", nested(950)), ("name", "caf\udce9.txt"), ("run.settled", 1), ("s", {1})]
    rig.executor.behaviour = lambda _: Behaviour(emits=odd)
    run = await one_due_run(rig)

    assert await rig.execute(delivery_of(run)) is Receipt.SETTLED

    events = await _events(rig, run)
    assert [event.kind for event in events] == ["5", "None", "deep", "name", "agent.run.settled", "s"]
    assert [event.truncated for event in events] == [False, False, True, True, False, True]
    assert events[3].data == "caf\ufffd.txt"


async def test_an_agent_without_a_trace_is_not_started_again(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(None)
    run = await one_due_run(rig, retry={"max_retries": 3})

    await rig.recover()

    ended = await rig.run(run)
    assert ended.error is not None
    assert (ended.status, ended.error.type, len(rig.executor.started)) == (RunStatus.FAILED, "no_progress", 1)


def _refusing(rig: Rig, *parts: str) -> Process:
    """Return a process whose store takes no Commit with all of these parts, for a reason that nobody thought of."""

    async def refuse(text: str) -> None:
        if rig.executor.started and all(part in text for part in parts):
            raise OverflowError(f"cannot encode {text}")

    return Process(rig.calls, before_effect=refuse)


async def test_events_that_cannot_be_stored_do_not_cost_the_result(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(emits=3)
    run = await one_due_run(rig)
    refused: list[str] = []

    async def refuse_first_events(text: str) -> None:
        if "Chunk" in text and not refused:
            refused.append(text)
            raise OverflowError("cannot encode")

    services = rig.services(Process(rig.calls, before_effect=refuse_first_events))
    assert await rig.execute(delivery_of(run), services=services) is Receipt.SETTLED

    ended = await rig.run(run)
    assert (ended.status, ended.result) == (RunStatus.SUCCEEDED, "done")
    [told] = await _events(rig, run)
    assert (told.kind, told.data) == ("run.events_dropped", {"count": 3})


async def test_events_that_can_never_be_stored_do_not_hang_the_run(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(works=5 * SECOND, emits=3)
    run = await one_due_run(rig)

    [runner] = await rig.deliver(rig.services(_refusing(rig, "Chunk")))
    await rig.advance(10 * SECOND)

    assert runner.done()
    ended = await rig.run(run)
    assert (ended.status, ended.result) == (RunStatus.SUCCEEDED, "done")


async def test_an_outcome_that_cannot_be_stored_is_a_final_failure(rig: Rig) -> None:
    run = await one_due_run(rig, retry={"max_retries": 3})
    tries: list[str] = []

    async def refuse_twice(text: str) -> None:
        if rig.executor.started and text == "commit change Run":
            tries.append(text)
            if len(tries) < 4:
                raise OverflowError("cannot encode the result")

    services = rig.services(Process(rig.calls, before_effect=refuse_twice))
    assert await rig.execute(delivery_of(run), services=services) is Receipt.SETTLED

    ended = await rig.run(run)
    assert ended.error is not None
    assert (ended.status, ended.error.type, ended.result) == (RunStatus.FAILED, "outcome_not_storable", None)
    assert "cannot encode the result" in ended.error.message
    assert len(rig.executor.started) == 1


async def test_writing_many_events_at_the_end_does_not_outlive_the_lease(rig: Rig) -> None:
    emitted = [("line", "x" * 10_000)] * 390
    rig.executor.behaviour = lambda _: Behaviour(emits=emitted)
    run = await one_due_run(rig)

    async def slow(text: str) -> None:
        if text == "commit create Chunk":
            await rig.clock.sleep(timedelta(seconds=15))

    [runner] = await rig.deliver(rig.services(Process(rig.calls, before_effect=slow)))
    await rig.advance(timedelta(minutes=5))

    assert await runner is Receipt.SETTLED
    ended = await rig.run(run)
    assert (ended.status, ended.lost) == (RunStatus.SUCCEEDED, 0)
    assert len(await _events(rig, run)) == len(emitted)
