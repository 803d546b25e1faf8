"""Agents that print more than is kept."""

import asyncio
import os
import sys

from tock.ports.executor import RunContext

LINE = "x" * 1023 + "\n"


def prints(run: RunContext) -> str:
    """Print as many KiB to each stream as the input says, in lines of one KiB, then go on working."""
    for _ in range(run.input.get("stderr", 0)):
        sys.stderr.write(LINE)
    for _ in range(run.input.get("stdout", 0)):
        sys.stdout.write(LINE)
    run.emit("printed", run.input)
    return "done"


def prints_one_line(run: RunContext) -> str:
    os.write(2, b"before\n")
    for _ in range(run.input["stdout"]):
        os.write(1, b"y" * 1024)
    return "done"


async def prints_from_the_loop(run: RunContext) -> str:
    await asyncio.sleep(0)
    return prints(run)
