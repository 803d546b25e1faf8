"""The live events of a run, and how a stream goes on after the connection broke."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

import tock
from client.conftest import Hosted
from client.scripted import Answer, scripted
from tock import AsyncClient, Client
from tock.app.execution.execute import Delivery, execute
from tock.client.server_sent import EndOfStream, StreamReader, UnreadableEvents
from tock.core.run.events.event import Event
from web.rig import ADMIN_KEY, created
from web.sample_agents import GATES

pytestmark = pytest.mark.anyio
GATED = {"id": "gated", "kind": "python", "config": {"callable": "web.sample_agents:gated"}}
KINDS = ["run.created", "run.started", "progress", "progress", "run.attempt_ended", "run.settled"]


async def test_events_come_while_the_agent_works_until_the_run_is_settled(hosted: Hosted) -> None:
    created(await hosted.rig.api.post("/v1/projects/acme/agents", json=GATED))
    async with hosted.client() as client:
        run = await client.agents.run("gated")
        gate = GATES[run.id] = asyncio.Event()
        events = run.events()
        first = await anext(events)
        working = asyncio.create_task(
            execute(hosted.rig.services, Delivery(project="acme", run=run.id, attempt=1, dispatch=1))
        )
        seen = [first, await anext(events), await anext(events)]
        gate.set()
        seen += [event async for event in events]
        rest = [event.kind async for event in run.events(since=seen[2].seq)]

    assert [event.kind for event in seen] == KINDS
    assert [event.data for event in seen[2:4]] == [{"read": 1}, {"read": 2}]
    assert rest == KINDS[3:]
    await working


@dataclass
class Cutting:
    """A connection to the API that breaks, each time, after so many bytes of the answer."""

    port: int
    bytes: int = 700
    connections: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        upstream, downstream = await asyncio.open_connection("127.0.0.1", self.port)
        sending = asyncio.create_task(_copy(reader, downstream))
        answered = 0
        while answered < self.bytes and (data := await upstream.read(self.bytes - answered)):
            writer.write(data)
            await writer.drain()
            answered += len(data)
        sending.cancel()
        for each in (downstream, writer):
            each.close()
            with suppress(ConnectionError):
                await each.wait_closed()
        with suppress(asyncio.CancelledError):
            await sending


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1000):
        writer.write(data)


@asynccontextmanager
async def cutting(hosted: Hosted) -> AsyncIterator[tuple[AsyncClient, Cutting]]:
    found = Cutting(port=int(hosted.url.rpartition(":")[2]))
    server = await asyncio.start_server(found.pass_on, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, AsyncClient(f"http://127.0.0.1:{port}", project="acme", key=ADMIN_KEY) as client:
        yield client, found


@pytest.mark.slow
async def test_a_stream_that_breaks_goes_on_after_the_last_event(
    hosted: Hosted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tock.client._async.event_stream.PAUSE", 0)
    run = await hosted.rig.execute(await hosted.rig.start())

    async with cutting(hosted) as (client, connection):
        events = [event async for event in client.runs.stream_events(run["id"])]

    assert [event.kind for event in events] == [*KINDS[:3], "progress", *KINDS[3:]]
    assert len({event.seq for event in events}) == len(events)
    assert connection.connections > 1


async def test_a_stream_that_never_brings_an_event_ends_with_the_reason(
    hosted: Hosted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tock.client._async.event_stream.PAUSE", 0)
    monkeypatch.setattr("tock.client._async.event_stream.MOST_BREAKS", 3)
    run = await hosted.rig.start()

    async with cutting(hosted) as (client, connection):
        connection.bytes = 260  # the header of the answer, and no event
        with pytest.raises(tock.ConnectionFailed, match="answers, but not as a web server does"):
            [event async for event in client.runs.stream_events(run["id"])]

    assert connection.connections == 4


def test_a_stream_that_is_closed_again_and_again_ends_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tock.client._sync.event_stream.PAUSE", 0)
    monkeypatch.setattr("tock.client._sync.event_stream.MOST_BREAKS", 3)
    quiet = Answer(body=b"retry: 1000\n\n: quiet\n\n", headers={"Content-Type": "text/event-stream"})

    with (
        scripted([quiet]) as server,
        Client(server.url, project="p") as client,
        pytest.raises(tock.ConnectionFailed, match="ends the events of a run without saying why"),
    ):
        list(client.runs.stream_events("r"))

    assert len(server.requests) == 4


async def test_a_stream_that_cannot_be_opened_raises_at_once(hosted: Hosted) -> None:
    async with hosted.client() as client:
        with pytest.raises(tock.NotFound, match="There is no run 'nobody'"):
            await anext(client.runs.stream_events("nobody"))


async def test_a_reader_that_stops_reading_ends_the_stream(hosted: Hosted) -> None:
    run = await hosted.rig.start()

    async with hosted.client() as client:
        async for event in client.runs.stream_events(run["id"]):
            assert event.kind == "run.created"
            break


def read(*lines: str) -> list[object]:
    reader = StreamReader(server="https://tock.test", since=0)
    return [found for line in lines if (found := reader.read(line)) is not None]


def test_unreadable_events_come_in_their_place_with_an_events_members() -> None:
    [found] = read("id: 9", "event: unreadable", 'data: {"id": "7-9", "problem": "no list"}', "")

    assert found == UnreadableEvents(seq=9, data={"id": "7-9", "problem": "no list"})
    assert (found.kind, found.at, found.attempt, found.truncated) == ("unreadable", None, None, False)


@pytest.mark.parametrize(
    ("reason", "is_final"), [("settled", True), ("gone", True), ("too_long", False), ("shutdown", False)]
)
def test_an_end_says_whether_anything_follows(reason: str, is_final: bool) -> None:  # noqa: FBT001 - a parameter
    assert read("event: end", f'data: {{"reason": "{reason}"}}', "") == [EndOfStream(final=is_final)]


def test_an_event_that_an_agent_calls_end_is_an_event() -> None:
    event = '{"seq": 3, "at": "2027-01-01T00:00:00Z", "attempt": 1, "kind": "end", "data": null, "new": 1}'

    [found] = read("retry: 1000", "", ": quiet", "", "id: 3", "event: agent.end", f"data: {event}", "")

    assert isinstance(found, Event)
    assert found.kind == "end"


@pytest.mark.parametrize("data", ["", "[]", "{", '{"seq": 1}', "[" * 100_000, "null"])
def test_what_is_no_event_is_named(data: str) -> None:
    with pytest.raises(tock.NotTock, match=r"https://tock\.test sends what is no event of a run"):
        read("id: 1", "event: progress", f"data: {data}", "")
