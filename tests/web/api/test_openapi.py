"""The OpenAPI document describes what every route really answers."""

from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest
from google.cloud.firestore import AsyncClient

from web.rig import BROKEN, DAILY, DIGEST, Rig, ok

pytestmark = pytest.mark.anyio
ACME = "/v1/projects/acme"


class Contract:
    """Sends requests and checks requests and answers against the document."""

    def __init__(self, rig: Rig, document: dict[str, Any]) -> None:
        self._rig = rig
        self._document = document
        self.seen: set[tuple[str, str, str]] = set()

    async def call(self, method: str, path: str, body: Any = None, *, accepted: bool = True, **sent: Any) -> Any:
        answer = await self._rig.api.request(method, path, json=body, **sent)
        template, operation = self._operation(method, path.partition("?")[0])
        if body is not None and accepted:
            self._validate(body, operation["requestBody"]["content"]["application/json"]["schema"])
        assert answer.is_success == accepted, answer.text
        described = operation["responses"].get(str(answer.status_code)) or operation["responses"]["default"]
        self.seen.add((method, template, "default" if not accepted else str(answer.status_code)))
        self._check(answer, described)
        return answer.json() if answer.content else None

    def _operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        for template, operations in self._document["paths"].items():
            if method.lower() in operations and self._fits(path, template):
                return template, operations[method.lower()]
        raise AssertionError(f"{method} {path} is not in the document")

    def _fits(self, path: str, template: str) -> bool:
        (given, _, verb), (shape, _, shaped_verb) = path.partition(":"), template.partition(":")
        pairs = list(zip(given.split("/"), shape.split("/"), strict=False))
        same_length = given.count("/") == shape.count("/")
        return same_length and verb == shaped_verb and all(a == b or b.startswith("{") for a, b in pairs)

    def _check(self, answer: httpx.Response, described: dict[str, Any]) -> None:
        if not answer.content:
            assert "content" not in described
            return
        (media_type,) = described["content"]
        assert answer.headers["Content-Type"] == media_type
        self._validate(answer.json(), described["content"][media_type]["schema"])

    def _validate(self, value: Any, schema: dict[str, Any]) -> None:
        whole = schema | {"components": self._document["components"]}
        validator = jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker())
        validator.validate(value)


