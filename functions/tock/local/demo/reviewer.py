"""The demo's HTTP agent: a separate process that uses nothing of Tock except the signature of its requests."""

import argparse
import asyncio
import json
import os
import signal

import uvicorn
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def reviewer(secret: str) -> Starlette:
    """Return an application that answers signed requests with a review of their message, and refuses all others."""
    webhook = Webhook(secret)

    async def review(request: Request) -> JSONResponse:
        body = await request.body()
        try:
            webhook.verify(body, dict(request.headers))
        except WebhookVerificationError as exc:
            return JSONResponse({"error": str(exc)}, status_code=401)
        job = json.loads(body)
        words = str(job["message"] or "").split()
        return JSONResponse({"reviewed": job["message"], "words": len(words), "process": os.getpid()})

    return Starlette(routes=[Route("/review", review, methods=["POST"])])


async def _serve(port: int) -> None:
    config = uvicorn.Config(
        reviewer(os.environ["REVIEWER_SECRET"]), host="127.0.0.1", port=port, log_level="warning", access_log=False
    )
    server = uvicorn.Server(config)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: setattr(server, "should_exit", True))
    await server.serve()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, required=True, help="port of 127.0.0.1 to listen on")
    asyncio.run(_serve(arguments.parse_args().port))
