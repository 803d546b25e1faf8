"""Firestore's errors, translated for the port."""

import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest
from google.api_core import exceptions
from google.cloud.firestore import AsyncClient

from ports.documents import NOW, a_run
from tock.core.errors import CommitConflict, InvalidArgument, StoreUnavailable, TockError
from tock.local.tcp_ports import unused_port
from tock.ports.store import Create, RunFilter
from tock.store.errors import commit_error, read_error
from tock.store.firestore import FirestoreStore

CONFLICTS = [exceptions.FailedPrecondition, exceptions.AlreadyExists, exceptions.NotFound]
OUTAGES = [
    exceptions.Aborted,
    exceptions.DeadlineExceeded,
    exceptions.InternalServerError,
    exceptions.PermissionDenied,
    exceptions.ResourceExhausted,
    exceptions.ServiceUnavailable,
    exceptions.Unauthenticated,
    exceptions.Unknown,
]


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        *((error, CommitConflict) for error in CONFLICTS),
        *((error, StoreUnavailable) for error in OUTAGES),
        (exceptions.InvalidArgument, InvalidArgument),
    ],
)
def test_each_error_of_a_commit_has_one_meaning(
    error: type[exceptions.GoogleAPICallError], meaning: type[TockError]
) -> None:
    translated = commit_error(error("said Firestore"))

    assert type(translated) is meaning
    assert "said Firestore" in str(translated)


@pytest.mark.parametrize("error", [*CONFLICTS, *OUTAGES, exceptions.InvalidArgument])
def test_every_error_of_a_read_is_no_answer(error: type[exceptions.GoogleAPICallError]) -> None:
    assert "said Firestore" in str(read_error(error("said Firestore")))


def test_repetitions_in_vain_tell_the_last_cause() -> None:
    error = exceptions.RetryError("Timeout of 10.0s exceeded", cause=exceptions.ServiceUnavailable("said Firestore"))

    translated = commit_error(error)

    assert type(translated) is StoreUnavailable
    assert "UNAVAILABLE: said Firestore" in str(translated)


@pytest.fixture(params=["refuses", "is silent"])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where a database refuses every connection, or accepts it and never answers."""
    if request.param == "refuses":
        yield f"127.0.0.1:{unused_port()}"
        return
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.anyio
async def test_a_database_that_does_not_answer_is_unavailable(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
    client = AsyncClient(project="nowhere")
    store = FirestoreStore(client, shards=8, timeout=timedelta(milliseconds=200))

    for call in (
        store.commit([Create(a_run())]),
        store.run("acme", "run-1"),
        store.due_triggers(until=NOW, limit=1),
        store.runs("acme", matching=RunFilter(), limit=1, token=None),
        store.backlog(until=NOW),
    ):
        with pytest.raises(StoreUnavailable):
            await call

    await client._firestore_api.transport.close()


@pytest.mark.parametrize("shards", [0, 121])
def test_shards_stay_within_what_four_queries_can_ask(shards: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")

    with pytest.raises(ValueError, match="shards"):
        FirestoreStore(AsyncClient(project="nowhere"), shards=shards)


@pytest.mark.parametrize("error", [*CONFLICTS, *OUTAGES, exceptions.InvalidArgument])
def test_no_message_names_the_google_project_or_the_database(error: type[exceptions.GoogleAPICallError]) -> None:
    name = "projects/my-project/databases/(default)/documents/projects/acme/runs/r"
    said = f'Document "{name}" of projects/my-project/databases/tock is too large: {name}.'

    for translated in (commit_error(error(said)), read_error(error(said))):
        assert "my-project" not in str(translated)
        assert "databases" not in str(translated)
        assert 'Document "projects/acme/runs/r"' in str(translated)


@pytest.mark.anyio
async def test_a_conflict_in_the_database_does_not_name_it(store: FirestoreStore, google_project: str) -> None:
    run = a_run()
    await store.commit([Create(value=run)])

    with pytest.raises(CommitConflict) as refused:
        await store.commit([Create(value=run)])

    assert f"projects/{google_project}" not in str(refused.value)
    assert run.id in str(refused.value)
