"""Agents that ask Tock for something while they work: each plain one has an async twin."""

import asyncio
import contextlib
import os
import threading
import time
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from tock.core.errors import AttemptEnded, InvalidArgument, SessionMoved, StoreUnavailable
from tock.core.run.outcome import Continue, OnDeadline, WaitFor, Waiting
from tock.ports.executor import AnyRunContext, RunContext
from tock.ports.host import Message
from tock.ports.sync_run_context import SyncRunContext

SHORT = timedelta(milliseconds=20)


def kind_of_run(run: SyncRunContext) -> str:
    return type(run).__name__


async def kind_of_run_async(run: RunContext) -> str:
    return type(run).__name__


def uses(run: AnyRunContext) -> str:
    run.usage(input_tokens=3, output_tokens=4, cost=0.5, model="small")
    run.usage(input_tokens=1)
    return "done"


async def uses_async(run: RunContext) -> str:
    return uses(run)


def misuses(run: AnyRunContext) -> str:
    run.usage(input_tokens=-1)
    return "done"


async def misuses_async(run: RunContext) -> str:
    return misuses(run)


def saves(run: SyncRunContext) -> Any:
    run.checkpoint({"step": 1})
    run.checkpoint({"step": 2})
    return run.state


async def saves_async(run: RunContext) -> Any:
    await run.checkpoint({"step": 1})
    await run.checkpoint({"step": 2})
    return run.state


def saves_what_is_no_json(run: SyncRunContext) -> str:
    try:
        run.checkpoint({1, 2})
    except InvalidArgument as exc:
        return str(exc)
    return "saved"


async def saves_what_is_no_json_async(run: RunContext) -> str:
    try:
        await run.checkpoint({1, 2})
    except InvalidArgument as exc:
        return str(exc)
    return "saved"


def sees_that_nothing_is_saved(run: SyncRunContext) -> str:
    try:
        run.checkpoint(1)
    except StoreUnavailable as exc:
        return str(exc)
    return "saved"


async def sees_that_nothing_is_saved_async(run: RunContext) -> str:
    try:
        await run.checkpoint(1)
    except StoreUnavailable as exc:
        return str(exc)
    return "saved"


def reads_answer(run: AnyRunContext) -> Any:
    return None if run.answer is None else {**asdict(run.answer), "at": run.answer.at.isoformat()}


async def reads_answer_async(run: RunContext) -> Any:
    return reads_answer(run)


def reads_previous(run: SyncRunContext) -> Any:
    return asdict(run.previous())


async def reads_previous_async(run: RunContext) -> Any:
    return asdict(await run.previous())


def talks_on(run: SyncRunContext) -> Any:
    before = run.load_session()
    run.save_session([*(before or []), "more"])
    return [run.session, before]


async def talks_on_async(run: RunContext) -> Any:
    before = await run.load_session()
    await run.save_session([*(before or []), "more"])
    return [run.session, before]


def finds_the_session_moved(run: SyncRunContext) -> Any:
    try:
        run.save_session([])
    except SessionMoved as exc:
        return [exc.session, exc.run]


async def finds_the_session_moved_async(run: RunContext) -> Any:
    try:
        await run.save_session([])
    except SessionMoved as exc:
        return [exc.session, exc.run]


def asks_for_approval(run: AnyRunContext) -> Waiting:
    return run.request_approval("Send it?", deadline=timedelta(hours=1), on_deadline=OnDeadline.REJECT)


async def asks_for_approval_async(run: RunContext) -> Waiting:
    return asks_for_approval(run)


def waits_for_a_service(run: AnyRunContext) -> Waiting:
    run.emit("callback", None if run.callback is None else asdict(run.callback))
    return Waiting(WaitFor.CALLBACK)


async def waits_for_a_service_async(run: RunContext) -> Waiting:
    return waits_for_a_service(run)


def continues(_run: AnyRunContext) -> Continue:
    return Continue(after=timedelta(minutes=5))


async def continues_async(run: RunContext) -> Continue:
    return continues(run)


def listens(run: SyncRunContext) -> Any:
    run.emit("process", os.getpid())
    return [_shown(message) for message in run.messages()]


async def listens_async(run: RunContext) -> Any:
    run.emit("process", os.getpid())
    return [_shown(message) for message in await run.messages()]


def listens_now_and_then(run: SyncRunContext) -> Any:
    """Listen in short turns, with pauses in which nobody listens."""
    while not (messages := run.messages(timeout=SHORT)):
        run.emit("turn")
        time.sleep(SHORT.total_seconds())
    return [_shown(message) for message in messages]


async def listens_now_and_then_async(run: RunContext) -> Any:
    while True:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SHORT.total_seconds()):
                return [_shown(message) for message in await run.messages()]
        run.emit("turn")
        await asyncio.sleep(SHORT.total_seconds())


def saves_when_stopped(run: SyncRunContext) -> None:
    try:
        run.emit("process", os.getpid())
        run.messages()
    finally:
        run.checkpoint({"stopped": run.cancelled})
        run.emit("saved")


async def saves_when_stopped_async(run: RunContext) -> None:
    try:
        run.emit("process", os.getpid())
        await run.messages()
    finally:
        await run.checkpoint({"stopped": True})
        run.emit("saved")


def leaves_a_question(run: SyncRunContext) -> str:
    """End while a thread of the agent's still waits for messages."""

    def ask() -> None:
        try:
            run.messages()
        except AttemptEnded:
            Path(run.input["file"]).write_text("AttemptEnded", encoding="utf-8")

    threading.Thread(target=ask).start()
    return "done"


async def leaves_a_question_async(run: RunContext) -> str:
    async def ask() -> None:
        try:
            await run.messages()
        except AttemptEnded:
            Path(run.input["file"]).write_text("AttemptEnded", encoding="utf-8")  # noqa: ASYNC240 a short text

    left.append(asyncio.create_task(ask()))
    await asyncio.sleep(0.05)
    return "done"


left: list[asyncio.Task[None]] = []


def _shown(message: Message) -> dict[str, Any]:
    return {**asdict(message), "at": message.at.isoformat()}
