"""Calls of Firestore that fail at first: which are made again, and how long. A server says what each call comes to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.api_core.exceptions import RetryError, ServiceUnavailable
from google.api_core.retry import if_exception_type
from google.cloud.firestore import AsyncClient
from google.cloud.firestore_v1 import types

from ports.documents import a_run
from tock.core.errors import CommitConflict, StoreUnavailable
from tock.google_rpc import with_retries
from tock.ports.store import Create, Versioned
from tock.store.documents.commit import write_messages
from tock.store.firestore import FirestoreStore
from waiting import TIMEOUT

pytestmark = pytest.mark.anyio

NAME = "projects/p/databases/(default)/documents/projects/acme/runs/run-1"
MISSING = grpc.StatusCode.NOT_FOUND
#: How long a call may take, if it must not fail for that.
PATIENT = timedelta(seconds=TIMEOUT)
Status = grpc.StatusCode
Connect = Callable[..., FirestoreStore]


class Server(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc is typed in part only
    """Answers the calls of each RPC with these statuses in turn, then with success."""

    def __init__(self) -> None:
        self.statuses: list[grpc.StatusCode] = []
        self.called: list[str] = []
        self.metadata: dict[str, str] = {}

    def service(self, details: Any) -> Any:
        method = details.method.rpartition("/")[2]
        self.metadata = {key: value for key, value in details.invocation_metadata if isinstance(value, str)}
        if method == "BatchGetDocuments":
            return grpc.unary_stream_rpc_method_handler(self._stream)
        answer = _stored() if method == "GetDocument" else types.CommitResponse.pb()(commit_time={"seconds": 7})

        async def unary(_request: bytes, context: Any) -> bytes:
            await self._called(method, context)
            encoded: bytes = answer.SerializeToString()
            return encoded

        return grpc.unary_unary_rpc_method_handler(unary)

    async def _stream(self, _request: bytes, context: Any) -> AsyncIterator[bytes]:
        await self._called("BatchGetDocuments", context)
        yield types.BatchGetDocumentsResponse.pb()(missing=NAME).SerializeToString()

    async def _called(self, method: str, context: Any) -> None:
        self.called.append(method)
        if self.statuses:
            await context.abort(self.statuses.pop(0), "said the server")


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def connect(server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Connect]:
    running = grpc.aio.server(handlers=[server])
    port = running.add_insecure_port("127.0.0.1:0")
    await running.start()
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{port}")
    client = AsyncClient(project="p")

    yield lambda patience=PATIENT: FirestoreStore(client, shards=8, timeout=patience)

    await client._firestore_api.transport.close()
    await running.stop(None)


@pytest.mark.parametrize("status", [Status.UNAVAILABLE, Status.ABORTED, Status.RESOURCE_EXHAUSTED, Status.INTERNAL])
async def test_a_read_goes_on_after_failures_that_pass(
    server: Server, connect: Connect, status: grpc.StatusCode
) -> None:
    server.statuses = [status, status]

    found = await connect().run("acme", "run-1")

    assert found == Versioned(a_run(), 5 * 10**9)
    assert server.called == ["GetDocument"] * 3


async def test_a_commit_goes_on_after_failures_that_pass(server: Server, connect: Connect) -> None:
    server.statuses = [Status.UNAVAILABLE, Status.ABORTED]

    assert await connect().commit([Create(a_run())]) == 7 * 10**9
    assert server.called == ["Commit"] * 3


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (Status.FAILED_PRECONDITION, CommitConflict),
        (Status.ALREADY_EXISTS, CommitConflict),
        (Status.INTERNAL, StoreUnavailable),
        (Status.DEADLINE_EXCEEDED, StoreUnavailable),
    ],
)
async def test_a_commit_that_is_refused_or_ambiguous_is_sent_once(
    server: Server, connect: Connect, status: grpc.StatusCode, error: type[Exception]
) -> None:
    server.statuses = [status]

    with pytest.raises(error, match="said the server"):
        await connect().commit([Create(a_run())])

    assert server.called == ["Commit"]


async def test_failures_that_do_not_pass_end_with_the_last_cause(server: Server, connect: Connect) -> None:
    store = connect(timedelta(milliseconds=300))
    server.statuses = [Status.UNAVAILABLE] * 1000

    for call in (store.commit([Create(a_run())]), store.run("acme", "run-1")):
        with pytest.raises(StoreUnavailable, match="UNAVAILABLE: said the server"):
            await call


async def test_pauses_lie_between_tries(server: Server, connect: Connect) -> None:
    """Without pauses, hundreds of calls fit into the time."""
    server.statuses = [Status.UNAVAILABLE] * 10_000

    with pytest.raises(StoreUnavailable):
        await connect(timedelta(seconds=1)).commit([Create(a_run())])

    assert len(server.called) < 100


async def test_no_call_is_made_again_after_its_time() -> None:
    calls = 0

    async def slow() -> None:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0.2)
        raise ServiceUnavailable("said the server")

    with pytest.raises(RetryError):
        await with_retries(slow, retried=if_exception_type(ServiceUnavailable), seconds=0.2)

    assert calls == 1


async def test_a_document_that_is_not_found_is_none(server: Server, connect: Connect) -> None:
    server.statuses = [MISSING]

    assert await connect().run("acme", "run-1") is None


async def test_a_database_that_is_not_found_is_no_document_that_is_not_found(server: Server, connect: Connect) -> None:
    server.statuses = [MISSING, MISSING]

    with pytest.raises(StoreUnavailable, match="NOT_FOUND: said the server"):
        await connect().run("acme", "run-1")


async def test_each_call_says_where_it_is_routed(server: Server, connect: Connect) -> None:
    store = connect()

    await store.run("acme", "run-1")
    read = server.metadata
    await store.commit([Create(a_run())])

    assert read["x-goog-request-params"].startswith("name=projects/p/databases/")
    assert server.metadata["x-goog-request-params"].startswith("database=projects/p/databases/")
    assert read["google-cloud-resource-prefix"] == "projects/p/databases/(default)"


async def test_two_stores_may_share_a_client(connect: Connect) -> None:
    found = await asyncio.gather(*(connect().run("acme", "run-1") for _ in range(2)))

    assert len(found) == 2
    assert None not in found


def _stored() -> Any:
    [write] = write_messages([Create(a_run())], documents=NAME.partition("/projects/acme")[0])
    write.update.update_time.seconds = 5
    return write.update
