"""Any value, JSON text or byte string from an agent ends its run in one attempt, and every record can be shown."""

import asyncio
import json
import pickle
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from executors.http.http_server import Server, answer, serving
from tock.app.services import Services
from tock.core.run.outcome import Cancelled, Failed, HandedBack, Succeeded, TimedOut, Usage
from tock.executors.http.executor import HttpExecutor
from tock.executors.python.agent_error import AgentError
from tock.executors.python.executor import PythonExecutor
from tock.executors.registry import Executors
from web.hostile_agents import CONDUCTS, ODD, Conduct, Holder, Panic, nested
from web.rig import Rig, created, ok

pytestmark = pytest.mark.anyio
#: How many examples each kind of agent gets in `make test`, and how many in `make test-slow`.
FEW, MANY = 15, 900
FEW_PROCESSES, MANY_PROCESSES = 5, 150
TERMINAL = {"succeeded", "failed", "cancelled"}

texts = st.text(st.characters(), max_size=30)
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**63, 10**4000, -(10**400)]),
    st.floats(),
    texts,
    texts.map(lambda text: text * 50_000),
    st.binary(max_size=20),
    st.builds(Decimal, st.integers()),
    st.just(UUID(int=7)),
    st.just(datetime(2027, 3, 28, tzinfo=UTC)),
    st.timedeltas(),
    st.complex_numbers(),
    st.sampled_from(sorted(ODD)).map(lambda name: ODD[name]()),
    st.sampled_from([0, 63, 64, 65, 255, 950, 20_000]).map(nested),
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(texts | st.integers() | st.none() | st.floats(), inner, max_size=4),
        inner.map(Holder),
    ),
    max_leaves=8,
)
usages = st.builds(Usage, input_tokens=leaves, output_tokens=leaves, cost=leaves) | values
outcomes = st.one_of(
    values,
    st.builds(Succeeded, values, usage=usages, warnings=values),
    st.builds(Failed, type=leaves, message=leaves, retryable=leaves, retry_after=leaves),
    st.sampled_from([Cancelled("r"), TimedOut(timedelta(1)), HandedBack()]),
)
exceptions = st.one_of(
    st.builds(AgentError, leaves, retryable=leaves, retry_after=leaves),
    st.builds(
        lambda kind, said: kind(said),
        st.sampled_from([ValueError, Panic, GeneratorExit, KeyboardInterrupt, SystemExit, asyncio.CancelledError]),
        leaves,
    ),
)
events = st.lists(st.tuples(values, values), max_size=12)
conducts = st.builds(Conduct, events, outcomes) | st.builds(Conduct, events, exceptions, raises=st.just(True))  # noqa: FBT003 - the value that is drawn
json_texts = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=10,
).map(lambda value: json.dumps(value).encode())
bodies = st.one_of(
    json_texts,
    st.binary(max_size=200),
    st.sampled_from([b"[" * 255 + b"]" * 255, b"[" * 100_000, b"1e400", b"9" * 5000, b'{"a":1,"a":2}', b'"\\ud800"']),
)
responses = st.one_of(
    st.builds(answer, st.sampled_from(["200 OK", "202 Accepted", "206 X", "429 Wait", "500 No"]), bodies),
    st.builds(lambda status, body: answer(status, body, retry_after="9" * 30), st.just("503 No"), bodies),
    st.binary(max_size=300),
    st.binary(max_size=100).map(lambda head: b"HTTP/1.1 200 " + head + b"\r\ncontent-length: 0\r\n\r\n"),
)


def _many(examples: int) -> Any:
    shared = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=examples, deadline=None, suppress_health_check=shared)


@pytest.fixture
def services(services: Services) -> Services:
    python = PythonExecutor(modules=["web.sample_agents", "web.hostile_agents"])
    executors = Executors([python, HttpExecutor(allowed_hosts=["127.0.0.1"], secrets={}, now=services.clock.now)])
    return Services(
        store=services.store, queue=services.queue, clock=services.clock, random=services.random, executors=executors
    )


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(b"") as server:
        yield server