async def test_every_route_answers_what_the_document_says(rig: Rig, firestore_client: AsyncClient) -> None:
    document = ok(await rig.api.get("/v1/openapi.json"))
    contract = Contract(rig, document)
    call = contract.call

    await _call_for_projects(contract)
    key = await call("POST", f"{ACME}/api-keys", {"name": "ci"})
    await call("GET", f"{ACME}/api-keys")
    await call("DELETE", f"{ACME}/api-keys/{key['id']}")
    await call("POST", f"{ACME}/agents", BROKEN)
    await call("GET", f"{ACME}/agents")
    await call("GET", f"{ACME}/agents/broken")
    await call("PATCH", f"{ACME}/agents/broken", {"name": "Broken", "config": BROKEN["config"]})
    await call("PUT", f"{ACME}/agents/broken", {field: BROKEN[field] for field in ("kind", "config")})
    for name, schedule in {
        "daily": DAILY,
        "often": {"every": "15m"},
        "once": {"at": "2099-01-01T09:00:00+01:00"},
    }.items():
        await call("POST", f"{ACME}/triggers", {"id": name, "agent": "digest", "schedule": schedule})
    await call("GET", f"{ACME}/triggers")
    await call("GET", f"{ACME}/triggers/once")
    full = {"input": {"message": None}, "retry": {"max_retries": 1}, "schedule": {"every": "PT1H"}, "end": None}
    await call("PATCH", f"{ACME}/triggers/daily", full)
    await call("PUT", f"{ACME}/triggers/often", {"agent": "digest", "schedule": {"every": "PT2H"}})
    await call("POST", f"{ACME}/triggers/daily:disable", {})
    await call("POST", f"{ACME}/triggers/daily:enable")
    await call("GET", f"{ACME}/triggers/daily:preview?count=3")
    await call("GET", f"{ACME}/triggers/daily:proof")
    await call("GET", f"{ACME}/triggers/daily:proof?occurrences=false")
    await call("POST", f"{ACME}/triggers:preview", {"schedule": DAILY, "from": "2027-03-27T00:00:00Z", "count": 5})
    headers = {"Idempotency-Key": "k"}
    run = await call(
        "POST", f"{ACME}/triggers/daily:run", {"input": {"payload": {}}, "timeout": "PT1M"}, headers=headers
    )
    await call("POST", f"{ACME}/triggers/daily:run", {"input": {"payload": {}}, "timeout": "PT1M"}, headers=headers)
    await rig.execute(run)
    failed = await call("POST", f"{ACME}/agents/broken:run", {"subject": "s"}, headers={"Idempotency-Key": "s"})
    await call("POST", f"{ACME}/agents/broken:run", {"subject": "s"}, headers={"Idempotency-Key": "s"})
    await rig.execute(failed)
    await call("POST", f"{ACME}/agents/digest:run")
    again = await call("POST", f"{ACME}/runs/{run['id']}:retry", {"model": "m"}, headers={"Idempotency-Key": "r"})
    await call("POST", f"{ACME}/runs/{run['id']}:retry", {"model": "m"}, headers={"Idempotency-Key": "r"})
    await call("POST", f"{ACME}/runs/{again['id']}:cancel", {"reason": "enough"})
    await call("GET", f"{ACME}/runs")
    for identifier in (run["id"], failed["id"], again["id"]):
        await call("GET", f"{ACME}/runs/{identifier}")
    await call("GET", f"{ACME}/runs/{run['id']}/events")
    await _call_for_the_unreadable(contract, firestore_client, run=failed["id"], agent="broken")
    await call("DELETE", f"{ACME}/triggers/often")
    await call("DELETE", f"{ACME}/agents/broken")
    await call("GET", "/v1/health", accepted=False)
    # Refusals of each shape
    await call("POST", f"{ACME}/triggers", {"schedule": {"cron": "x"}}, accepted=False)
    await call("POST", f"{ACME}/agents", DIGEST, accepted=False)
    await call("GET", f"{ACME}/runs?status=done", accepted=False)
    await call("PATCH", f"{ACME}/triggers/daily", {"enabled": None}, accepted=False)

    answered = {(method, path) for method, path, status in contract.seen if status != "default"}
    assert answered | {("GET", "/v1/health")} == set(routes(document))


async def _call_for_projects(contract: Contract) -> None:
    call = contract.call
    await call("POST", "/v1/projects", {"id": "second", "name": "Second"})
    await call("GET", "/v1/projects")
    await call("GET", "/v1/projects/second")
    await call("PATCH", "/v1/projects/second", {"name": None})
    await call("PUT", "/v1/projects/second", {"description": "the second"})
    await call("DELETE", "/v1/projects/second")


async def _call_for_the_unreadable(contract: Contract, firestore: AsyncClient, *, run: str, agent: str) -> None:
    await firestore.document("projects", "acme", "runs", run).update({"result": "[NaN]"})
    await firestore.document("projects", "acme", "agents", agent).update({"kind": None})
    for path in ("runs", "agents"):
        assert (await contract.call("GET", f"{ACME}/{path}"))["unreadable"]
    await contract.call("GET", f"{ACME}/agents/{agent}", accepted=False)
    await contract.call("DELETE", f"{ACME}/runs/{run}")


async def test_problems_and_keys_are_described(rig: Rig) -> None:
    document = ok(await rig.api.get("/v1/openapi.json"))

    for method, path in routes(document):
        operation = document["paths"][path][method.lower()]
        assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"]
        assert ("security" in operation) == (path != "/v1/health")
        assert "422" not in operation["responses"]
        assert operation["description"]


async def test_a_patch_describes_every_field_and_requires_none(rig: Rig) -> None:
    document = ok(await rig.api.get("/v1/openapi.json"))

    operation = document["paths"]["/v1/projects/{project}/triggers/{trigger}"]["patch"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]

    assert "required" not in schema
    assert schema["additionalProperties"] is False
    assert {"schedule", "input", "retry", "enabled"} < set(schema["properties"])
    assert "default" not in schema["properties"]["overlap"]


def routes(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for path, operations in document["paths"].items():
        for method in operations:
            yield method.upper(), path
