"""Requests under one Idempotency-Key: the same whenever they mean the same, and never the same if they do not."""

from typing import Any

import httpx
import pytest

from web.rig import Rig, ok, problem

pytestmark = pytest.mark.anyio
ACME = "/v1/projects/acme"
JSON = {"Content-Type": "application/json", "Idempotency-Key": "k"}
#: Bodies of :run that mean the same.
SAME = [
    [b"", b"{}", b"null", b'{"input": null}', b'{"input": {}}', b'{"subject": null, "retry": null, "timeout": null}'],
    [
        b'{"input": {"payload": {"a": 1, "b": {"c": 2, "d": 3.0}}}}',
        b'{"input":{"payload":{"b":{"d":3,"c":2},"a":1.0}}}',
        b'{"input": {"payload": {"\\u0061": 1e0, "b": {"d": 30e-1, "c": 2}}}}',
    ],
    [b'{"input": {"payload": null}}', b"{}"],
    [b'{"retry": {}}', b'{"retry": {"max_retries": 2}}', b'{"retry": {"delay": "60s", "max_retries": 2}}'],
    [b'{"timeout": "PT5M"}', b'{"timeout": "300s"}', b'{"timeout": "5m"}'],
    [b'{"input": {"model": "m"}}', b'{"input": {"model": " m "}}'],
]
#: Bodies that differ from `{}` in what they mean.
OTHER = [
    b'{"input": {"message": null}}',
    b'{"input": {"model": null}}',
    b'{"input": {"ref": null}}',
    b'{"input": {"payload": {}}}',
    b'{"input": {"message": ""}}',
    b'{"subject": "s"}',
    b'{"retry": {}}',
    b'{"timeout": "PT5M"}',
]


async def run(rig: Rig, path: str, body: bytes) -> httpx.Response:
    return await rig.api.post(f"{ACME}/{path}:run", content=body, headers=JSON)


@pytest.mark.parametrize("path", ["triggers/morning", "agents/digest"])
@pytest.mark.parametrize("bodies", SAME, ids=lambda bodies: str(bodies[0])[:40])
async def test_what_means_the_same_is_one_request(rig: Rig, path: str, bodies: list[bytes]) -> None:
    await rig.make_trigger()

    first, *others = [await run(rig, path, body) for body in bodies]

    assert first.status_code == 202, first.text
    assert [(other.status_code, other.json()["id"]) for other in others] == [(200, first.json()["id"])] * len(others)


@pytest.mark.parametrize("path", ["triggers/morning", "agents/digest"])
@pytest.mark.parametrize("body", OTHER)
async def test_what_means_something_else_is_another_request(rig: Rig, path: str, body: bytes) -> None:
    await rig.make_trigger()
    first = await run(rig, path, b"{}")

    other = await run(rig, path, body)

    assert problem(other, 409)["run"] == first.json()["id"]
    assert (other.json()["code"], first.status_code) == ("key_reused", 202)


async def test_defaults_of_a_retry_are_the_same_as_nothing(rig: Rig) -> None:
    ended = await rig.execute(await rig.start())
    bodies = [b"", b"{}", b'{"config": "snapshot"}', b'{"model": null, "config": "snapshot"}']

    answers = [await rig.api.post(f"{ACME}/runs/{ended['id']}:retry", content=body, headers=JSON) for body in bodies]
    function = await rig.retry.post(
        "/", json={"config": "snapshot", "run": ended["id"], "project": "acme"}, headers={"Idempotency-Key": "k"}
    )

    assert [answer.status_code for answer in answers] == [202, 200, 200, 200]
    assert len({answer.json()["id"] for answer in [*answers, function]}) == 1


async def test_the_function_and_the_verb_are_one_request(rig: Rig) -> None:
    await rig.make_trigger()
    verb = await run(rig, "triggers/morning", b'{"input": {"payload": {"a": 1, "b": 2}}}')

    body: dict[str, Any] = {"trigger": "morning", "project": "acme", "input": {"payload": {"b": 2.0, "a": 1}}}
    function = await rig.trigger.post("/", json=body, headers={"Idempotency-Key": "k"})

    assert ok(function)["id"] == verb.json()["id"]
