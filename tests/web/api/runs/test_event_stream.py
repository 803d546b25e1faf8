"""The stream of a run's events, as the host of the function `api` serves it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import functions_framework.aio
import httpx
import pytest
import uvicorn
from google.cloud.firestore import AsyncClient

from tock.app.execution.execute import Delivery, execute
from tock.app.services import Services
from tock.bootstrap.host import pass_on_every_request
from tock.core.timing import Timing
from tock.store.changes import FirestoreChanges
from tock.web.deployment import Access
from waiting import TIMEOUT, until
from web import rig as rigs
from web.api.test_hosting import SOURCE
from web.rig import ADMIN_KEY, ADMIN_KEY_HASH, Rig, created, make_rig, ok, problem
from web.sample_agents import GATES

pytestmark = pytest.mark.anyio
RUNS = "/v1/projects/acme/runs"
GATED = {"id": "gated", "kind": "python", "config": {"callable": "web.sample_agents:gated"}}
WHOLE = [
    *("1 run.created", "1000000 run.started", "1000001 progress", "1000002 progress", "1000003 progress"),
    *("1499998 run.attempt_ended", "1999999 run.settled", "None end"),
]


@dataclass(frozen=True)
class Sent:
    """A server-sent event."""

    id: int | None
    name: str
    data: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.id} {self.name}"


@dataclass(frozen=True)
class Hosted:
    """The API behind a real HTTP server, with the host's application in between."""

    rig: Rig
    url: str

    @asynccontextmanager
    async def stream(self, run: str, **headers: str) -> AsyncIterator[AsyncIterator[Sent]]:
        sent = {"Authorization": f"Bearer {ADMIN_KEY}"} | {name.replace("_", "-"): headers[name] for name in headers}
        async with (
            httpx.AsyncClient(timeout=TIMEOUT) as client,
            client.stream("GET", f"{self.url}{RUNS}/{run}/events:stream", headers=sent) as answer,
        ):
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert answer.headers["cache-control"] == "no-store"
            yield _sent(answer.aiter_lines())

    async def read(self, run: str, **headers: str) -> list[Sent]:
        async with self.stream(run, **headers) as events:
            return [event async for event in events]


@pytest.fixture
async def changes(firestore_client: AsyncClient) -> AsyncIterator[FirestoreChanges]:
    found = FirestoreChanges(firestore_client)
    yield found
    await until(lambda: found.streams == 0)


@pytest.fixture
def services(services: Services, changes: FirestoreChanges) -> Services:
    return replace(services, changes=changes)


@pytest.fixture
async def hosted(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hosted]:
    async with _hosting(rig, tmp_path, monkeypatch) as found:
        created(await rig.api.post("/v1/projects/acme/agents", json=GATED))
        yield found


async def test_a_settled_run_is_replayed_to_its_end(hosted: Hosted) -> None:
    run = await hosted.rig.execute(await hosted.rig.start())

    events = await hosted.read(run["id"])

    assert [str(event) for event in events] == WHOLE
    assert events[2].data == {
        "seq": 1_000_001,
        "at": events[2].data["at"],
        "attempt": 1,
        "kind": "progress",
        "data": {"read": 1},
        "truncated": False,
    }
    assert events[-1].data == {"reason": "settled", "status": "succeeded"}


@pytest.mark.parametrize("last", [0, 1, 1_000_000, 1_000_002, 1_499_998, 1_999_999])
async def test_a_stream_goes_on_after_the_last_event_id(hosted: Hosted, last: int) -> None:
    run = await hosted.rig.execute(await hosted.rig.start())

    events = await hosted.read(run["id"], Last_Event_ID=str(last))

    assert [str(event) for event in events] == [line for line in WHOLE if not 0 < _number(line) <= last]


async def test_events_come_while_the_agent_works(hosted: Hosted) -> None:
    run = await hosted.rig.start("agents/gated")
    gate = GATES[run["id"]] = asyncio.Event()

    async with hosted.stream(run["id"]) as events:
        assert str(await anext(events)) == "1 run.created"
        working = asyncio.create_task(
            execute(hosted.rig.services, Delivery(project="acme", run=run["id"], attempt=1, dispatch=1))
        )
        # The agent waits for the gate: the stream has shown these before the agent ended.
        assert [str(await anext(events)) for _ in range(2)] == ["1000000 run.started", "1000001 progress"]
        gate.set()
        rest = [str(event) async for event in events]

    assert rest == ["1000002 progress", "1499998 run.attempt_ended", "1999999 run.settled", "None end"]
    await working


