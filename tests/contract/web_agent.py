"""The agents of kind http that the contract suite runs: they do what the run's message says."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route


@dataclass
class WebAgent:
    """Answers at once, by a stream or later, at a path each; it keeps what it was told."""

    told: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    #: The member `callback` of the last request.
    callback: dict[str, str] = field(default_factory=dict)

    @property
    def app(self) -> Starlette:
        routes = {"/": self.now, "/stream": self.stream, "/later": self.later}
        told = {"/cancel": self.cancel, "/steer": self.steer}
        return Starlette(routes=[Route(path, does, methods=["POST"]) for path, does in (routes | told).items()])

    async def now(self, request: Request) -> Response:
        run = await request.json()
        if run["message"] == "fail":
            return JSONResponse({"error": "no such page"}, status_code=404)
        return JSONResponse(await self._result(run["message"]))

    async def stream(self, request: Request) -> Response:
        return StreamingResponse(self._stream((await request.json())["message"]), media_type="text/event-stream")

    async def later(self, request: Request) -> Response:
        run = await request.json()
        self.callback = run["callback"]
        if run["message"] == "hang":
            await self.cancelled.wait()
        return Response(status_code=202)

    async def cancel(self, request: Request) -> Response:
        await request.json()
        self.cancelled.set()
        return Response()

    async def steer(self, request: Request) -> Response:
        self.told.put_nowait((await request.json())["signal"]["message"])
        return Response()

    async def _stream(self, message: str) -> AsyncIterator[str]:
        if message != "nothing":
            yield _event("progress", {"step": 1})
        if message == "fail":
            yield _event("error", {"type": "missing", "message": "no such page"})
            return
        result = await self._result(message)
        if result is not None:
            yield _event("usage", result["usage"])
        yield _event("result", None if result is None else result["said"])

    async def _result(self, message: str) -> Any:
        match message:
            case "nothing":
                return None
            case "hang":
                await self.cancelled.wait()
            case "listen":
                return {"said": [await self.told.get()], "usage": {}}
        return {"said": [message], "usage": {"input_tokens": 10, "output_tokens": 5}}


def _event(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
