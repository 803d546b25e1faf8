"""Runs the program of one attempt, in a session of its own, behind a keeper."""

import asyncio
import json
import os
import sys
import tempfile
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from tock.core.mask import Mask
from tock.core.run.gate import MAX_MESSAGE
from tock.core.run.outcome import AgentOutcome, Failed, Succeeded
from tock.executors.command.lines import lines
from tock.executors.command.steering import first_line, steer
from tock.executors.command.words import Heard
from tock.executors.kept_process.ending import end, how_it_ended
from tock.executors.kept_process.environment import keeper_environment
from tock.executors.shield import shielded
from tock.ports.executor import RunContext

#: How many of the last lines of stderr a failure quotes, and how many characters.
_LAST_LINES = 20
_MAX_QUOTED = 2_000
#: How long the last lines may take to arrive after the program has ended.
LONGEST_DRAIN = timedelta(seconds=1)


async def run_program(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    context: RunContext,
    conversation: Any,
    previous: dict[str, Any] | None,
    mask: Mask,
) -> AgentOutcome:
    """Run the program in the folder and return its outcome; `argv[0]` is a whole path.

    When the caller is cancelled, the program's process group gets SIGTERM, and two seconds later whatever is left gets
    SIGKILL. When this function returns or raises, the program is gone, and on Linux everything that it started.
    """
    process = await _start(argv, environment=environment, folder=folder)
    heard = Heard(context)
    errors: deque[str] = deque(maxlen=_LAST_LINES)
    reading = asyncio.gather(_hear(process, heard), _log_errors(process, errors, context=context))
    told = first_line(context, conversation=conversation, previous=previous)
    steering = asyncio.create_task(steer(_stdin_of(process), told=told, context=context))
    ended = False
    try:
        await _end_of(process, reading)
        ended = process.returncode is not None
    finally:
        await shielded(_end(process, reading, steering, stop=not ended))
    if reading.done() and not reading.cancelled():
        reading.result()  # a defect of ours must not pass for the command's success
    return _outcome(process, heard, errors=[mask(line) for line in errors])


async def _start(argv: Sequence[str], *, environment: Mapping[str, str], folder: Path) -> asyncio.subprocess.Process:
    # The program's variables are not the keeper's: it is Tock's own Python.
    with tempfile.TemporaryFile() as file:
        file.write(json.dumps({"argv": list(argv), "environment": dict(environment)}).encode())
        file.seek(0)
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "tock.executors.command.keeper"),
            *(str(os.getpid()), str(file.fileno())),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=keeper_environment(),
            cwd=folder,
            pass_fds=(file.fileno(),),
            start_new_session=True,
        )


async def _end_of(process: asyncio.subprocess.Process, reading: "asyncio.Future[tuple[None, None]]") -> None:
    """Return when the process has ended, or reading what it prints has failed."""
    ending = asyncio.create_task(process.wait())
    try:
        await asyncio.wait(_futures(ending, reading), return_when=asyncio.FIRST_COMPLETED)
        if not reading.done() or reading.exception() is None:
            await ending
    finally:
        ending.cancel()


async def _hear(process: asyncio.subprocess.Process, heard: Heard) -> None:
    async for line in lines(_stream(process.stdout)):
        await heard.take(line)


async def _log_errors(process: asyncio.subprocess.Process, errors: deque[str], *, context: RunContext) -> None:
    async for line in lines(_stream(process.stderr)):
        context.host.log(line, level="error", stream="stderr")
        if line.strip():
            errors.append(line[:_MAX_QUOTED])


async def _end(
    process: asyncio.subprocess.Process,
    reading: "asyncio.Future[tuple[None, None]]",
    steering: asyncio.Task[None],
    *,
    stop: bool,
) -> None:
    await end(process, stop=stop)
    steering.cancel()
    await asyncio.wait({reading}, timeout=LONGEST_DRAIN.total_seconds())
    reading.cancel()
    await asyncio.wait(_futures(reading, steering))
    _stdin_of(process).close()


def _outcome(process: asyncio.subprocess.Process, heard: Heard, *, errors: Sequence[str]) -> AgentOutcome:
    if process.returncode == 0:
        return heard.wait or Succeeded(heard.result)
    how = how_it_ended(process).replace("exit code", "exit_code")
    quoted = "\n".join(errors)[-_MAX_QUOTED:]
    said = f" The last lines of its stderr:\n{quoted}" if quoted else " It printed nothing to stderr."
    return Failed(type="command_failed", message=f"The command {how}.{said}"[:MAX_MESSAGE], retryable=True)


def _futures(*futures: "asyncio.Future[Any]") -> "set[asyncio.Future[Any]]":
    return set(futures)


def _stdin_of(process: asyncio.subprocess.Process) -> asyncio.StreamWriter:
    if process.stdin is None:
        raise RuntimeError("The process was started without a stdin.")
    return process.stdin


def _stream(reader: asyncio.StreamReader | None) -> asyncio.StreamReader:
    if reader is None:
        raise RuntimeError("The process was started without a stdout or a stderr.")
    return reader
