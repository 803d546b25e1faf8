"""The entry points of the five Cloud Functions, each of which passes its request to its handler.

All five functions import this file, so each imports its handler lazily, on its first call.
"""

import gc

# Price: in a cold start, imports leave no garbage, but looking for it takes a tenth of the import time.
gc.disable()

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from tock.bootstrap.deployment import deployment, settings
from tock.bootstrap.host import pass_on_every_request

gc.freeze()
gc.enable()

settings()
pass_on_every_request()


@functions_framework.aio.http
async def tick(request: Request) -> Response:
    """Run one tick. Called by Cloud Scheduler each minute, and by Cloud Tasks with continuations."""
    from tock.web.functions.tick import handle_tick

    return await handle_tick(request, deployment())


@functions_framework.aio.http
async def run(request: Request) -> Response:
    """Execute one attempt of a run. Called by Cloud Tasks."""
    from tock.web.functions.run import handle_run

    return await handle_run(request, deployment())


@functions_framework.aio.http
async def trigger(request: Request) -> Response:
    """Run a trigger or an agent now. Called by people and programs."""
    from tock.web.functions.trigger_and_retry import handle_trigger

    return await handle_trigger(request, deployment())


@functions_framework.aio.http
async def retry(request: Request) -> Response:
    """Start a new run that repeats a settled one. Called by people and programs."""
    from tock.web.functions.trigger_and_retry import handle_retry

    return await handle_retry(request, deployment())


@functions_framework.aio.http
async def api(_request: Request) -> ASGIApp:
    """Manage projects, agents, triggers and runs. Called by people, programs and the command line."""
    from tock.bootstrap.api import api_app

    return api_app()
