"""The handlers of `trigger` and `retry`: the use cases of the API's `:run` and `:retry`, without FastAPI."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tock.app.start.launch import Launched
from tock.app.start.retry import RetryOptions, retry
from tock.app.start.run_now import run_agent, run_trigger
from tock.web.authentication import Principal, principal, require_project
from tock.web.deployment import Deployment
from tock.web.error_responses import HEADERS
from tock.web.functions.respond import respond
from tock.web.requests import idempotency_key, parse, parse_json, read_body
from tock.web.resources.runs.run import RunResource, run_path
from tock.web.resources.runs.run_request import run_options, status_of
from tock.web.resources.runs.start_call import RetryCall, StartCall


async def handle_trigger(request: Request, deployment: Deployment) -> Response:
    """Start a run for `POST {"project", "trigger" | "agent", "input"?, "subject"?}`: 202, or 200 when repeated."""
    return await respond(request, lambda: _launch(request, deployment, start=_start), function="trigger")


async def handle_retry(request: Request, deployment: Deployment) -> Response:
    """Repeat a run for `POST {"project", "run", "model"?, "config"?}`: 202, or 200 when repeated."""
    return await respond(request, lambda: _launch(request, deployment, start=_retry), function="retry")


async def _launch(
    request: Request,
    deployment: Deployment,
    *,
    start: Callable[[Deployment, Any, Principal, str | None], Awaitable[Launched]],
) -> Response:
    """1. Identify the caller, 2. parse the body, 3. start the run."""
    caller = await principal(request, deployment=deployment, project=None)
    document = parse_json(await read_body(request))
    launched = await start(deployment, document, caller, idempotency_key(request))
    return Response(
        RunResource.of(launched.run).model_dump_json(),
        status_code=status_of(launched),
        media_type="application/json",
        headers=HEADERS | {"Location": run_path(launched.run)},
    )


async def _start(deployment: Deployment, document: Any, caller: Principal, key: str | None) -> Launched:
    call = parse(StartCall, document)
    await require_project(caller, call.project, store=deployment.services.store)
    options = run_options(call.input, subject=call.subject)
    if call.trigger is not None:
        return await run_trigger(
            deployment.services, project=call.project, trigger=call.trigger, options=options, key=key, by=caller.author
        )
    agent = call.agent or ""
    return await run_agent(
        deployment.services, project=call.project, agent=agent, options=options, key=key, by=caller.author
    )


async def _retry(deployment: Deployment, document: Any, caller: Principal, key: str | None) -> Launched:
    call = parse(RetryCall, document)
    await require_project(caller, call.project, store=deployment.services.store)
    options = RetryOptions(model=call.model, config=call.config)
    return await retry(
        deployment.services, project=call.project, run=call.run, options=options, key=key, by=caller.author
    )