async def _agent(rig: Rig, identifier: str, **agent: Any) -> str:
    body = {"id": identifier} | agent
    created(await rig.api.post("/v1/projects/acme/agents", json=body))
    return f"agents/{identifier}"


async def _ends_at_once_and_can_be_shown(rig: Rig, path: str, **payload: Any) -> None:
    run = await rig.start(path, input={"payload": payload}, retry={"max_retries": 0})

    ended = await rig.execute(run)

    assert ended["status"] in TERMINAL, ended
    assert [attempt["status"] == "lost" for attempt in ended["attempts"]] == [False], ended
    run_path = f"/v1/projects/acme/runs/{run['id']}"
    for shown in ("/v1/projects/acme/runs?page_size=3", run_path, f"{run_path}/events?limit=500"):
        _strictly_read((await rig.api.get(shown)).content)
        ok(await rig.api.get(shown))


def _strictly_read(content: bytes) -> None:
    text = json.dumps(json.loads(content.decode(), parse_constant=pytest.fail), ensure_ascii=False)
    text.encode()


async def _async_agents(rig: Rig, conduct: Conduct) -> None:
    CONDUCTS["drawn"] = conduct
    await _ends_at_once_and_can_be_shown(rig, "agents/asynchronous", name="drawn")


async def _plain_agents(rig: Rig, conduct: Conduct, folder: Path) -> None:
    try:
        pickled = pickle.dumps(conduct)
    except (pickle.PicklingError, TypeError, AttributeError, RecursionError):
        pickled = pickle.dumps(Conduct([("odd", repr(type(conduct.ends_with)))], None))
    (folder / "conduct").write_bytes(pickled)
    await _ends_at_once_and_can_be_shown(rig, "agents/plain", file=str(folder / "conduct"))


@pytest.fixture
async def asynchronous(rig: Rig) -> Rig:
    await _agent(rig, "asynchronous", kind="python", config={"callable": "web.hostile_agents:asynchronous"})
    return rig


@pytest.fixture
async def plain(rig: Rig) -> Rig:
    await _agent(rig, "plain", kind="python", config={"callable": "web.hostile_agents:plain"})
    return rig


@pytest.fixture
async def remote(rig: Rig, server: Server) -> Rig:
    await _agent(rig, "remote", kind="http", config={"url": f"http://127.0.0.1:{server.port}/"})
    return rig


@_many(FEW)
@given(conduct=conducts)
async def test_an_async_agent(asynchronous: Rig, conduct: Conduct) -> None:
    await _async_agents(asynchronous, conduct)


@_many(FEW_PROCESSES)
@given(conduct=conducts)
async def test_a_plain_agent(plain: Rig, tmp_path: Path, conduct: Conduct) -> None:
    await _plain_agents(plain, conduct, tmp_path)


@_many(FEW)
@given(response=responses)
async def test_an_agent_behind_http(remote: Rig, server: Server, response: bytes) -> None:
    server.answer = response
    await _ends_at_once_and_can_be_shown(remote, "agents/remote")


@pytest.mark.slow
@_many(MANY)
@given(conduct=conducts)
async def test_many_async_agents(asynchronous: Rig, conduct: Conduct) -> None:
    await _async_agents(asynchronous, conduct)


@pytest.mark.slow
@_many(MANY_PROCESSES)
@given(conduct=conducts)
async def test_many_plain_agents(plain: Rig, tmp_path: Path, conduct: Conduct) -> None:
    await _plain_agents(plain, conduct, tmp_path)


@pytest.mark.slow
@_many(MANY)
@given(response=responses)
async def test_many_agents_behind_http(remote: Rig, server: Server, response: bytes) -> None:
    server.answer = response
    await _ends_at_once_and_can_be_shown(remote, "agents/remote")
