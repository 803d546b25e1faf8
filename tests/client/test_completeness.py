"""The client has each operation, parameter, field, answer and error of the API's OpenAPI document, and no other."""

import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, get_args, get_origin, get_type_hints

import httpx
import pytest

import tock
from tock import AsyncClient, Client
from tock.client import models
from tock.client._async.listing import AsyncListing
from tock.client._async.run_handle import AsyncRunHandle
from tock.client._sync.listing import Listing
from tock.client._sync.run_handle import RunHandle
from tock.client.codes import BY_CODE, class_of
from tock.client.errors import ApiError
from tock.web import error_responses
from tock.web.api.app import create_app
from tock.web.problem_document import Problem
from tock.web.resources.runs.run import RunResource
from web.rig import Rig

pytestmark = pytest.mark.anyio
AT = datetime(2027, 1, 1, tzinfo=UTC)
#: A value for each argument, by its name.
SAMPLES: dict[str, Any] = {
    **dict.fromkeys(
        ("project", "agent", "trigger", "run", "key", "command", "page_token", "subject", "duplicate", "id_prefix"), "x"
    ),
    **dict.fromkeys(("name", "description", "message", "feedback", "note", "reason", "model", "kind"), "x"),
    **dict.fromkeys(("overlap", "session", "cancel", "config", "mode", "source", "group_by"), "x"),
    **dict.fromkeys(
        ("page_size", "count", "limit", "queue_depth", "max_parallel", "concurrency", "per_trigger", "attempt"), 1
    ),
    **dict.fromkeys(("timeout", "progress_every", "start_deadline"), timedelta(minutes=1)),
    **dict.fromkeys(("since", "until", "start", "end", "first", "last", "at"), AT),
    **{name: {} for name in ("input", "retry", "catch_up", "evidence", "labels")},
    **dict.fromkeys(("enabled", "occurrences", "with_triggers", "total"), False),
    "arguments": ["x"],
    "events": [{"kind": "x", "data": 1}],
    "idempotency_key": "x",
    "if_match": 3,
    "result": 1,
    "schedule": {"cron": "0 9 * * *"},
    "sort": "cost",
    "state": 1,
    "status": ["failed", "missed"],
    "value": 1,
}
#: An argument that has another meaning in one method.
OF_METHOD: dict[tuple[str, str], Any] = {
    ("Agents.create", "config"): {},
    ("Agents.put", "config"): {},
    ("Agents.update", "config"): {},
    ("Runs.list_events", "since"): 1,
    ("Runs.stream_events", "since"): 1,
    ("Functions.trigger", "url"): "https://function.test/trigger",
    ("Functions.retry", "url"): "https://function.test/retry",
}
#: What a method does not send although the document has it, and why.
NOT_SENT = {"stream_events": {"since"}}  # its header Last-Event-ID says it, in the first request as in later ones
#: Methods that only put operations together.
COMPOSED = {"Runs.handle"}


class Recorded(Exception):
    """The request was recorded; nobody answers it."""


@dataclass
class Recorder(httpx.AsyncBaseTransport, httpx.BaseTransport):
    """Records the request instead of sending it."""

    request: httpx.Request = field(default_factory=lambda: httpx.Request("GET", "https://nobody.test"))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.handle_request(request)
        raise AssertionError

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.request = request
        raise Recorded


@dataclass(frozen=True)
class Sent:
    """What one method sends if it is given all its arguments, and what it says that it returns."""

    method: str
    operation: str
    query: set[str]
    headers: set[str]
    body: set[str] | None
    returns: Any


@pytest.fixture
def document(empty: Rig) -> dict[str, Any]:
    return create_app(empty.deployment).openapi()


@pytest.fixture(params=[AsyncClient, Client])
async def sent(request: pytest.FixtureRequest, document: dict[str, Any]) -> list[Sent]:
    """What each method of the client sends."""
    recorder = Recorder()
    client = request.param("https://tock.test", project="x", key="k", transport=recorder)
    found = []
    for name, method in _methods(client):
        with pytest.raises(Recorded):
            await _called(method, _arguments(name, method))
        found.append(_sent(name, method, recorder.request, document))
    return found


async def test_each_operation_has_one_method(sent: list[Sent], document: dict[str, Any]) -> None:
    operations = [operation["operationId"] for _, _, operation in _operations(document)]

    assert sorted(each.operation for each in sent) == sorted(operations)


async def test_each_parameter_and_each_field_of_a_body_is_an_argument(
    sent: list[Sent], document: dict[str, Any]
) -> None:
    described = {operation["operationId"]: operation for _, _, operation in _operations(document)}
    for each in sent:
        operation = described[each.operation]
        parameters = operation.get("parameters", [])
        query = {parameter["name"] for parameter in parameters if parameter["in"] == "query"}
        headers = {parameter["name"].lower() for parameter in parameters if parameter["in"] == "header"}

        assert each.query == query - NOT_SENT.get(each.operation, set()), each.method
        assert each.headers == headers, each.method
        assert each.body == _fields(operation, document), each.method


