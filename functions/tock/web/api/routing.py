"""The routes of the API: each identifies the caller and parses the body as JSON before its handler runs."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.routing import APIRoute
from starlette.convertors import Convertor, register_url_convertor
from starlette.types import Receive

from tock.app.manage.stored import Expected
from tock.app.services import Services
from tock.core.errors import NotFound
from tock.core.ids.identifier import is_identifier
from tock.web.authentication import Principal, principal, run_principal
from tock.web.deployment import Deployment
from tock.web.problem_document import Problem
from tock.web.requests import (
    IF_MATCH_PATTERN,
    KEY_PATTERN,
    expected_revision,
    idempotency_key,
    parse_json,
    read_body,
    require_single_parameters,
)
from tock.web.resources.page import Paging


class _Segment(Convertor[str]):
    """A path segment without its verb: `morning:run` is the segment `morning` and the verb `run`."""

    regex = "[^/:]+"

    def convert(self, value: str) -> str:
        """Return the segment as it is."""
        return value

    def to_string(self, value: str) -> str:
        """Return the segment as it is."""
        return value


register_url_convertor("segment", _Segment())
#: Query parameters that may come several times: a listing then shows what matches any of their values.
SEVERAL = frozenset({"status"})
#: The most characters of an impossible id that an error shows.
LONGEST_SHOWN_ID = 300
#: What errors call the resource whose id a path parameter holds, where that is not the parameter's name.
_KINDS = {"key": "API key"}


class ApiRoute(APIRoute):
    """Identifies the caller before it reads the body, and checks every body in the same way.

    An unknown caller gets 401, and a caller whose key does not open the project gets 404, whatever the body.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return a handler that 1. identifies the caller, 2. checks the ids of the path and the query's parameters.

        Then it 3. parses the body and 4. calls FastAPI's handler.
        """
        handle = super().get_route_handler()
        in_project = "project" in self.param_convertors
        reads_body = self.body_field is not None

        async def respond(request: Request) -> Response:
            request.state.route = self.path_format
            project = request.path_params["project"] if in_project else None
            request.state.caller = await self.identify(request, project=project)
            _require_ids(request.path_params)
            require_single_parameters(request.query_params, several=SEVERAL)
            return await handle(await _parsed(request) if reads_body else request)

        return respond

    async def identify(self, request: Request, *, project: str | None) -> Principal:
        """Return the caller, whose key opens the project of the path if that names one."""
        return await principal(request, deployment=request.app.state.deployment, project=project)


class RunTokenRoute(ApiRoute):
    """A route that only the token of the run in its path opens."""

    async def identify(self, request: Request, *, project: str | None) -> Principal:
        """Return the run as the caller."""
        run = request.path_params["run"]
        return await run_principal(request, deployment=request.app.state.deployment, project=project or "", run=run)


class _ReadRequest(Request):
    """A request whose body has been read and parsed."""

    def __init__(self, request: Request, *, body: bytes, receive: Receive) -> None:
        super().__init__(request.scope, receive)
        self._read = body
        self._document = parse_json(body) if body else None

    async def body(self) -> bytes:
        """Return the body that was read."""
        return self._read

    async def json(self) -> Any:
        """Return the JSON that was parsed."""
        return self._document


#: FastAPI adds the schema of problem documents to the OpenAPI document because of this; `openapi` says which response
#: of which route is one.
PROBLEMS: dict[int | str, dict[str, Any]] = {"default": {"model": Problem}}
PROJECT = "/v1/projects/{project:segment}"
RUN = f"{PROJECT}/runs/{{run:segment}}"


def api_router(*, tag: str, route: type[ApiRoute] = ApiRoute) -> APIRouter:
    """Return a router for one kind of resource, whose routes are all ApiRoutes."""
    return APIRouter(route_class=route, tags=[tag], responses=PROBLEMS, generate_unique_id_function=operation_id)


def operation_id(route: APIRoute) -> str:
    """Return the id of an operation in the OpenAPI document, such as `list_agents`: generated clients depend on it.

    The name of a handler that is only a verb is followed by the resource of its router.
    """
    resource = str(route.tags[0]).removesuffix("s").replace("-", "_")
    return route.name if "_" in route.name else f"{route.name}_{resource}"


def mark_revision(response: Response, revision: int) -> None:
    """Set the ETag to the revision that the response shows, for a later `If-Match`."""
    response.headers["ETag"] = f'"{revision}"'


def _require_ids(path_params: Mapping[str, str]) -> None:
    """Raise NotFound for a text that cannot be an id: Firestore would refuse some, and answer for others."""
    for name, identifier in path_params.items():
        if not is_identifier(identifier):
            raise NotFound(_KINDS.get(name, name), identifier[:LONGEST_SHOWN_ID])


async def _parsed(request: Request) -> Request:
    return _ReadRequest(request, body=await read_body(request), receive=request.receive)


def _caller(request: Request) -> Principal:
    caller: Principal = request.state.caller
    return caller


def _deployment(request: Request) -> Deployment:
    deployment: Deployment = request.app.state.deployment
    return deployment


def _services(request: Request) -> Services:
    return _deployment(request).services


def _revision(
    request: Request,
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            description='The ETag of the last response, such as "3", or *.',
            json_schema_extra={"pattern": IF_MATCH_PATTERN},
        ),
    ] = None,
) -> Expected | None:
    return None if if_match is None else expected_revision(request)


def _key(
    request: Request,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="1 to 255 visible ASCII characters; a repeated key returns the same run.",
            json_schema_extra={"pattern": KEY_PATTERN},
        ),
    ] = None,
) -> str | None:
    return None if key is None else idempotency_key(request)


Caller = Annotated[Principal, Depends(_caller)]
UseServices = Annotated[Services, Depends(_services)]
UseDeployment = Annotated[Deployment, Depends(_deployment)]
Revision = Annotated[Expected | None, Depends(_revision)]
Key = Annotated[str | None, Depends(_key)]
PageQuery = Annotated[Paging, Query()]
