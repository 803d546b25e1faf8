"""Finds the processes of commands, by a variable that all of them inherit."""

import time
from collections.abc import Sequence
from pathlib import Path

import anyio

#: The environment variable that marks the processes of commands; its value is the folder of the experiment.
MARK = "CHAOS_COMMAND"
#: For how long processes may be ending once every run has ended: a stopped agent gets two seconds.
ENDING = 15.0


async def left_processes(mark: str) -> Sequence[str]:
    """Return the ids and names of the processes with this mark that live on."""
    until = time.monotonic() + ENDING
    while (found := _marked(f"{MARK}={mark}".encode())) and time.monotonic() < until:
        await anyio.sleep(0.5)
    return found


def _marked(variable: bytes) -> Sequence[str]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and variable in (entry / "environ").read_bytes().split(b"\0"):
                found.append(f"{entry.name} ({(entry / 'comm').read_text().strip()})")
        except OSError:  # It has ended, or it is somebody else's.
            continue
    return found
