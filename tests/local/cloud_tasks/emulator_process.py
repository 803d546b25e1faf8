"""The Cloud Tasks emulator as a process of its own."""

import asyncio
import contextlib
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

import tock
from waiting import TIMEOUT


@contextlib.asynccontextmanager
async def process(*arguments: str) -> AsyncIterator[tuple[Process, str]]:
    """The emulator as a process of its own, and its address; killed at the end if it still runs."""
    running = await _started(*arguments)
    try:
        assert running.stdout
        async with asyncio.timeout(TIMEOUT):
            line = (await running.stdout.readline()).decode()
        ready = re.fullmatch(r"INFO Cloud Tasks emulator is ready on (127\.0\.0\.1:\d+)\n", line)
        assert ready, line
        yield running, ready[1]
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


async def refusal(*arguments: str) -> str:
    """What the emulator says that ends instead of serving."""
    running = await _started(*arguments)
    async with asyncio.timeout(TIMEOUT):
        out, err = await running.communicate()
    assert (running.returncode, out) == (1, b"")
    return err.decode()


async def _started(*arguments: str) -> Process:
    environment = os.environ | {"PYTHONPATH": str(Path(tock.__file__).parents[1])}
    command = [sys.executable, "-m", "tock.local.cloud_tasks", *arguments]
    return await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, env=environment)
