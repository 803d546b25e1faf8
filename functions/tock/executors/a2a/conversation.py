"""One attempt of an a2a agent: from the server's card to the end of the task that it makes of the run's message.

This file imports the SDK; the executor imports it when the first attempt begins.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack, aclosing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from a2a.client import A2ACardResolver, Client, ClientConfig, ClientFactory
from a2a.types import (
    AgentCard,
    CancelTaskRequest,
    GetTaskRequest,
    Message,
    Part,
    Role,
    SendMessageRequest,
    StreamResponse,
    TaskState,
)
from a2a.utils.constants import TransportProtocol

from tock.core.errors import InvalidArgument
from tock.core.run.events.event_kind import EventKind
from tock.core.run.outcome import AgentOutcome, Usage, WaitFor, Waiting
from tock.executors.a2a.failure import connection_broke, failure_of
from tock.executors.a2a.parts import data_part, parts_of_run, text_of
from tock.executors.a2a.task import FollowedTask
from tock.executors.earlier_runs import previous_runs
from tock.executors.outbound.guarded_client import guarded_client
from tock.executors.sessions import keep_session
from tock.executors.shield import shielded
from tock.ports.executor import RunContext

if TYPE_CHECKING:
    from tock.executors.a2a.executor import A2aExecutor

#: Seconds that a cancelled attempt may take to cancel its task, and meanwhile to save its context.
CANCEL_TIMEOUT = 2.0
#: Seconds between two looks at a task whose server does not stream: first, and at most.
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 10.0
_BINDINGS: list[str] = [TransportProtocol.JSONRPC, TransportProtocol.HTTP_JSON]


async def converse(
    executor: "A2aExecutor", config: Mapping[str, Any], context: RunContext, *, headers: Mapping[str, str]
) -> AgentOutcome:
    """Return the outcome of one attempt whose configuration is valid.

    1. Read the card, and refuse one that would have the credentials sent to another host.
    2. Send the run's message or, after a wait, the answer; follow the task by its stream, then by looking.
    3. A cancelled attempt cancels its task.
    4. However the attempt ends, save the server's context, in which a run that resumes this one goes on.
    """
    task = FollowedTask(context)
    try:
        async with AsyncExitStack() as stack:
            guard = executor.guard(context.project)
            http = await stack.enter_async_context(guarded_client(guard, tls=executor.tls, headers=headers))
            card = await _card(http, url=config["url"])
            if config.get("auth") or config.get("headers"):
                _require_same_origin(card, url=config["url"])
            settings = ClientConfig(httpx_client=http, supported_protocol_bindings=_BINDINGS)
            client = ClientFactory(settings).create(card)
            try:
                await _follow(client, task, await _message(config, context))
            except asyncio.CancelledError:
                await shielded(_stop(client, task))
                raise
            except Exception:
                await _keep_context(task)
                raise
            await _keep_context(task)
            return await _outcome(task)
    except Exception as exc:  # noqa: BLE001 - whatever a server or the SDK raises becomes an outcome
        return failure_of(exc, now=executor.now())
    finally:
        task.report_usage()


async def _card(http: httpx.AsyncClient, *, url: str) -> AgentCard:
    if not urlsplit(url).path.endswith(".json"):
        return await A2ACardResolver(http, url).get_agent_card()
    return await A2ACardResolver(http, url).get_agent_card(relative_card_path="/")


def _require_same_origin(card: AgentCard, *, url: str) -> None:
    for interface in card.supported_interfaces:
        if interface.protocol_binding in _BINDINGS and _origin(interface.url) != _origin(url):
            remedy = (
                f"the agent card leads to {interface.url!r}, another host than the card's: Tock sends credentials and "
                "headers only to the host of the agent's url"
            )
            raise InvalidArgument(field="config.url", value=None, remedy=remedy)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


async def _message(config: Mapping[str, Any], context: RunContext) -> Message:
    """Return the message of this leg, whose id is the same in every attempt at it."""
    match context.state:
        case None:
            return Message(
                message_id=context.idempotency_key("a2a"),
                context_id=await _context_id(context),
                role=Role.ROLE_USER,
                parts=parts_of_run(context, previous=await previous_runs(config, context)),
            )
        case {"task": str(task), "context": str(session), "asked": int(asked)}:
            return Message(
                message_id=context.idempotency_key(f"a2a-{asked}"),
                task_id=task,
                context_id=session,
                role=Role.ROLE_USER,
                parts=[_answer(context)],
            )
    raise InvalidArgument(field="state", value=None, remedy="is not the state of an a2a agent: start a new run")


async def _context_id(context: RunContext) -> str:
    """Return the context of the run's session: the server's own, or a name that it may take over."""
    if context.session is None:
        return ""
    match await context.load_session():
        case {"context": str(known)}:
            return known
    return context.session


def _answer(context: RunContext) -> Part:
    answer = context.answer
    if answer is None:
        return Part(text="")
    value = answer.value if answer.value is not None else answer.note
    return Part(text=value) if isinstance(value, str) else data_part(value)


async def _follow(client: Client, task: FollowedTask, message: Message) -> None:
    """Send the message, and return when its task has ended or asks for something.

    A stream that breaks is no end of the task, and to send the message again could start the work twice: from then on
    Tock looks at the task.
    """
    try:
        async with aclosing(client.send_message(SendMessageRequest(message=message))) as stream:  # type: ignore[type-var]
            async for news in stream:
                task.take(news)
                if task.ended:
                    return
    except Exception as exc:
        if not task.id or not connection_broke(exc):
            raise
        task.context.host.log(f"The stream of the task {task.id} broke: Tock looks at it from now on.", level="warning")
    pause = _FIRST_PAUSE
    while not task.ended:
        if not task.id:
            raise InvalidArgument(field="answer", value=None, remedy="The server sent neither a message nor a task.")
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
        task.take(StreamResponse(task=await client.get_task(GetTaskRequest(id=task.id))))


async def _outcome(task: FollowedTask) -> AgentOutcome:
    if task.answer is not None or task.state != TaskState.TASK_STATE_INPUT_REQUIRED:
        return task.outcome()
    before = task.context.state or {"asked": 0}
    counted = {"usage": asdict(task.usage)} if task.usage != Usage() else {}
    await task.context.checkpoint(
        {"task": task.id, "context": task.context_id, "asked": before["asked"] + 1, **counted}
    )
    return Waiting(WaitFor.INPUT, question=text_of(task.said) or "The agent asks for input.")


async def _stop(client: Client, task: FollowedTask) -> None:
    """Cancel the task and save its context, at the same time: neither may hold up the other."""
    await asyncio.gather(_cancel(client, task), _keep_context(task, within=CANCEL_TIMEOUT))


async def _keep_context(task: FollowedTask, *, within: float | None = None) -> None:
    """Save the context for the runs that resume this one, if the server has told it."""
    if not task.context_id:
        return
    try:
        async with asyncio.timeout(within):
            await keep_session(task.context, {"context": task.context_id})
    except TimeoutError:
        text = f"The attempt was stopped, and saving its context took longer than {within:g} s."
        task.context.host.notice(EventKind.WARNING, {"text": text})


async def _cancel(client: Client, task: FollowedTask) -> None:
    """Cancel the task, if the server has told its id; whatever it answers, the attempt has ended."""
    if not task.id:
        return
    try:
        async with asyncio.timeout(CANCEL_TIMEOUT):
            await client.cancel_task(CancelTaskRequest(id=task.id))
    except Exception as exc:  # noqa: BLE001 - the attempt ends whether the server cancels or not
        task.context.host.log(f"The task {task.id} was not canceled: {type(exc).__name__}", level="warning")
