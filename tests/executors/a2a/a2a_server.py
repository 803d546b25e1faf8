"""An Agent2Agent server made with the protocol's SDK, whose agent does what the message's text says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from a2a.helpers import new_task_from_user_message, new_text_message
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events import EventQueue
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.routes import create_agent_card_routes, create_jsonrpc_routes
from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
from a2a.types import AgentCapabilities, AgentCard, AgentInterface, AgentSkill, Message, Part, TaskState
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Value
from starlette.applications import Starlette

from executors.asgi_server import address_of, free_socket, serving_app
from waiting import TIMEOUT

SUBMITTED, COMPLETED = TaskState.TASK_STATE_SUBMITTED, TaskState.TASK_STATE_COMPLETED
ASKS = TaskState.TASK_STATE_INPUT_REQUIRED


def card_of(address: str, *, streaming: bool, url: str | None = None) -> AgentCard:
    """Return the card of a server at this address; `url` is where the card says that messages go."""
    interface = AgentInterface(url=url or f"http://{address}/", protocol_binding="JSONRPC", protocol_version="1.0")
    return AgentCard(
        name="reviewer",
        description="Reviews.",
        version="1",
        supported_interfaces=[interface],
        capabilities=AgentCapabilities(streaming=streaming),
        default_input_modes=["text/plain"],
        default_output_modes=["text/plain"],
        skills=[AgentSkill(id="review", name="review", description="Reviews.", tags=["review"])],
    )


@dataclass
class Reviewer(AgentExecutor):
    """The agent: it keeps the messages that came, and the ids of the tasks that were canceled."""

    messages: list[Message] = field(default_factory=list)
    canceled: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def data(self) -> Any:
        """The data of the last message."""
        return MessageToDict(self.messages[-1].parts[-1].data)

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        message = context.message
        assert message is not None
        self.messages.append(message)
        wanted = message.parts[0].text
        if wanted == "answer":
            await event_queue.enqueue_event(new_text_message("Just this.", context_id=context.context_id))
            return
        task = context.current_task or new_task_from_user_message(message)
        if context.current_task is None:
            await event_queue.enqueue_event(task)
        updater = TaskUpdater(event_queue, task.id, task.context_id)
        await updater.start_work(updater.new_agent_message([Part(text="Reading.")]))
        await self._work(wanted, updater, again=context.current_task is not None)

    async def _work(self, wanted: str, updater: TaskUpdater, *, again: bool) -> None:
        said = updater.new_agent_message([Part(text=f"I say {wanted}.")])
        match wanted:
            case "spend" | "misspend" | "spend and ask" if not again:
                await self._spend(wanted, updater)
            case _ if again:
                await updater.update_status(SUBMITTED, metadata={"usage": {"input_tokens": 8, "output_tokens": 1}})
                await updater.add_artifact([Part(text=f"You said {wanted}.")], name="review")
                await updater.complete()
            case "fail":
                await updater.failed(said)
            case "reject":
                await updater.reject(said)
            case "auth":
                await updater.requires_auth(said)
            case "ask":
                await updater.requires_input(updater.new_agent_message([Part(text="Which branch?")]))
            case "hang" | "stubborn" | "survive" if wanted != "survive" or len(self.messages) == 1:
                await asyncio.Event().wait()
            case _ if wanted in {"data", "chunks"} or wanted.startswith("http"):
                await self._give(wanted, updater)
                await updater.complete()
            case _:
                await updater.complete(said)

    async def _give(self, wanted: str, updater: TaskUpdater) -> None:
        match wanted:
            case "data":
                data = ParseDict({"stars": 5, "notes": ["a", 1.5]}, Value())
                await updater.add_artifact([Part(data=data)], name="review")
                await updater.add_artifact([Part(text="See "), Part(text="this.")], name="summary")
            case "chunks":
                await updater.add_artifact([Part(text="one ")], artifact_id="a", name="text")
                await updater.add_artifact([Part(text="two")], artifact_id="a", name="text", append=True)
            case url:
                await updater.add_artifact([Part(url=url, media_type="text/plain")], name="file")

    async def _spend(self, wanted: str, updater: TaskUpdater) -> None:
        said = updater.new_agent_message([Part(text=f"I say {wanted}.")])
        match wanted:
            case "spend":
                await updater.update_status(SUBMITTED, metadata={"usage": {"input_tokens": 3, "model": "m"}})
                spent = {"input_tokens": 7, "output_tokens": 2, "cost": 0.5, "model": "m", "other": 1}
                await updater.update_status(COMPLETED, said, metadata={"usage": spent})
            case "misspend":
                await updater.update_status(COMPLETED, said, metadata={"usage": {"input_tokens": "many"}})
            case "spend and ask":
                question = updater.new_agent_message([Part(text="Which branch?")])
                await updater.update_status(ASKS, question, metadata={"usage": {"input_tokens": 3}})

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        assert context.task_id is not None
        assert context.context_id is not None
        self.canceled.append(context.task_id)
        if self.messages[-1].parts[0].text == "stubborn":
            await asyncio.Event().wait()
        await TaskUpdater(event_queue, context.task_id, context.context_id).cancel()


@asynccontextmanager
async def serving_agent(
    *, streaming: bool = True, url: str | None = None, breaks_streams: bool = False, agent: Reviewer | None = None
) -> AsyncIterator[tuple[Reviewer, str]]:
    """Yield the agent and its server's address; with `breaks_streams`, each stream breaks after its first event."""
    reviewer, bound = agent or Reviewer(), free_socket()
    card = card_of(address_of(bound), streaming=streaming, url=url)
    handler = DefaultRequestHandler(agent_executor=reviewer, task_store=InMemoryTaskStore(), agent_card=card)
    app = Starlette(
        routes=[
            *create_agent_card_routes(card),
            *create_agent_card_routes(card, card_url="/other/card.json"),
            *create_jsonrpc_routes(handler, "/"),
        ]
    )

    async def noting(scope: Any, receive: Any, send: Any) -> None:
        reviewer.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        await app(scope, receive, _breaking(send) if breaks_streams else send)

    try:
        async with serving_app(noting, listener=bound) as address:
            yield reviewer, address
    finally:
        await _end_active_tasks()


async def _end_active_tasks() -> None:
    """End the SDK's asyncio tasks of agents that still work: it would leave them to the garbage collector."""
    left = [task for task in asyncio.all_tasks() if _name_of(task).startswith("ActiveTask.")]
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left, timeout=TIMEOUT)


def _name_of(task: asyncio.Task[Any]) -> str:
    return getattr(task.get_coro(), "__qualname__", "")


def _breaking(send: Any) -> Any:
    """Return a `send` that lets one event of a stream through; then the connection breaks."""
    streams, sent = False, 0

    async def breaking(message: Any) -> None:
        nonlocal streams, sent
        if message["type"] == "http.response.start":
            kinds = [value for name, value in message["headers"] if name == b"content-type"]
            streams = any(kind.startswith(b"text/event-stream") for kind in kinds)
        elif streams and message.get("body"):
            if sent == 1:
                raise ConnectionResetError("the proxy's patience has ended")
            sent += 1
        await send(message)

    return breaking
