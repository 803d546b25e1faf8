"""An agent that works until somebody stops it."""

import asyncio

import tock


@tock.agent
async def slow(run: tock.RunContext) -> None:
    run.emit("progress")
    await asyncio.Event().wait()


tock.trigger("slow", slow, tock.cron("* * * * *"), timeout="29m")
