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

    told: "asyncio.Queue[dict[str, Any]]" = field(default_factory=asyncio.Queue)
    #: The requests that started attempts.
    requests: list[dict[str, Any]] = field(default_factory=list)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    #: Set when Tock has closed the connection of an attempt that was still at work.
    left: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def app(self) -> Starlette:
        routes = {"/": self.now, "/stream": self.stream, "/later": self.later}
        told = {"/cancel": self.cancel, "/steer": self.steer}
        return Starlette(routes=[Route(path, does, methods=["POST"]) for path, does in (routes | told).items()])

    async def now(self, request: Request) -> Response:
        run = await self._begun(request)
        if run["message"] == "fail":
            return JSONResponse({"error": "no such page"}, status_code=404)
        if _hangs(run):
            await self._until_left(request)
        return JSONResponse(await self._result(run))

    async def stream(self, request: Request) -> Response:
        return StreamingResponse(self._stream(await self._begun(request)), media_type="text/event-stream")

    async def later(self, request: Request) -> Response:
        if _hangs(await self._begun(request)):
            await self._until_left(request)
        return Response(status_code=202)

    async def cancel(self, request: Request) -> Response:
        await request.json()
        self.cancelled.set()
        if self.requests[-1]["message"] == "stubborn":
            await asyncio.Event().wait()
        return Response()

    async def steer(self, request: Request) -> Response:
        self.told.put_nowait((await request.json())["signal"])
        return Response()

    async def _begun(self, request: Request) -> Any:
        run = await request.json()
        self.requests.append(run)
        return run

    async def _until_left(self, request: Request) -> None:
        while not await request.is_disconnected():
            await asyncio.sleep(0.02)
        self.left.set()

    async def _stream(self, run: dict[str, Any]) -> AsyncIterator[str]:
        if run["message"] != "nothing":
            yield _event("progress", {"step": 1})
        if run["message"] == "fail":
            yield _event("error", {"type": "missing", "message": "no such page"})
            return
        if _hangs(run):
            try:
                await asyncio.Event().wait()
            finally:
                self.left.set()
        result = await self._result(run)
        if result is not None:
            yield _event("usage", result["usage"])
        yield _event("result", None if result is None else result["said"])

    async def _result(self, run: dict[str, Any]) -> Any:
        match run["message"]:
            case "nothing":
                return None
            case "listen":
                signal = await self.told.get()
                return {"said": [[signal["kind"], signal["message"]]], "usage": {}}
        return {"said": [run["message"]], "usage": {"input_tokens": 10, "output_tokens": 5}}


def _hangs(run: dict[str, Any]) -> bool:
    return run["message"] in {"hang", "stubborn"} or (run["message"] == "survive" and run["attempt"] == 1)


def _event(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