async def test_each_method_returns_the_model_of_the_answer(sent: list[Sent], document: dict[str, Any]) -> None:
    described = {operation["operationId"]: operation for _, _, operation in _operations(document)}
    for each in sent:
        answers = {
            answer.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
            for status, answer in described[each.operation]["responses"].items()
            if status < "300"
        }
        model = _model(each.returns)

        assert answers == {"" if model is None else model.__name__}, each.method
        assert model is None or getattr(models, model.__name__) is model, each.method


async def test_both_clients_have_the_same_methods_with_the_same_arguments() -> None:
    asynchronous, blocking = (
        {name: _parameters(method) for name, method in _methods(client("https://tock.test"))}
        for client in (AsyncClient, Client)
    )

    assert asynchronous == blocking


def test_each_code_of_a_problem_has_an_error_of_its_status() -> None:
    kinds = [*error_responses._TABLE.values(), error_responses._UNFORESEEN]
    statuses = {kind.code: kind.status for kind in kinds} | {"http_error": 418}

    assert BY_CODE.keys() == statuses.keys()
    for code, status in statuses.items():
        document = Problem(type="t", title="T", status=status, detail="D.", code=code, transient=False)
        error = class_of(document)(document)
        newer = document.model_copy(update={"code": "of_a_newer_server"})
        unknown = class_of(newer)(newer)
        if code not in {"wrong_content_type", "no_route", "wrong_method"}:
            assert isinstance(error, type(unknown)), code
        assert isinstance(unknown, ApiError)
        assert getattr(tock, type(error).__name__) is type(error)


def _methods(client: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Each public method of each group of the client, with its name, the same in both clients."""
    for group in vars(client).values():
        kind = type(group)
        if not kind.__module__.startswith("tock.client._") or kind.__name__.endswith("Sender"):
            continue
        for name in vars(kind):
            method = f"{kind.__name__.removeprefix('Async')}.{name}"
            if not name.startswith("_") and method not in COMPOSED:
                yield method, getattr(group, name)


def _parameters(method: Callable[..., Any]) -> dict[str, Any]:
    """Each parameter of a method, and each keyword that its last one takes, with its type."""
    hints = get_type_hints(method)
    found: dict[str, Any] = {}
    for name, parameter in inspect.signature(method).parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            [fields] = get_args(hints[name])
            found |= get_type_hints(fields, include_extras=False)
        else:
            found[name] = hints[name]
    return found


def _arguments(name: str, method: Callable[..., Any]) -> dict[str, Any]:
    return {argument: OF_METHOD.get((name, argument), SAMPLES.get(argument)) for argument in _parameters(method)}


async def _called(method: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
    found = method(**arguments)
    if isinstance(found, AsyncListing):
        return await found.page()
    if isinstance(found, Listing):
        return found.page()
    if inspect.isasyncgen(found):
        return await anext(found)
    return next(found) if inspect.isgenerator(found) else await found


def _sent(name: str, method: Callable[..., Any], request: httpx.Request, document: dict[str, Any]) -> Sent:
    paths = {
        operation["operationId"]: re.sub(r"\\{[a-z]+\\}", "[^/:]+", re.escape(path))
        for path, verb, operation in _operations(document)
        if verb.upper() == request.method
    }
    operations = [operation for operation, path in paths.items() if re.fullmatch(path, request.url.path)]
    assert len(operations) == 1, (name, request.url)
    body = json.loads(request.content) if request.content else None
    return Sent(
        method=name,
        operation=operations[0],
        query=set(request.url.params),
        headers=set(request.headers) & {"if-match", "idempotency-key", "last-event-id"},
        body=set(body) if isinstance(body, dict) else None,
        returns=get_type_hints(method)["return"],
    )


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for verb in item.keys() - {"servers"}:
            yield path, verb, item[verb]


def _fields(operation: dict[str, Any], document: dict[str, Any]) -> set[str] | None:
    """The fields of the operation's body; None without a body, or if that is any JSON."""
    if "requestBody" not in operation:
        return None
    return _properties(operation["requestBody"]["content"]["application/json"]["schema"], document)


def _properties(schema: dict[str, Any], document: dict[str, Any]) -> set[str] | None:
    if reference := schema.get("$ref"):
        return _properties(document["components"]["schemas"][reference.rpartition("/")[2]], document)
    found = [_properties(choice, document) for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ()))]
    if "properties" in schema or schema.get("type") == "object":
        found.append(set(schema.get("properties", {})))
    known = [fields for fields in found if fields is not None]
    return set().union(*known) if known else None


def _model(returns: Any) -> Any:
    """The model that an answer becomes; None for no content and for streams."""
    if get_origin(returns) in {AsyncListing, Listing}:
        return get_args(returns)[1]
    if returns in {AsyncRunHandle, RunHandle}:
        return RunResource
    return returns if hasattr(returns, "model_fields") else None
