"""The five functions, as Google Cloud finds them; each hands its request to its edge.

Only what a function needs is imported, and only when it is first called: this file is imported by all five.
"""

import gc

# A cold start: nothing of a module is garbage, and looking for some takes a tenth of the time that importing takes.
gc.disable()

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from tock.bootstrap.deployment import deployment, settings

gc.freeze()
gc.enable()

settings()


@functions_framework.aio.http
async def tick(request: Request) -> Response:
    """Claim due triggers, enqueue their runs, repair what got lost. Called by Cloud Scheduler each minute."""
    from tock.web.functions.tick import handle_tick

    return await handle_tick(request, deployment())


@functions_framework.aio.http
async def run(request: Request) -> Response:
    """Execute one attempt of a run. Called by Cloud Tasks."""
    from tock.web.functions.run import handle_run

    return await handle_run(request, deployment())


@functions_framework.aio.http
async def trigger(request: Request) -> Response:
    """Start a trigger or an agent now. Called by people and programs."""
    from tock.web.functions.start import handle_trigger

    return await handle_trigger(request, deployment())


@functions_framework.aio.http
async def retry(request: Request) -> Response:
    """Repeat a settled run. Called by people and programs."""
    from tock.web.functions.start import handle_retry

    return await handle_retry(request, deployment())


@functions_framework.aio.http
async def api(_request: Request) -> ASGIApp:
    """Manage projects, agents, triggers and runs. Called by people, programs and the command line."""
    from tock.bootstrap.api import api_app

    return api_app()
