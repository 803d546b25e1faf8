"""What an agent's host does with calls that overlap or are given up, with too long lines, and with earlier runs."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import anyio
import pytest

from app.rig import Rig
from app.scripted_executor import Behaviour, ScriptedExecutor
from app.single_trigger import one_due_run
from tock.app.start.run_now import RunOptions, run_trigger
from tock.app.start.send_signal import send_signal
from tock.core.mask import Mask
from tock.core.policies import Retry
from tock.core.run.messages.signal import SignalKind
from tock.core.run.outcome import AgentOutcome, Failed, Succeeded
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.executor import RunContext
from waiting import TIMEOUT

pytestmark = pytest.mark.anyio
SECRET = "sk-1234567890"
SECOND = timedelta(seconds=1)


async def _send(rig: Rig, run: Run, *messages: str) -> None:
    for message in messages:
        await send_signal(
            rig.services(), project="p", run=run.id, kind=SignalKind.STEER, message=message, key=None, by="ada"
        )


async def _settled(rig: Rig, run: Run) -> Run:
    with anyio.fail_after(TIMEOUT):
        while not (stored := await rig.run(run)).status.terminal:
            await anyio.sleep(0.02)
        return stored


class Impatient(ScriptedExecutor):
    """Gives up each call for messages after a millisecond, which is shorter than a Commit takes."""

    async def execute(self, _config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
        taken: list[str] = []
        while len(taken) < 2:
            with suppress(TimeoutError):
                async with asyncio.timeout(0.001):
                    taken += [message.message for message in await context.messages()]
        return Succeeded(result=taken)


async def test_a_call_for_messages_that_is_given_up_loses_none(rig: Rig) -> None:
    rig.executor = Impatient(rig.clock)
    run = await one_due_run(rig)
    await rig.deliver()

    await _send(rig, run, "left", "right")
    await rig.advance(rig.timing.heartbeat)

    stored = await _settled(rig, run)
    assert (stored.status, stored.result) == (RunStatus.SUCCEEDED, ["left", "right"])


class TwoListeners(ScriptedExecutor):
    """Waits for messages in two tasks."""

    async def execute(self, _config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
        taken: list[str] = []

        async def listen() -> None:
            while len(taken) < 2:
                taken.extend(message.message for message in await context.messages())

        listeners = [asyncio.create_task(listen()) for _ in range(2)]
        await asyncio.wait(listeners, return_when=asyncio.FIRST_COMPLETED)
        for listener in listeners:
            listener.cancel()
        return Succeeded(result=taken)


async def test_two_calls_at_once_get_each_message_once(rig: Rig) -> None:
    rig.executor = TwoListeners(rig.clock)
    run = await one_due_run(rig)
    await rig.deliver()

    await _send(rig, run, "left", "right")
    await rig.advance(rig.timing.heartbeat)

    assert (await _settled(rig, run)).result == ["left", "right"]


class Verbose(ScriptedExecutor):
    """Logs a line in which a secret stands where the line is cut."""

    async def execute(self, _config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
        context.host.log("x" * 3_995 + SECRET + "y" * 10_000, level="info")
        context.host.notice("run.warning", {"text": f"It is {SECRET}."})
        return Succeeded(result="done")


async def test_a_long_line_is_masked_then_cut_and_marked(rig: Rig) -> None:
    rig.executor = Verbose(rig.clock)
    run = await one_due_run(rig)

    await rig.deliver(replace(rig.services(), mask=Mask([SECRET])))
    await _settled(rig, run)

    page = await rig.store.events("p", run.id, since=0, limit=10)
    assert [(each.kind, each.data, each.truncated) for each in page.events] == [
        ("log", {"level": "info", "text": "x" * 3_995 + "***yy"}, True),
        ("run.warning", {"text": "It is ***."}, False),
    ]


class Historian(ScriptedExecutor):
    """Runs an agent that returns how earlier runs ended if it is asked that."""

    async def execute(self, config: Mapping[str, Any], context: RunContext) -> Any:
        if context.message == "How was it?":
            return Succeeded(result=asdict(await context.previous()))
        return await super().execute(config, context)


@pytest.mark.parametrize(
    ("last", "failure"),
    [
        ("broken", ("broke", "It broke.", False)),
        ("slow", ("timed_out", "The attempt was aborted at its timeout of 0:00:05.", True)),
    ],
)
async def test_the_last_result_and_the_last_failure_of_the_trigger_are_handed_to_its_next_run(
    rig: Rig, last: str, failure: tuple[str, str, bool]
) -> None:
    does = {
        "old": Behaviour(Succeeded("old")),
        "new": Behaviour(Succeeded({"seen": 5})),
        "broken": Behaviour(Failed("broke", "It broke.", retryable=False)),
        "slow": Behaviour(until_released=True),
    }
    rig.executor = Historian(rig.clock, behaviour=lambda context: does[context.message or ""])
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=timedelta(hours=2), schedule={"every": "1h"})
    earlier = ["old", "broken", "slow", "new"] if last == "slow" else ["slow", "old", "new", "broken"]
    for message in earlier:
        await _run(rig, message)

    asked = await _run(rig, "How was it?")

    kind, text, retryable = failure
    assert asked.result == {
        "result": {"seen": 5},
        "failure": {"type": kind, "message": text, "retryable": retryable},
    }


async def _run(rig: Rig, message: str) -> Run:
    """Run the trigger now, to its end."""
    options = RunOptions(message=message, timeout=5 * SECOND, retry=Retry(max_retries=0))
    launched = await run_trigger(rig.services(), project="p", trigger="t", options=options, key=None, by="ada")
    await rig.deliver()
    await rig.advance(6 * SECOND)
    return await rig.run(launched.run)
