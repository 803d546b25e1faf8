"""Five functions for the tests of the stack, which return what they find in their environment."""

import os

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import JSONResponse

#: What tick was called with, in this process.
_ticks: list[dict[str, str]] = []


@functions_framework.aio.http
async def tick(request: Request) -> JSONResponse:
    _ticks.append(dict(request.headers))
    return JSONResponse({"claimed": len(_ticks)})


@functions_framework.aio.http
async def run(_request: Request) -> JSONResponse:
    return JSONResponse({"pid": os.getpid(), "environment": dict(os.environ)})


@functions_framework.aio.http
async def trigger(_request: Request) -> JSONResponse:
    return JSONResponse({"name": "trigger"})


@functions_framework.aio.http
async def retry(_request: Request) -> JSONResponse:
    return JSONResponse({"name": "retry"})


@functions_framework.aio.http
async def api(_request: Request) -> JSONResponse:
    return JSONResponse({"name": "api"})
