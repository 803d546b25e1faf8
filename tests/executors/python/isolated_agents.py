"""Async agents that run in a process of their own."""

import asyncio
import os
import time

import anyio

from tock.ports.executor import RunContext


async def where(run: RunContext) -> int:
    run.emit("process", os.getpid())
    await asyncio.sleep(0)
    return os.getpid()


async def cleans_up(run: RunContext) -> None:
    try:
        run.emit("process", os.getpid())
        await asyncio.sleep(600)
    except asyncio.CancelledError:
        await asyncio.sleep(0.01)
        await anyio.Path(run.input["file"]).write_text(f"cleaned, cancelled={run.cancelled}", encoding="utf-8")
        raise


async def swallows(run: RunContext) -> None:
    run.emit("process", os.getpid())
    while True:
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            run.emit("swallowed")


async def blocks(run: RunContext) -> None:
    run.emit("process", os.getpid())
    time.sleep(600)  # noqa: ASYNC251 this is what it does wrong


async def waits_for_a_thread(run: RunContext) -> None:
    run.emit("process", os.getpid())
    await asyncio.to_thread(time.sleep, 600)


async def leaves_a_thread(run: RunContext) -> str:
    run.emit("process", os.getpid())
    task = asyncio.create_task(asyncio.to_thread(time.sleep, 600))
    await asyncio.sleep(0.01)
    task.cancel()
    return "done"
