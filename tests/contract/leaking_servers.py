"""Servers that say everything they were sent, and all secrets besides, in every way that there is."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from a2a.server.tasks import TaskUpdater
from a2a.types import Part, TaskState
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from executors.a2a.a2a_server import Reviewer


@dataclass
class LeakingWeb:
    """An agent of kind http: it answers at once, by a stream or later, or with a redirect, at a path each."""

    secrets: Sequence[str]
    #: The member `callback` of the last request.
    callback: dict[str, str] = field(default_factory=dict)
    #: Everything that the last request held, and all secrets.
    everything: list[Any] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        routes = {"/": self.now, "/stream": self.stream, "/later": self.later, "/redirect": self.redirect}
        return Starlette(routes=[Route(path, does, methods=["POST"]) for path, does in routes.items()])

    async def _taken(self, request: Request) -> dict[str, Any]:
        run: dict[str, Any] = await request.json()
        self.callback = run.get("callback", {})
        self.everything = [*self.secrets, *request.headers.values(), dict(request.headers), *self.callback.values()]
        return run

    async def now(self, request: Request) -> Response:
        run = await self._taken(request)
        if run["message"] == "fail":
            problem = {"detail": json.dumps(self.everything)}
            return JSONResponse(problem, status_code=422, media_type="application/problem+json")
        return JSONResponse({"said": self.everything, "usage": {"model": self.secrets[0], "tokens": self.secrets[1]}})

    async def redirect(self, request: Request) -> Response:
        await self._taken(request)
        return Response(status_code=302, headers={"Location": f"https://e.com/?{'&'.join(self.secrets)}"})

    async def later(self, request: Request) -> Response:
        await self._taken(request)
        return Response(status_code=202)

    async def stream(self, request: Request) -> Response:
        run = await self._taken(request)
        return StreamingResponse(self._events(run["message"]), media_type="text/event-stream")

    async def _events(self, message: str) -> AsyncIterator[str]:
        for said in self.everything:
            yield _event(said if isinstance(said, str) else "all", {"said": said})
            yield _event("log", said)
            yield _event("usage", {"input_tokens": 1, "model": said})
            yield _event("usage", {"input_tokens": f"more than 8 characters and {said}"})
        failed = {"type": self.secrets[0], "message": json.dumps(self.everything)}
        yield _event("error", failed) if message == "fail" else _event("result", {"said": self.everything})


def _event(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


@asynccontextmanager
async def serving_garbled(secrets: Sequence[str]) -> AsyncIterator[str]:
    """Yield the address of a server that answers with no HTTP at all: with everything that it was sent, and secrets."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = next(line for line in head.decode().lower().split("\r\n") if line.startswith("content-length"))
        run = json.loads(await reader.readexactly(int(size.partition(":")[2])))
        said = [*run.get("callback", {}).values(), *secrets, head.decode().replace("\r\n", " ")]
        writer.write(f"{' '.join(said)}\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


@dataclass
class LeakingReviewer(Reviewer):
    """An agent behind an Agent2Agent server."""

    secrets: Sequence[str] = ()

    async def _work(self, wanted: str, updater: TaskUpdater, *, again: bool) -> None:
        everything = [*self.secrets, *self.headers[-1].values()]
        said = " ".join(everything)
        for each in everything:
            metadata = {"usage": {"input_tokens": 1, "model": each}}
            message = updater.new_agent_message([Part(text=each)])
            await updater.update_status(TaskState.TASK_STATE_WORKING, message, metadata=metadata)
            await updater.add_artifact([Part(text=each), Part(url=f"https://e.com/{each}")], name=each)
        match wanted:
            case "fail":
                await updater.failed(updater.new_agent_message([Part(text=said)]))
            case "wait" if not again:
                await updater.requires_input(updater.new_agent_message([Part(text=said)]))
            case _:
                await updater.complete(updater.new_agent_message([Part(text=said)]))
