"""A model that takes its time: `python -m benchmarks.load.slow_model PORT SECONDS` answers each request after so long.

It answers at once what holds the text `AT_ONCE`. It speaks OpenAI's chat protocol, streamed, and answers any other POST
with JSON.
"""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

AT_ONCE = "Answer at once."
_TEXT = "All is well."


def slow_model(seconds: float) -> Starlette:
    """Return the application."""

    async def think(request: Request) -> None:
        asked = await request.body()
        await asyncio.sleep(0 if AT_ONCE.encode() in asked else seconds)

    async def chat(request: Request) -> Response:
        await think(request)
        return StreamingResponse(_spoken(), media_type="text/event-stream")

    async def answer(request: Request) -> Response:
        await think(request)
        return JSONResponse({"text": _TEXT})

    return Starlette(
        routes=[
            Route("/v1/chat/completions", chat, methods=["POST"]),
            Route("/", answer, methods=["POST"]),
        ]
    )


async def _spoken() -> AsyncIterator[str]:
    yield _chunk(choices=[{"index": 0, "delta": {"role": "assistant", "content": _TEXT}, "finish_reason": None}])
    yield _chunk(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])
    yield _chunk(choices=[], usage={"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15})
    yield "data: [DONE]\n\n"


def _chunk(**fields: object) -> str:
    return (
        f"data: {json.dumps({'id': 'c', 'object': 'chat.completion.chunk', 'created': 1, 'model': 'm', **fields})}\n\n"
    )


async def _serve(port: int, seconds: float) -> None:
    config = uvicorn.Config(
        slow_model(seconds), host="127.0.0.1", port=port, log_level="warning", access_log=False, ws="none", backlog=2048
    )
    server = uvicorn.Server(config)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: setattr(server, "should_exit", True))
    await server.serve()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
