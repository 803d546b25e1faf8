"""Bad requests are refused with a status, the field and a remedy, and never with 500."""

import json
import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from google.cloud.firestore import AsyncClient
from google.cloud.tasks_v2 import CloudTasksAsyncClient

from tock.app.services import Services
from tock.bootstrap.system_clock import SystemClock, SystemRandomSource
from tock.executors.http.executor import HttpExecutor
from tock.executors.python.executor import PythonExecutor
from tock.executors.registry import Executors
from tock.queue.client import cloud_tasks_client
from tock.queue.cloud_tasks import CloudTasksQueue
from tock.store.firestore import FirestoreStore
from tock.web.deployment import Access
from web.api.bad_request import AGENTS, JSON, MORNING, TRIGGERS, Bad
from web.api.bad_requests import CASES
from web.rig import ADMIN_KEY_HASH, DAILY, Rig, make_rig

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_a_bad_request_is_refused_with_its_field_and_a_remedy(shared: Rig, case: Bad) -> None:
    client: httpx.AsyncClient = getattr(shared, case.edge)
    content = json.dumps(case.body).encode() if case.body is not None else case.content
    headers = (JSON if case.body is not None else {}) | case.headers

    answer = await client.request(case.method, case.path, content=content, headers=headers)

    assert answer.status_code == case.status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["transient"]) == (case.status, False)
    assert problem["type"] == f"urn:tock:problem:{problem['code'].replace('_', '-')}"
    assert problem["instance"]
    errors = problem.get("errors", [])
    assert [error["field"] for error in errors] == ([] if case.at is None else [case.at])
    assert case.says in (errors[0]["message"] if errors else problem["detail"])
    assert len(answer.content) < 4000
    assert "Traceback" not in answer.text


async def test_every_bad_field_is_named_at_once(shared: Rig) -> None:
    body = {"schedule": {"cron": "x", "zone": 1}, "timeout": "1h", "overlap": "x"}

    answer = await shared.api.post(TRIGGERS, json=body)

    fields = [error["field"] for error in answer.json()["errors"]]
    assert sorted(fields) == ["agent", "overlap", "schedule.cron", "schedule.zone", "timeout"]


async def test_a_wrong_method_names_every_method_of_the_path(shared: Rig) -> None:
    assert (await shared.api.put(TRIGGERS)).headers["Allow"] == "GET, POST"
    assert (await shared.api.put(f"{MORNING}:preview")).headers["Allow"] == "GET"
    assert (await shared.retry.get("/")).headers["Allow"] == "POST"


async def test_a_refused_value_comes_back_shortened_and_without_secrets(shared: Rig) -> None:
    long = await shared.api.post(TRIGGERS, json={"agent": "x" * 5000, "schedule": DAILY})
    secret = await shared.api.post(AGENTS, json={"kind": "python", "config": {"callable": 1, "password": "hunter2"}})
    nested = await shared.api.post(TRIGGERS, json={"agent": "a", "schedule": DAILY, "retry": [{"api_key": "hunter2"}]})

    (error,) = long.json()["errors"]
    assert (len(error["value"]), error["value"][-1]) == (200, "…")
    assert "hunter2" not in secret.text + nested.text
    assert "(withheld)" in nested.text


@pytest.mark.parametrize("edge", ["api", "trigger"])
async def test_thousands_of_wrong_fields_are_twenty_and_a_number(shared: Rig, edge: str) -> None:
    body = {"agent": "digest", "schedule": DAILY} | {f"field{number}": 1 for number in range(15_001)}
    client: httpx.AsyncClient = getattr(shared, edge)

    answer = await client.post(TRIGGERS if edge == "api" else "/", json=body)

    problem = answer.json()
    assert [error["field"] for error in problem["errors"]][-1].startswith("field")
    assert len(problem["errors"]) == 20
    more = int(re.fullmatch(r".*; and (\d+) more", problem["detail"], re.DOTALL)[1])
    assert more >= 15_001 - 20
    assert len(answer.content) < 8_000


