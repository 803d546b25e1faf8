"""Runs one attempt of a plain agent, in a child process that can really be stopped."""

import asyncio
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tock.core.run.outcome import AgentOutcome, Failed
from tock.executors.kept_process.ending import end, how_it_ended
from tock.executors.kept_process.environment import keeper_environment
from tock.executors.python.agent_output import STDERR, STDOUT, AgentOutput
from tock.executors.python.own_process.conversation import Conversation
from tock.executors.python.own_process.output import forwarded
from tock.executors.python.own_process.worker_protocol import MAX_LINE, context_to_frame, line
from tock.executors.shield import shielded
from tock.ports.executor import RunContext

#: Seconds for the process's last frames to arrive after it died; a process that it forked may hold the socket open.
_DRAIN = 1.0
Talk = asyncio.Task[AgentOutcome | None]


async def run_in_process(target: str, *, context: RunContext, source_folders: Sequence[Path] = ()) -> AgentOutcome:
    """Call `package.module:function` in a child process and return its outcome.

    Modules below `source_folders` are compiled from their source, never read from bytecode.

    A separate socket carries the protocol, so that nothing the agent prints can corrupt it. The child has this
    process's environment, without Tock's own variables, and its `sys.path`. When the caller is cancelled, the child
    gets SIGTERM, which interrupts the agent, and at most two seconds later SIGKILL. When this function returns or
    raises, the child is gone, and on Linux every process that it started, also those that left its group or session.
    """
    output = AgentOutput(context)
    ours, theirs = socket.socketpair()
    with theirs:
        reader, writer = await asyncio.open_connection(sock=ours, limit=MAX_LINE)
        conversation = Conversation(reader, writer, context=context, output=output)
        try:
            async with (
                forwarded(output, stream=STDOUT) as stdout,
                forwarded(output, stream=STDERR) as stderr,
            ):
                process = await _start(theirs, stdout=stdout, stderr=stderr)
                theirs.close()
                outcome = None
                writer.write(line(_start_frame(target, context=context, source_folders=source_folders)))
                talk = asyncio.create_task(conversation.outcome())
                try:
                    outcome = await _outcome(process, talk)
                finally:
                    await shielded(_end(process, talk, stop=outcome is None))
        finally:
            writer.close()
            output.flush()
    if conversation.traceback is not None:
        output.failure(conversation.traceback)
    return outcome or _failure_of_death(process)


async def _start(channel: socket.socket, *, stdout: int, stderr: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-u", "-m", "tock.executors.python.own_process.keeper"),
        *(str(os.getpid()), str(channel.fileno())),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        env=keeper_environment(),
        pass_fds=(channel.fileno(),),
        start_new_session=True,
    )


def _start_frame(target: str, *, context: RunContext, source_folders: Sequence[Path]) -> dict[str, Any]:
    return {
        "path": sys.path,
        "source_folders": [str(folder) for folder in source_folders],
        "python_path": os.environ.get("PYTHONPATH"),
        "callable": target,
        "context": context_to_frame(context),
    }


async def _outcome(process: asyncio.subprocess.Process, talk: Talk) -> AgentOutcome | None:
    death = asyncio.create_task(process.wait())
    try:
        await asyncio.wait({talk, death}, return_when=asyncio.FIRST_COMPLETED)
        if not talk.done():
            await asyncio.wait({talk}, timeout=_DRAIN)
        return talk.result() if talk.done() else None
    finally:
        death.cancel()


async def _end(process: asyncio.subprocess.Process, talk: Talk, *, stop: bool) -> None:
    """End the process; while it cleans up, it still reports and asks."""
    await end(process, stop=stop)
    talk.cancel()


def _failure_of_death(process: asyncio.subprocess.Process) -> Failed:
    without = " and gave no result" if (process.returncode or 0) >= 0 else ""
    message = f"The agent's process {how_it_ended(process)}{without}."
    return Failed(type="process_died", message=message, retryable=True)