async def test_a_stream_ends_when_the_process_does(hosted: Hosted) -> None:
    run = await hosted.rig.start()

    async with hosted.stream(run["id"]) as events:
        assert str(await anext(events)) == "1 run.created"
        hosted.rig.services.shutdown.set()

        assert [event.data async for event in events] == [{"reason": "shutdown", "status": "queued"}]


async def test_a_stream_that_lasted_too_long_says_so(
    services: Services, hosted: Hosted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await hosted.rig.start()
    short = replace(services, timing=Timing(longest_stream=timedelta()))
    async with _hosting(make_rig(short, _ACCESS), tmp_path, monkeypatch) as impatient:
        events = await impatient.read(run["id"])

    assert [str(event) for event in events] == ["1 run.created", "None end"]
    assert events[-1].data == {"reason": "too_long", "status": "queued"}


async def test_a_reader_that_leaves_ends_the_listening(hosted: Hosted, changes: FirestoreChanges) -> None:
    run = await hosted.rig.start()

    async with hosted.stream(run["id"]) as events:
        await anext(events)
        assert changes.streams == 1

    await until(lambda: changes.streams == 0)


async def test_a_reader_that_leaves_changes_nothing_of_the_run(hosted: Hosted) -> None:
    run = await hosted.rig.start("agents/gated")
    gate = GATES[run["id"]] = asyncio.Event()
    working = asyncio.create_task(hosted.rig.execute(run))
    for _ in range(2):
        async with hosted.stream(run["id"]) as events:
            assert str(await anext(events)) == "1 run.created"

    gate.set()
    ended = await working

    assert (ended["status"], len(ended["attempts"]), ended["failures"], ended["lost"]) == ("succeeded", 1, 0, 0)
    assert [each["id"] for each in ok(await hosted.rig.api.get(RUNS))["runs"]] == [run["id"]]


async def test_a_stream_of_no_run_is_not_found(hosted: Hosted) -> None:
    problem(await hosted.rig.api.get(f"{RUNS}/nobody/events:stream"), 404)


@pytest.mark.parametrize("given", ["x", "-1", "1.5", "9" * 16, "1 2"])
async def test_what_is_no_event_id_is_refused(hosted: Hosted, given: str) -> None:
    run = await hosted.rig.start()

    answer = await hosted.rig.api.get(f"{RUNS}/{run['id']}/events:stream", headers={"Last-Event-ID": given})

    assert problem(answer, 400)["errors"][0]["field"] == "Last-Event-ID"


async def test_no_kind_of_an_agent_ends_a_stream_or_breaks_its_lines(hosted: Hosted) -> None:
    run = await hosted.rig.start(
        "agents/gated", input={"payload": {"kinds": ["end", "a\nid: 7\n\nevent: end", "unreadable"]}}
    )
    GATES[run["id"]] = asyncio.Event()
    GATES[run["id"]].set()
    await hosted.rig.execute(run)

    events = await hosted.read(run["id"])

    assert [str(event) for event in events[2:-3]] == [
        *("1000001 progress", "1000002 agent.end", "1000003 a id: 7  event: end", "1000004 agent.unreadable"),
        "1000005 progress",
    ]
    assert events[3].data["kind"] == "end"


_ACCESS = Access(admin_key_hash=ADMIN_KEY_HASH, keys=True)


@asynccontextmanager
async def _hosting(rig: Rig, folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hosted]:
    """Serve the API by uvicorn behind the framework's application, as main.py has it made."""
    with monkeypatch.context() as patch:
        patch.setattr(functions_framework.aio, "Starlette", functions_framework.aio.Starlette)
        pass_on_every_request()
        (folder / "main.py").write_text(SOURCE)
        rigs.HOSTED[:] = [rig.api._transport.app]  # type: ignore[attr-defined] # the app of this client
        host = functions_framework.aio.create_asgi_app("api", str(folder / "main.py"))
    config = uvicorn.Config(host, host="127.0.0.1", port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Hosted(rig=rig, url=f"http://127.0.0.1:{port}")
    server.should_exit = True
    await serving


async def _sent(lines: AsyncIterator[str]) -> AsyncIterator[Sent]:
    fields: dict[str, str] = {}
    async for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "event" in fields:
            number = fields.get("id")
            yield Sent(None if number is None else int(number), fields["event"], json.loads(fields["data"]))
            fields = {}


def _number(line: str) -> int:
    word = line.partition(" ")[0]
    return int(word) if word.isdecimal() else 0
