"""The adapters of the ports `store` and `queue`, each behind the same fixtures."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from google.cloud.firestore import AsyncClient

from local.cloud_tasks.target import Target
from model.queue import ModelQueue
from model.store import ModelStore
from ports.model_queue_delivery import delivering
from ports.queues import now
from tock.local.cloud_tasks.clock import SystemClock
from tock.ports.queue import Queue
from tock.ports.store import Document, Store
from tock.store.documents.paths import path_of
from tock.store.firestore import FirestoreStore
from waiting import TIMEOUT

Overwrite = Callable[[Document, Mapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Adapter:
    """A store, and a function that overwrites stored fields of a document in it, as a writer other than Tock could."""

    store: Store
    overwrite: Overwrite


@pytest.fixture
def firestore_adapter(firestore_client: AsyncClient) -> Adapter:
    async def overwrite(document: Document, fields: Mapping[str, Any]) -> None:
        await firestore_client.document(path_of(document)).update(dict(fields))

    return Adapter(
        store=FirestoreStore(firestore_client, shards=8, timeout=timedelta(seconds=TIMEOUT)), overwrite=overwrite
    )


@pytest.fixture
def model_adapter() -> Adapter:
    made = ModelStore(SystemClock().now, shards=8)

    async def overwrite(document: Document, fields: Mapping[str, Any]) -> None:
        made.overwrite(document, fields=fields)

    return Adapter(store=made, overwrite=overwrite)


@pytest.fixture(params=["firestore", "model"])
def adapter(request: pytest.FixtureRequest) -> Adapter:
    made: Adapter = request.getfixturevalue(f"{request.param}_adapter")
    return made


@pytest.fixture
def store(adapter: Adapter) -> Store:
    return adapter.store


@pytest.fixture
def overwrite(adapter: Adapter) -> Overwrite:
    return adapter.overwrite


@pytest.fixture
async def model_queue(target: Target) -> AsyncIterator[ModelQueue]:
    queue = ModelQueue(now)
    async with delivering(queue, url=target.url, now=now):
        yield queue


@pytest.fixture(params=["cloud_tasks", "model"])
def queue(request: pytest.FixtureRequest) -> Queue:
    made: Queue = request.getfixturevalue(f"{request.param}_queue")
    return made
