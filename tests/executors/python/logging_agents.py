"""Agents that print and log: each plain one has an async twin."""

import asyncio
import logging
import sys
import threading
from typing import Any

from tock.ports.executor import AnyRunContext, RunContext
from tock.ports.sync_run_context import SyncRunContext

_log = logging.getLogger(__name__)


def prints(run: AnyRunContext) -> str:
    print("the first of", run.run)  # noqa: T201 - what these agents are for
    sys.stderr.write("a problem\n")
    print("Größe\n\nafter an empty line")  # noqa: T201
    sys.stdout.write("the last words")
    return "done"


async def prints_async(run: RunContext) -> str:
    return prints(run)


def logs(_run: AnyRunContext) -> str:
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL, 35):
        _log.log(level, "at %d", level)
    logging.getLogger("another.library").info("not shown")
    logging.getLogger("another.library").warning("shown")
    try:
        _fails_inside({})
    except KeyError:
        _log.exception("It failed:")
    return "done"


async def logs_async(run: RunContext) -> str:
    return logs(run)


def logs_badly(_run: AnyRunContext) -> str:
    _log.info("%d", "no number")
    return "done"


async def logs_badly_async(run: RunContext) -> str:
    return logs_badly(run)


async def prints_in_turns(run: RunContext) -> str:
    """Print between awaits, and in threads."""
    for number in range(3):
        print(run.run, number)  # noqa: T201
        await asyncio.sleep(0.01)
    await asyncio.to_thread(print, run.run, "in a thread")
    thread = threading.Thread(target=print, args=(run.run, "in another thread"))
    thread.start()
    thread.join()
    await asyncio.create_task(_prints_later(run))
    return "done"


async def _prints_later(run: RunContext) -> None:
    _log.warning("%s in a task", run.run)


def prints_much(run: AnyRunContext) -> str:
    for _ in range(run.input["lines"]):
        sys.stdout.write("x" * 1023 + "\n")
    return "done"


async def prints_much_async(run: RunContext) -> str:
    return prints_much(run)


def prints_a_long_line(_run: AnyRunContext) -> str:
    sys.stdout.write("y" * 200_000 + "\nshort\n")
    return "done"


async def prints_a_long_line_async(run: RunContext) -> str:
    return prints_a_long_line(run)


def fails(run: AnyRunContext) -> None:
    print("before")  # noqa: T201
    try:
        _fails_inside(run.input)
    except KeyError as exc:
        raise ValueError("wrong\nin two lines") from exc


async def fails_async(run: RunContext) -> None:
    await asyncio.sleep(0)
    fails(run)


def _fails_inside(given: Any) -> None:
    given["absent"]


def fails_in_tock(run: SyncRunContext) -> None:
    run.checkpoint({1})


async def fails_in_tock_async(run: RunContext) -> None:
    await run.checkpoint({1})


class Odd(Exception):
    """Has code of its own, which fails."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    @property
    def __traceback__(self) -> Any:  # type: ignore[override] # as somebody else may write it
        raise RuntimeError("no traceback")


async def fails_oddly(_run: RunContext) -> None:
    raise Odd


async def fails_as_a_group(run: RunContext) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_fails_in_a_task(run))


async def _fails_in_a_task(run: RunContext) -> None:
    await run.checkpoint(1)


async def cancels_itself(_run: RunContext) -> None:
    raise asyncio.CancelledError("by itself")


def waits(run: SyncRunContext) -> None:
    run.emit("waits")
    sys.stdout.write("the last words")
    run.messages()


async def waits_async(run: RunContext) -> None:
    run.emit("waits")
    sys.stdout.write("the last words")
    await run.messages()
