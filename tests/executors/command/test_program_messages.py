"""Messages to a running command come as lines on its stdin."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from executors.command.deployment import executor, python, shell
from executors.recorder import Recorder
from tock.core.run.outcome import Succeeded
from tock.ports.executor import RunContext
from tock.ports.host import Message
from waiting import TIMEOUT, until

pytestmark = pytest.mark.anyio
CONFIG = {"command": "work"}


def _tasks() -> list[str]:
    return [getattr(task.get_coro(), "__name__", "") for task in asyncio.all_tasks()]


def _message(text: str, *, number: int = 1, kind: str = "steer") -> Message:
    return Message(number, kind, text, "ada", datetime(2027, 3, 28, tzinfo=UTC))


async def test_messages_arrive_as_json_lines(tmp_path: Path, context: RunContext, recorder: Recorder) -> None:
    code = """
import json, sys
sys.stdin.readline()
print(json.dumps({"event": "ready"}))
print(json.dumps({"result": [json.loads(sys.stdin.readline()) for _ in range(2)]}))
"""
    task = asyncio.create_task(executor(tmp_path, python(code)).execute(CONFIG, context))
    await until(lambda: recorder.events)

    recorder.signals.put_nowait(_message("Use the till"))
    recorder.signals.put_nowait(_message("Then test it", number=2, kind="follow_up"))

    assert await task == Succeeded(
        [
            {"signal": "steer", "number": 1, "message": "Use the till", "by": "ada"},
            {"signal": "follow_up", "number": 2, "message": "Then test it", "by": "ada"},
        ]
    )


async def test_a_command_that_closed_its_stdin_takes_no_message(
    tmp_path: Path, context: RunContext, recorder: Recorder
) -> None:
    flag = tmp_path / "go"
    code = f"""
import os, sys, time
sys.stdin.readline()
os.close(0)
print('{{"event": "closed"}}')
while not os.path.exists({str(flag)!r}): time.sleep(0.02)
"""
    task = asyncio.create_task(executor(tmp_path, python(code)).execute(CONFIG, context))
    await until(lambda: recorder.events and "steer" not in _tasks())

    recorder.signals.put_nowait(_message("Too late"))
    flag.touch()
    await task

    assert recorder.signals.qsize() == 1


async def test_a_command_that_reads_nothing_ends_all_the_same(
    tmp_path: Path, context_with: Callable[..., RunContext]
) -> None:
    context = context_with(message="x" * 500_000)

    async with asyncio.timeout(TIMEOUT):
        outcome = await executor(tmp_path, shell("""echo '{"result": 1}'""")).execute(CONFIG, context)

    assert outcome == Succeeded(1)
