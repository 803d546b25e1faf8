"""How many runs are put in order without an index."""

from typing import Any

import pytest
from google.cloud.firestore import AsyncClient

from ports.documents import MINUTE, NOW, a_run
from tock.core.errors import InvalidArgument
from tock.core.run.order import RunOrder
from tock.ports.store import Create, RunFilter
from tock.store.firestore import FirestoreStore
from tock.store.queries.run_listing import page_of_runs
from tock.store.rpc import FirestoreRpc

pytestmark = pytest.mark.anyio


@pytest.fixture
def store(firestore_client: AsyncClient) -> FirestoreStore:
    return FirestoreStore(firestore_client, shards=64, most_sorted=3)


@pytest.mark.parametrize("order", [RunOrder.STARTED, RunOrder.DURATION, RunOrder.COST])
async def test_more_runs_than_can_be_put_in_order_are_refused_with_what_to_do(
    store: FirestoreStore, order: RunOrder
) -> None:
    runs = [a_run(f"r{n}", shard=9 * n, scheduled_for=NOW + n * MINUTE, started=NOW, finished=NOW) for n in range(4)]
    await store.commit([Create(run) for run in runs])

    with pytest.raises(InvalidArgument) as refused:
        await store.runs("acme", matching=RunFilter(), limit=1, token=None, order=order)
    fewer = await store.runs("acme", matching=RunFilter(since=NOW + MINUTE), limit=9, token=None, order=order)

    assert "sort: more than 3 runs match, too many to put in the order of" in str(refused.value)
    assert "name fewer, with since and until" in str(refused.value)
    assert [run.id for run in fewer.items] == ["r3", "r2", "r1"]


class CountedReads(FirestoreRpc):
    """Counts the documents that queries return."""

    read = 0

    async def query(self, parent: str, query: Any) -> list[Any]:
        found = await super().query(parent, query)
        self.read += len(found)
        return found


@pytest.mark.parametrize("matching", [RunFilter(), RunFilter(trigger="morning")])
async def test_those_that_are_refused_are_counted_and_not_read(
    store: FirestoreStore, firestore_client: AsyncClient, matching: RunFilter
) -> None:
    await store.commit([Create(a_run(f"r{n}", trigger="morning", shard=n)) for n in range(4)])
    rpc = CountedReads(firestore_client)

    with pytest.raises(InvalidArgument):
        await page_of_runs(
            rpc,
            project="acme",
            matching=matching,
            order=RunOrder.COST,
            limit=1,
            token=None,
            shards=range(64),
            most_sorted=3,
        )

    assert rpc.read == 0


async def test_the_order_of_scheduled_for_has_no_such_bound(store: FirestoreStore) -> None:
    await store.commit([Create(a_run(f"r{n}", shard=n)) for n in range(5)])

    page = await store.runs("acme", matching=RunFilter(), limit=9, token=None)

    assert len(page.items) == 5
