"""The adapters that keep the store's contract, each behind the same fixtures."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from google.cloud.firestore import AsyncClient

from tock.ports.store import Store
from tock.store.firestore import FirestoreStore

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

    return Adapter(store=FirestoreStore(firestore_client, shards=8), spoil=spoil)


@pytest.fixture(params=["firestore"])
def adapter(request: pytest.FixtureRequest) -> Adapter:
    made: Adapter = request.getfixturevalue(f"{request.param}_adapter")
    return made


@pytest.fixture
def store(adapter: Adapter) -> Store:
    return adapter.store


@pytest.fixture
def spoil(adapter: Adapter) -> Spoil:
    return adapter.spoil
