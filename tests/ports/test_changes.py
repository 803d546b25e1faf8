"""The contract of the port `changes`, which each adapter keeps."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
from google.cloud.firestore import AsyncClient

from chaos.faults.proxy import Proxy
from model.changes import ModelChanges
from model.store import ModelStore
from ports.documents import NOW, a_chunk, a_run
from tock.core.errors import StoreUnavailable
from tock.core.run.messages.signal import Signal, SignalKind
from tock.core.run.run import Run
from tock.local.cloud_tasks.clock import SystemClock
from tock.ports.changes import Changes, EventChanges, News, RunChanges, SignalChanges
from tock.ports.store import Change, Create, Store, Versioned
from tock.store.changes import FirestoreChanges
from tock.store.firestore import FirestoreStore
from waiting import TIMEOUT, until

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Adapter:
    """A store, and what tells of its changes."""

    store: Store
    changes: Changes


@pytest.fixture
async def firestore(firestore_client: AsyncClient) -> AsyncIterator[Adapter]:
    changes = FirestoreChanges(firestore_client)
    yield Adapter(store=FirestoreStore(firestore_client, shards=8), changes=changes)
    await until(lambda: changes.streams == 0)


@pytest.fixture
def model() -> Adapter:
    store = ModelStore(SystemClock().now)
    return Adapter(store=store, changes=ModelChanges(store))


@pytest.fixture(params=["firestore", "model"])
def told(request: pytest.FixtureRequest) -> Adapter:
    made: Adapter = request.getfixturevalue(request.param)
    return made


async def test_a_change_of_the_run_is_news(told: Adapter) -> None:
    run = await created(told.store)

    async with told.changes.listen(RunChanges("acme", "run-1")) as news:
        await heard(news)
        await told.store.commit([Change(before=run, after=run.value.model_copy(update={"reason": "later"}))])

        await heard(news)


@pytest.mark.parametrize("kind", ["events", "signals"])
async def test_further_events_and_signals_are_news(told: Adapter, kind: str) -> None:
    await created(told.store)
    subject = EventChanges("acme", "run-1") if kind == "events" else SignalChanges("acme", "run-1")

    async with told.changes.listen(subject, RunChanges("acme", "run-1")) as news:
        await heard(news)
        for number in (1, 2):
            await told.store.commit([Create(a_chunk(number, number + 1) if kind == "events" else a_signal(number))])

            await heard(news)


async def test_what_came_before_somebody_listened_is_news(told: Adapter) -> None:
    await created(told.store)
    await told.store.commit([Create(a_signal(1)), Create(a_signal(2))])

    async with told.changes.listen(SignalChanges("acme", "run-1", since=1)) as news:
        await heard(news)


async def test_what_the_listener_has_read_is_no_news(told: Adapter) -> None:
    await created(told.store)
    await told.store.commit([Create(a_signal(1)), Create(a_chunk(1, 2))])

    async with (
        told.changes.listen(SignalChanges("acme", "run-1", since=1)) as of_signals,
        told.changes.listen(EventChanges("acme", "run-1", since=2)) as of_events,
        told.changes.listen(RunChanges("acme", "run-1")) as of_the_run,
    ):
        # The answers about the targets come in their order, so those to the first two have come by now.
        await heard(of_the_run)

        assert not of_signals._told.is_set()
        assert not of_events._told.is_set()


async def test_each_listener_hears_of_its_own_run_only(told: Adapter) -> None:
    await created(told.store)

    async with (
        told.changes.listen(SignalChanges("acme", "run-2")) as of_another,
        told.changes.listen(SignalChanges("acme", "run-1"), RunChanges("acme", "run-1")) as of_this,
    ):
        await heard(of_this)
        await told.store.commit([Create(a_signal(1))])
        await heard(of_this)

        assert not of_another._told.is_set()


async def test_who_listens_again_hears_again(told: Adapter) -> None:
    await created(told.store)

    for number in (1, 2):
        subjects = SignalChanges("acme", "run-1", since=number - 1), RunChanges("acme", "run-1")
        async with told.changes.listen(*subjects) as news:
            # The emulator may miss a Commit that comes just when the stream is opened.
            await heard(news)
            await told.store.commit([Create(a_signal(number))])

            await heard(news)


async def test_ids_that_no_document_can_have_bring_no_news(told: Adapter) -> None:
    async with told.changes.listen(RunChanges("acme", "../up"), SignalChanges("", "")) as news:
        assert not news._told.is_set()


async def test_a_stream_is_open_only_while_somebody_listens(firestore: Adapter) -> None:
    changes = firestore.changes
    assert isinstance(changes, FirestoreChanges)

    async with changes.listen(RunChanges("acme", "run-1")):
        async with changes.listen(RunChanges("acme", "run-2"), RunChanges("acme", "run-3")):
            assert changes.streams == 1
        assert changes.streams == 1

    await until(lambda: changes.streams == 0)


async def test_a_stream_that_broke_is_opened_again_and_goes_on(
    firestore_client: AsyncClient, google_project: str, firestore_emulator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FirestoreStore(firestore_client, shards=8)
    run = await created(store)
    proxy = Proxy([int(firestore_emulator.rpartition(":")[2])])
    async with proxy.serving():
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{proxy.port}")
        client = AsyncClient(project=google_project)
        changes = FirestoreChanges(client)

        async with changes.listen(RunChanges("acme", "run-1")) as news:
            await heard(news)
            assert proxy.reset() == 1
            await changed(store, run)

            await heard(news)

        await until(lambda: changes.streams == 0)
        await client._firestore_api.transport.close()


async def created(store: Store) -> Versioned[Run]:
    version = await store.commit([Create(a_run())])
    return Versioned(value=a_run(), version=version)


async def changed(store: Store, run: Versioned[Run]) -> None:
    """Change the run, once.

    The emulator answers a Commit with an error, whether it was made or not, if it wants to tell of it on a stream that
    has just been broken.
    """
    with suppress(StoreUnavailable):
        await store.commit([Change(before=run, after=run.value.model_copy(update={"reason": "later"}))])
        return
    found = await store.run("acme", "run-1")
    assert found is not None
    if found.value.reason != "later":
        await store.commit([Change(before=found, after=found.value.model_copy(update={"reason": "later"}))])


def a_signal(number: int) -> Signal:
    return Signal(
        project="acme", run="run-1", number=number, kind=SignalKind.STEER, by="ada", at=NOW, request="r", expire_at=NOW
    )


async def heard(news: News) -> None:
    await asyncio.wait_for(news.wait(), TIMEOUT)
