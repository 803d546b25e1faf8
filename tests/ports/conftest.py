"""The adapters that keep the contracts of the store and of the queue, each behind the same fixtures."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from google.cloud.firestore import AsyncClient

from local.cloud_tasks.cloud_tasks_target import Target
from model.queue import ModelQueue
from model.store import ModelStore
from ports.model_courier import delivering
from ports.queues import now
from tock.local.cloud_tasks.clock import SystemClock
from tock.ports.queue import Queue
from tock.ports.store import Store
from tock.store.firestore import FirestoreStore
from waiting import TIMEOUT

Spoil = Callable[[str, str, Mapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Adapter:
    """A store, and a way to spoil a trigger that it keeps: these stored fields are overwritten."""

    store: Store
    spoil: Spoil


@pytest.fixture
def firestore_adapter(firestore_client: AsyncClient) -> Adapter:
    async def spoil(project: str, trigger: str, fields: Mapping[str, Any]) -> None:
        await firestore_client.document("projects", project, "triggers", trigger).update(dict(fields))

    return Adapter(store=FirestoreStore(firestore_client, shards=8, patience=timedelta(seconds=TIMEOUT)), spoil=spoil)


@pytest.fixture
def model_adapter() -> Adapter:
    made = ModelStore(SystemClock().now, shards=8)

    async def spoil(project: str, trigger: str, fields: Mapping[str, Any]) -> None:
        made.spoil(project, trigger, fields=fields)

    return Adapter(store=made, spoil=spoil)


@pytest.fixture(params=["firestore", "model"])
def adapter(request: pytest.FixtureRequest) -> Adapter:
    made: Adapter = request.getfixturevalue(f"{request.param}_adapter")
    return made


@pytest.fixture
def store(adapter: Adapter) -> Store:
    return adapter.store


@pytest.fixture
def spoil(adapter: Adapter) -> Spoil:
    return adapter.spoil


@pytest.fixture
async def model_queue(target: Target) -> AsyncIterator[ModelQueue]:
    queue = ModelQueue(now)
    async with delivering(queue, url=target.url, now=now):
        yield queue


@pytest.fixture(params=["cloud_tasks", "model"])
def queue(request: pytest.FixtureRequest) -> Queue:
    made: Queue = request.getfixturevalue(f"{request.param}_queue")
    return made
