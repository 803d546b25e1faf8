"""Agents that start processes in every way there is, plain ones and async ones.

Each process sleeps for 600 seconds and a fraction that the input gives: by that mark a test finds it, wherever it is.
"""

import asyncio
import contextlib
import ctypes
import multiprocessing
import os
import signal
import subprocess
import time
from contextvars import Context
from pathlib import Path
from typing import Any

from tock.ports.executor import RunContext

_STUBBORN = "trap '' TERM INT HUP; while true; do sleep {time}; done"
#: The shell ends at once and leaves the process to whoever takes orphans in.
_DAEMON = "setsid sleep {time} >/dev/null 2>&1 &"
#: Starts a session after another, faster than anybody could count them.
_MULTIPLYING = "while true; do setsid sleep {time} >/dev/null 2>&1 & sleep 0.005; done"


def command(way: str, *, mark: str) -> list[str]:
    """Return the command that starts a marked process in this way."""
    time = f"600.{mark}"
    match way:
        case "stubborn":
            return ["sh", "-c", _STUBBORN.format(time=time)]
        case "daemon":
            return ["sh", "-c", _DAEMON.format(time=time)]
        case "multiplying":
            return ["setsid", "sh", "-c", _MULTIPLYING.format(time=time)]
        case _:
            return ["sleep", time]


WAYS: dict[str, dict[str, Any]] = {
    "child": {},
    "session": {"start_new_session": True},
    "bare environment": {"start_new_session": True, "env": {"PATH": os.environ["PATH"]}},
    "stubborn": {"start_new_session": True},
    "daemon": {},
    "multiplying": {},
}


def marked(mark: str) -> list[int]:
    """Return the living processes with this mark, wherever they are."""
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            if f"600.{mark}" in (directory / "cmdline").read_text(encoding="utf-8", errors="replace"):
                found.append(int(directory.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def kill(mark: str) -> None:
    """Kill what has this mark, until nothing has it."""
    while found := marked(mark):
        for process in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def _started(run: RunContext) -> None:
    """Start the process in the way that the input names, and report it once it is there."""
    way, mark = run.input["way"], run.input["mark"]
    subprocess.Popen(command(way, mark=mark), **WAYS[way])
    while not marked(mark):
        time.sleep(0.01)
    run.emit("started", os.getpid())


def plain(run: RunContext) -> str:
    _started(run)
    match run.input["end"]:
        case "returns":
            return "done"
        case "raises":
            raise ValueError("wrong")
        case "exits":
            os._exit(3)
        case "crashes":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "ignores":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            run.emit("ignores")
        case "is its own subreaper":
            ctypes.CDLL(None).prctl(36, 1)
    time.sleep(600)
    return "never"


async def awaits(run: RunContext) -> str:
    """Start the process with asyncio."""
    way, mark = run.input["way"], run.input["mark"]
    await asyncio.create_subprocess_exec(*command(way, mark=mark), **WAYS[way])
    return await _ends(run)


async def in_a_thread(run: RunContext) -> str:
    """Wait for the process in a thread."""
    way, mark = run.input["way"], run.input["mark"]
    task = asyncio.create_task(asyncio.to_thread(subprocess.run, command(way, mark=mark), check=False, **WAYS[way]))
    ended = await _ends(run)
    await task
    return ended


async def in_an_executor(run: RunContext) -> str:
    """Wait for the process in a thread that knows no context variables."""
    way, mark = run.input["way"], run.input["mark"]
    call = asyncio.get_running_loop().run_in_executor(
        None, lambda: subprocess.run(command(way, mark=mark), check=False, **WAYS[way])
    )
    ended = await _ends(run)
    await call
    return ended


async def spawns(run: RunContext) -> str:
    """Start the process without the module subprocess."""
    arguments = ["sleep", f"600.{run.input['mark']}"]
    os.posix_spawn("/bin/sleep", arguments, os.environ, setpgroup=0)  # noqa: ASYNC221 an agent may do it
    return await _ends(run)


async def with_multiprocessing(run: RunContext) -> str:
    """Start a process of the kind `spawn`, which Python does not announce."""
    process = multiprocessing.get_context("spawn").Process(target=_become, args=(run.input["mark"],))
    process.start()
    return await _ends(run)


def _become(mark: str) -> None:
    os.execvp("/bin/sleep", ["sleep", f"600.{mark}"])  # noqa: S606 - the text is the test's own


SHARED: list["subprocess.Popen[bytes]"] = []


async def shared(run: RunContext) -> str:
    """Start the process for all runs of the process, in an empty context."""
    SHARED.append(Context().run(subprocess.Popen, command("child", mark=run.input["mark"])))
    return await _ends(run)


async def _ends(run: RunContext) -> str:
    while not marked(run.input["mark"]):
        await asyncio.sleep(0.01)
    run.emit("started", os.getpid())
    match run.input["end"]:
        case "returns":
            return "done"
        case "raises":
            raise ValueError("wrong")
    await asyncio.sleep(600)
    return "never"