async def test_few_wrong_fields_are_all_there_is(shared: Rig) -> None:
    body = {"agent": "digest", "schedule": DAILY} | {f"field{number}": 1 for number in range(20)}

    problem = (await shared.api.post(TRIGGERS, json=body)).json()

    assert len(problem["errors"]) == 20
    assert "more" not in problem["detail"]


@pytest.mark.parametrize(
    "url",
    [
        "https://u:hunter2@[::/",
        "https://u:hunter2@example.com/",
        "https://hunter2@example.com:99999/",
        "https://u:hun/hunter2@example.com/",
        "https://u:hunter2/x@[::/",
        "https://u:hunter2 x@example.com/",
        "https://u:hunter2#@example.com/",
        "https:u:hunter2@example.com/",
        "//u:hunter2@example.com/",
        "u:hunter2@example.com/",
        "HTTPS://U:hunter2@EXAMPLE.com:1:2/",
        "https://u:hunter2@" + "x" * 3000,
        "https://u:" + "hunter2" * 40 + "@[::/",
    ],
)
@pytest.mark.parametrize("kind", ["http", "python"])
async def test_the_password_of_a_url_never_comes_back(shared: Rig, url: str, kind: str) -> None:
    bodies: list[dict[str, Any]] = [
        {"kind": kind, "config": {"url": url}},
        {"kind": kind, "config": {"callable": url}},
        {"kind": kind, "config": {url: 1}},
        {"kind": kind, "config": {"headers": {url: url}, "url": "https://example.com"}},
        {"kind": url, "config": {}},
        {"config": {"url": url}},
        {"kind": kind, "config": [url]},
        {"kind": kind, "config": {"url": url}, url: url},
    ]

    for body in bodies:
        answer = await shared.api.post(AGENTS, json=body)

        assert answer.status_code == 400
        assert "hunter2" not in answer.text, body


@pytest.mark.slow
async def test_what_a_config_holds_does_not_come_back(shared: Rig) -> None:
    config = {"url": "https://example.com", "headers": {"X-Custom": "hunter2"}}

    answers = [
        await shared.api.post(AGENTS, json={"config": config}),
        await shared.api.post(AGENTS, json={"kind": "python", "config": config}),
        await shared.api.post(AGENTS, json={"kind": "http", "config": config | {"padding": "x" * 70_000}}),
        await shared.api.post(AGENTS, json=[{"kind": "http", "config": config}]),
    ]

    assert [answer.status_code for answer in answers] == [400] * 4
    assert "hunter2" not in "".join(answer.text for answer in answers)


async def test_a_body_without_an_announced_length_is_cut_off(shared: Rig) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 4_000_000:
            sent += 1024
            yield b" " * 1024

    answer = await shared.api.post(TRIGGERS, content=endless(), headers=JSON)

    assert answer.status_code == 413


@pytest.fixture(scope="module")
async def shared(firestore_emulator: str, cloud_tasks_emulator: str) -> AsyncIterator[Rig]:
    """One API for all cases: what is refused leaves nothing behind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator)
        firestore = AsyncClient(project=f"test-{uuid.uuid4().hex[:20]}")
    tasks: CloudTasksAsyncClient = cloud_tasks_client(emulator=cloud_tasks_emulator)
    queue = CloudTasksQueue(
        tasks, project="p", location="l", queues=["none"], url="https://run.test/", service_account="", audience=""
    )
    services = Services(
        store=FirestoreStore(firestore, shards=8),
        queue=queue,
        clock=SystemClock(),
        random=SystemRandomSource(),
        executors=Executors(
            [
                PythonExecutor(modules=["web.sample_agents"]),
                HttpExecutor(allowed_hosts=[], secrets=None, now=SystemClock().now),
            ]
        ),
    )
    rig = make_rig(services, Access(admin_key_hash=ADMIN_KEY_HASH))
    await rig.make_project()
    await rig.make_trigger()
    asleep = {"id": "asleep", "kind": "python", "config": {"callable": "web.sample_agents:digest"}, "enabled": False}
    assert (await rig.api.post(AGENTS, json=asleep)).status_code == 201
    yield rig
    await tasks.transport.close()
    await firestore._firestore_api.transport.close()
