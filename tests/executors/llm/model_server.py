"""A server that speaks OpenAI's chat protocol and gives the answers of a test, streamed as the real one does."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from executors.asgi_server import serving_app

KEY = "sk-test-key-of-the-deployment"


@dataclass(frozen=True)
class Say:
    """A text in pieces, each sent when the one before is read."""

    pieces: Sequence[str]
    tokens: tuple[int, int] = (10, 5)
    #: Set by the test before the second piece is sent; None sends them at once.
    hold: asyncio.Event | None = None


@dataclass(frozen=True)
class Call:
    """Calls of tools, by name with arguments."""

    calls: Sequence[tuple[str, dict[str, Any]]]
    tokens: tuple[int, int] = (10, 5)


@dataclass(frozen=True)
class Refuse:
    """An error's status, message and headers."""

    status: int
    message: str = "no"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class ModelServer:
    """The answers that are still to give, and the requests and keys that came."""

    answers: list[Say | Call | Refuse]
    address: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    disconnected: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def said(self) -> list[str]:
        """What users said in the last request."""
        return [str(each["content"]) for each in self.requests[-1]["messages"] if each["role"] == "user"]

    async def complete(self, request: Request) -> Response:
        self.requests.append(await request.json())
        self.keys.append(request.headers["authorization"])
        answer = self.answers.pop(0)
        if isinstance(answer, Refuse):
            body = {"error": {"message": answer.message, "type": "error"}}
            return JSONResponse(body, status_code=answer.status, headers=answer.headers)
        return StreamingResponse(self._stream(answer), media_type="text/event-stream")

    async def _stream(self, answer: Say | Call) -> AsyncIterator[str]:
        try:
            for number, delta in enumerate(_deltas(answer)):
                if number == 1 and isinstance(answer, Say) and answer.hold is not None:
                    await answer.hold.wait()
                yield _chunk(choices=[{"index": 0, "delta": delta, "finish_reason": None}])
            reason = "stop" if isinstance(answer, Say) else "tool_calls"
            yield _chunk(choices=[{"index": 0, "delta": {}, "finish_reason": reason}])
            asked, given = answer.tokens
            yield _chunk(
                choices=[], usage={"prompt_tokens": asked, "completion_tokens": given, "total_tokens": asked + given}
            )
            yield "data: [DONE]\n\n"
        except asyncio.CancelledError:
            self.disconnected.set()
            raise


def _deltas(answer: Say | Call) -> list[dict[str, Any]]:
    if isinstance(answer, Say):
        return [{"role": "assistant", "content": piece} for piece in answer.pieces]
    calls = [
        {
            "index": number,
            "id": f"call-{number}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments)},
        }
        for number, (name, arguments) in enumerate(answer.calls)
    ]
    return [{"role": "assistant", "tool_calls": calls}]


def _chunk(**fields: Any) -> str:
    whole = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt-test", **fields}
    return f"data: {json.dumps(whole)}\n\n"


@asynccontextmanager
async def serving_model(*answers: Say | Call | Refuse) -> AsyncIterator[ModelServer]:
    server = ModelServer(list(answers))
    app = Starlette(routes=[Route("/v1/chat/completions", server.complete, methods=["POST"])])
    async with serving_app(app) as server.address:
        yield server
