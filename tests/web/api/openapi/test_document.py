"""The OpenAPI document says what FastAPI cannot know: patterns, bounds, configurations, responses, servers, ids."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jsonschema
import pytest

from tock.core.agent.allow_list import AllowList
from tock.core.timing import Timing
from tock.executors.http.executor import HttpExecutor
from tock.executors.python.executor import PythonExecutor
from tock.executors.registry import Executors
from tock.web.api.app import create_app
from web.rig import Rig

pytestmark = pytest.mark.anyio
TRIGGER = "/v1/projects/{project}/triggers/{trigger}"
OPERATIONS = {
    *("read_health", "create_project", "list_projects", "read_project", "patch_project", "put_project"),
    "delete_project",
    *("issue_api_key", "list_api_keys", "revoke_api_key"),
    *("create_agent", "list_agents", "read_agent", "patch_agent", "put_agent", "delete_agent"),
    "run_agent",
    *("create_trigger", "list_triggers", "read_trigger", "patch_trigger", "put_trigger"),
    *("delete_trigger", "run_trigger"),
    *("enable_trigger", "disable_trigger", "duplicate_trigger", "preview_trigger"),
    *("preview_schedule", "prove_trigger", "why_trigger", "list_upcoming"),
    *("read_diagnosis", "repair_project"),
    *(
        "list_revisions",
        "list_runs",
        "read_run",
        "delete_run",
        "list_events",
        "stream_events",
        "retry_run",
        "cancel_run",
        *("steer_run", "approve_run", "reject_run", "answer_run", "resume_run", "exec_run"),
        *("callback_run", "send_events", "checkpoint_run"),
        *("create_own_trigger", "list_own_triggers", "delete_own_trigger"),
        "read_usage",
        "trigger_function",
        "retry_function",
    ),
}


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """The document once it is made, which takes as long as all that is asked of it here."""
    return {}


@pytest.fixture
def document(empty: Rig, made: dict[str, Any]) -> dict[str, Any]:
    if made:
        return made
    http = HttpExecutor(allowed_hosts=AllowList(), secrets={}, now=empty.services.clock.now)
    services = replace(
        empty.services,
        executors=Executors([PythonExecutor(modules=["web.sample_agents"]), http]),
        timing=Timing(shortest_interval=timedelta(seconds=45)),
    )
    made.update(create_app(replace(empty.deployment, services=services)).openapi())
    return made


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in item.keys() - {"servers"}:
            yield path, item[method]


def accepts(document: dict[str, Any], schema: dict[str, Any], value: Any) -> bool:
    whole = schema | {"components": document["components"]}
    return bool(jsonschema.Draft202012Validator(whole).is_valid(value))


def body_of(operation: dict[str, Any]) -> dict[str, Any]:
    return dict(operation["requestBody"]["content"]["application/json"]["schema"])


async def test_operation_ids_stay(document: dict[str, Any]) -> None:
    found = [operation["operationId"] for _, operation in operations(document)]

    assert sorted(found) == sorted(OPERATIONS)


async def test_each_error_is_described_as_a_problem_under_its_status(document: dict[str, Any]) -> None:
    for path, operation in operations(document):
        responses = operation["responses"]
        assert not {"default", "422"} & responses.keys()
        assert {"400", "500", "503"} <= responses.keys()
        assert ("401" in responses) == ("security" in operation) == (path != "/v1/health")
        assert ("412" in responses) == ("If-Match" in {each["name"] for each in operation.get("parameters", [])})
        assert ("413" in responses) == ("415" in responses) == ("requestBody" in operation)
        for status, response in responses.items():
            assert response["description"]
            assert ("application/problem+json" in response.get("content", {})) == (status >= "400")
        assert responses["503"]["headers"]["Retry-After"]


async def test_success_that_shows_a_revision_has_an_etag(document: dict[str, Any]) -> None:
    with_etag = {
        operation["operationId"]
        for _, operation in operations(document)
        for status, response in operation["responses"].items()
        if status < "300" and "ETag" in response.get("headers", {})
    }

    verbs, kinds = ("create", "read", "patch", "put"), ("project", "agent", "trigger")
    resources = {f"{verb}_{kind}" for verb in verbs for kind in kinds}
    assert with_etag == resources | {"enable_trigger", "disable_trigger", "duplicate_trigger", "create_own_trigger"}


async def test_answer_of_a_new_resource_has_its_location(document: dict[str, Any]) -> None:
    with_location = {
        operation["operationId"]
        for _, operation in operations(document)
        for status, response in operation["responses"].items()
        if status < "300" and "Location" in response.get("headers", {})
    }

    created = {f"create_{kind}" for kind in ("project", "agent", "trigger", "own_trigger")}
    started = {f"{verb}_run" for verb in ("retry", "resume", "exec")}
    started |= {"run_agent", "run_trigger", "trigger_function", "retry_function"}
    assert with_location == created | started | {"duplicate_trigger"}


@pytest.mark.parametrize(
    ("name", "accepted", "refused"),
    [
        (
            "trigger",
            ["morning", "a.b_c-d", "x" * 255],
            ["", "..", "new", "null", "__x__", "__", "___", "a b", "a/b", "x" * 256],
        ),
        ("If-Match", ['"1"', '"unreadable-7"', "*"], ["", "1", '"0"', 'W/"1"', '"1", "2"', '"' + "9" * 19 + '"']),
    ],
)
async def test_parameter_has_the_pattern_of_its_texts(
    document: dict[str, Any], name: str, accepted: list[str], refused: list[str]
) -> None:
    patch = document["paths"][TRIGGER]["patch"]
    (schema,) = (each["schema"] for each in patch["parameters"] if each["name"] == name)

    assert [text for text in (*accepted, *refused) if accepts(document, schema, text)] == accepted


async def test_idempotency_key_has_a_pattern_in_the_api_and_in_the_functions(document: dict[str, Any]) -> None:
    schemas = [
        parameter["schema"]
        for _, operation in operations(document)
        for parameter in operation.get("parameters", [])
        if parameter["name"] == "Idempotency-Key"
    ]

    assert len(schemas) == 8
    for schema in schemas:
        assert [text for text in ("k", "k" * 255, "", "a b", "k" * 256) if accepts(document, schema, text)] == [
            "k",
            "k" * 255,
        ]


async def test_query_parameters_are_never_null(document: dict[str, Any]) -> None:
    for _, operation in operations(document):
        for parameter in operation.get("parameters", []):
            assert not accepts(document, parameter["schema"], None)


async def test_durations_have_their_bounds_and_the_deployment_its_shortest_interval(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    fields = {
        "timeout": schemas["NewTrigger"]["properties"]["timeout"],
        "delay": schemas["Retry"]["properties"]["delay"],
        "window": schemas["CatchUp"]["properties"]["window"],
        "every": schemas["IntervalSchedule"]["properties"]["every"],
    }

    assert {name: (field["x-minimum"], field["x-maximum"]) for name, field in fields.items()} == {
        "timeout": ("PT1S", "PT29M"),
        "delay": ("PT1S", "PT1H"),
        "window": ("PT1M", "P7D"),
        "every": ("PT45S", "P366D"),
    }
    patched = body_of(document["paths"][TRIGGER]["patch"])["properties"]["schedule"]["anyOf"][1]
    assert patched["properties"]["every"]["x-minimum"] == "PT45S"


@pytest.mark.parametrize(
    ("accepted", "agent"),
    [
        (True, {"kind": "python", "config": {"callable": "web.sample_agents:digest"}}),
        (True, {"kind": "http", "config": {"url": "https://example.com/"}}),
        (True, {"kind": "http", "config": {"url": "https://example.com/", "headers": {"X-A": "b"}, "secret": "p/s"}}),
        (True, {"kind": "http", "config": {"url": "https://example.com/", "auth": {"bearer": "p/s"}}}),
        (True, {"kind": "python", "config": {"callable": "web.sample_agents:digest", "isolation": "process"}}),
        (False, {"kind": "python", "config": {"callable": "web.sample_agents:digest", "isolation": "thread"}}),
        (False, {"kind": "http", "config": {"url": "https://example.com/", "auth": {"bearer": "p/s", "basic": "p/s"}}}),
        (False, {"kind": "http", "config": {"url": "https://example.com/", "auth": {"bearer": "s"}}}),
        (False, {"kind": "python"}),
        (False, {"kind": "python", "config": {}}),
        (False, {"kind": "python", "config": {"url": "https://example.com/"}}),
        (False, {"kind": "python", "config": {"callable": "no colon"}}),
        (False, {"kind": "http", "config": {"callable": "web.sample_agents:digest"}}),
        (False, {"kind": "http", "config": {"url": "ftp://example.com/"}}),
        (False, {"kind": "http", "config": {"url": "https://example.com/", "headers": {"Host": "x"}}}),
        (False, {"kind": "http", "config": {"url": "https://example.com/", "headers": {"x-Goog-IAP-a": "x"}}}),
        (False, {"kind": "http", "config": {"url": "https://example.com/", "headers": {"X-A": " b"}}}),
        (False, {"kind": "http", "config": {"url": "https://example.com/", "secret": "s"}}),
        (False, {"kind": "fax", "config": {}}),
    ],
    ids=str,
)
async def test_config_of_an_agent_depends_on_its_kind(
    document: dict[str, Any], agent: dict[str, Any], *, accepted: bool
) -> None:
    created = body_of(document["paths"]["/v1/projects/{project}/agents"]["post"])
    replaced = body_of(document["paths"]["/v1/projects/{project}/agents/{agent}"]["put"])

    assert accepts(document, created, agent) == accepts(document, replaced, agent) == accepted


@pytest.mark.parametrize(
    ("accepted", "patch"),
    [
        (True, {"schedule": {"time_zone": "Europe/Berlin"}}),
        (True, {"schedule": {"time_zone": None}}),
        (True, {"schedule": {"cron": "0 9 * * *"}}),
        (True, {"schedule": {"anchor": None}}),
        (False, {"schedule": {"cron": 9}}),
        (False, {"schedule": {"cron": "0 9 * * *", "at": "2027-01-01T00:00:00Z"}}),
        (False, {"schedule": None}),
    ],
    ids=str,
)
async def test_a_patch_of_a_trigger_holds_a_part_of_a_schedule(
    document: dict[str, Any], patch: dict[str, Any], *, accepted: bool
) -> None:
    assert accepts(document, body_of(document["paths"][TRIGGER]["patch"]), patch) == accepted


@pytest.mark.parametrize(
    ("accepted", "config"),
    [
        (True, {"isolation": None}),
        (True, {"headers": {"X-A": None}}),
        (True, {"url": "https://example.com/"}),
        (False, {"headers": {"Host": None}}),
        (False, {"url": None}),
        (False, {"method": "GET"}),
    ],
    ids=str,
)
async def test_a_patch_of_an_agent_holds_a_part_of_a_config(
    document: dict[str, Any], config: dict[str, Any], *, accepted: bool
) -> None:
    schema = body_of(document["paths"]["/v1/projects/{project}/agents/{agent}"]["patch"])

    assert accepts(document, schema, {"config": config}) == accepted


async def test_the_functions_have_servers_of_their_own(document: dict[str, Any]) -> None:
    paths = document["paths"]

    assert [server["url"] for server in document["servers"]] == ["/"]
    assert {path: paths[path]["servers"][0]["url"] for path in ("/trigger", "/retry")} == {
        "/trigger": "https://{name}-trigger-{number}.{region}.run.app",
        "/retry": "https://{name}-retry-{number}.{region}.run.app",
    }
    start = body_of(paths["/trigger"]["post"])
    assert accepts(document, start, {"project": "p", "trigger": "t"})
    assert not accepts(document, start, {"project": "p", "trigger": "t", "agent": "a"})
    assert not accepts(document, start, {"project": "p"})


async def test_every_format_is_explained(document: dict[str, Any]) -> None:
    formats = set(re.findall(r"'format': '([a-z-]+)'", str(document))) - {"date-time", "date"}

    assert formats == {format_ for format_ in formats if f"`{format_}`" in document["info"]["description"]}
    assert {"cron", "iana-time-zone", "page-token", "python-callable", "agent-url", "secret-name"} <= formats


async def test_a_patch_describes_every_field_and_requires_none(document: dict[str, Any]) -> None:
    schema = body_of(document["paths"][TRIGGER]["patch"])

    assert "required" not in schema
    assert schema["additionalProperties"] is False
    assert {"schedule", "input", "retry", "enabled"} < set(schema["properties"])
    assert "default" not in schema["properties"]["overlap"]
