"""What a command waits for, and what it saves for later."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from executors.command.deployment import executor, python, shell
from executors.recorder import Recorder
from tock.core.run.outcome import Failed, OnDeadline, Succeeded, WaitFor, Waiting
from tock.core.run.run_token import RunTokens
from tock.executors.callbacks import Callbacks
from tock.ports.executor import RunContext

pytestmark = pytest.mark.anyio
CONFIG = {"command": "work"}
CALLBACKS = Callbacks(url="https://api.example.com", tokens=RunTokens("k" * 32))
WAITS: dict[str, tuple[dict[str, Any], Waiting]] = {
    "an approval": (
        {"for": "approval", "question": "Merge?", "deadline": "PT1H", "on_deadline": "reject"},
        Waiting(WaitFor.APPROVAL, "Merge?", timedelta(hours=1), OnDeadline.REJECT),
    ),
    "a callback": ({"for": "callback", "deadline": 90}, Waiting(WaitFor.CALLBACK, deadline=timedelta(seconds=90))),
}


@pytest.mark.parametrize("case", WAITS)
async def test_a_command_that_printed_a_wait_waits(case: str, tmp_path: Path, context: RunContext) -> None:
    given, expected = WAITS[case]
    command = executor(tmp_path, python(f"print({json.dumps({'wait': given})!r})"), callbacks=CALLBACKS)

    assert await command.execute(CONFIG, context) == expected


async def test_a_command_gets_what_a_service_needs_to_call_back(tmp_path: Path, context: RunContext) -> None:
    code = "import json, sys; print(json.dumps({'result': json.loads(sys.stdin.readline())['callback']}))"

    outcome = await executor(tmp_path, python(code), callbacks=CALLBACKS).execute(CONFIG, context)
    without = await executor(tmp_path, python(code)).execute(CONFIG, context)

    assert outcome == Succeeded(asdict(CALLBACKS.of_attempt(project="acme", run="run-1", attempt=context.attempt)))
    assert without == Succeeded(None)


async def test_a_wait_for_a_callback_that_the_deployment_does_not_take_is_refused(
    tmp_path: Path, context: RunContext
) -> None:
    outcome = await executor(tmp_path, shell("""echo '{"wait": {"for": "callback"}}'""")).execute(CONFIG, context)

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("invalid_outcome", False)


async def test_a_checkpoint_is_saved(tmp_path: Path, context: RunContext, recorder: Recorder) -> None:
    await executor(tmp_path, shell("""echo '{"checkpoint": {"step": 3}}'""")).execute(CONFIG, context)

    assert recorder.states == [{"step": 3}]


async def test_a_program_goes_on_with_what_it_saved_in_its_session(
    tmp_path: Path, context_with: Callable[..., RunContext]
) -> None:
    code = """
import json, sys
before = json.loads(sys.stdin.readline())["conversation"]
print(json.dumps({"result": before, "session": (before or 0) + 1}))
"""
    command = executor(tmp_path, python(code))

    outcomes = [await command.execute(CONFIG, context_with(session="run-1")) for _ in range(3)]

    assert outcomes == [Succeeded(None), Succeeded(1), Succeeded(2)]
