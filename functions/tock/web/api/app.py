"""The API as one ASGI application."""

from functools import cache
from typing import get_args

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from tock.core.errors import TockError
from tock.web.api import agents, health
from tock.web.api.openapi.document import describe
from tock.web.api.projects import api_keys, diagnosis, projects, upcoming, usage
from tock.web.api.runs import agent_calls, run_events, run_verbs, runs
from tock.web.api.triggers import own_triggers, revisions, trigger_verbs, triggers
from tock.web.deployment import Deployment
from tock.web.error_responses import problem_response
from tock.web.errors import NoRoute, WrongMethod
from tock.web.middleware import ProblemMiddleware
from tock.web.routes_of_path import methods_at
from tock.web.validation_errors import invalid_request

_ROUTERS = (
    health,
    diagnosis,
    projects,
    api_keys,
    agents,
    trigger_verbs,
    triggers,
    revisions,
    run_events,
    run_verbs,
    agent_calls,
    own_triggers,
    runs,
    upcoming,
    usage,
)


def create_app(deployment: Deployment) -> FastAPI:
    """Return the API of a deployment."""
    app = FastAPI(
        title="Tock",
        version="1",
        description="Runs AI agents on time.",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.deployment = deployment
    for module in _ROUTERS:
        # The route objects themselves are added, so that each keeps its class, ApiRoute, which identifies the caller.
        app.router.routes.extend(module.router.routes)
    app.openapi = cache(lambda: describe(app, deployment))  # type: ignore[method-assign] # FastAPI's documented way to extend it
    app.add_middleware(ProblemMiddleware)
    for error in (TockError, RequestValidationError, HTTPException):
        app.add_exception_handler(error, _error_response)
    return app


async def _error_response(request: Request, error: Exception) -> Response:
    match error:
        case RequestValidationError():
            error = invalid_request(error.errors(), model=_body_model(request), with_places=True)
        case HTTPException(status_code=404):
            error = NoRoute(request.scope["path"])
        case HTTPException(status_code=405):
            error = WrongMethod(request.method, allowed=methods_at(request.scope["path"], routes=request.app.routes))
    return problem_response(error, request=request)


def _body_model(request: Request) -> type[BaseModel] | None:
    """Return the model of the body that the route takes, if it takes one."""
    route = request.scope.get("route")
    field = route.body_field if isinstance(route, APIRoute) else None
    annotation = None if field is None else field.field_info.annotation
    # A body that may be left out has a union with None.
    candidates = (annotation, *get_args(annotation))
    return next((each for each in candidates if isinstance(each, type) and issubclass(each, BaseModel)), None)
