"""`tock cost` computes with the operations that the benchmarks count."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from google.cloud.firestore_v1 import types

from benchmarks.instruments.index_entries import index_entries
from benchmarks.instruments.record_size import document_bytes
from benchmarks.load.seeding import PROJECT
from benchmarks.rounds.counted_runs import Costs, _counted, _share, _without_fixed, idle_tick, long, ordinary
from benchmarks.stack.deployment import Deployment
from benchmarks.stack.emulators import FIRESTORE, Emulators, emulators, named
from queries.indexes import Index, declared, exempt
from tock.core.cost import operations as cost_counts
from tock.core.cost.operations import Operations

pytestmark = pytest.mark.slow
#: Ids and names differ in length from one deployment to the next.
_ABOUT = 0.1


@pytest.fixture(scope="module")
async def running(firestore_emulator: str) -> AsyncIterator[Emulators]:
    with named(FIRESTORE, firestore_emulator):
        async with emulators() as both:
            yield both


@pytest.mark.anyio
async def test_a_run_a_heartbeat_and_a_tick_cost_what_the_bill_says(running: Emulators) -> None:
    tick, execution = await ordinary(running, overlap="skip", runs=2)
    longer = await long(running, runs=1, heartbeats=1)
    idle = await idle_tick(running)

    run = {kind: tick[kind] + execution[kind] for kind in tick}
    heartbeat = {kind: longer[kind] - execution[kind] for kind in tick}
    assert (_operations(run), _operations(heartbeat), _operations(idle)) == (
        cost_counts.RUN,
        cost_counts.HEARTBEAT,
        cost_counts.TICK,
    )
    assert run["deletes"] == idle["deletes"] == 0


@pytest.mark.anyio
async def test_a_run_that_may_overlap_another_reads_one_document_less(running: Emulators) -> None:
    tick, execution = await ordinary(running, overlap="parallel", runs=2)

    run = {kind: tick[kind] + execution[kind] for kind in tick}
    assert run == {"reads": 2, "writes": 4, "deletes": 0, "tasks": 1}


@pytest.mark.anyio
async def test_a_query_that_finds_nothing_counts_as_a_read_of_the_runs_that_made_it(running: Emulators) -> None:
    async with _counted(running) as counted:
        for _ in range(3):
            assert not await counted.deployment.services.store.overdue_runs(until=counted.clock.now(), limit=1)
        counts = counted.counter.take()

    assert (_share(counts, 3)["reads"], _share(_without_fixed(counts), 2)["reads"]) == (1, 1)


@pytest.mark.anyio
async def test_a_settled_run_and_its_index_entries_are_what_the_bill_says(running: Emulators) -> None:
    async with _counted(running) as counted:
        await counted.create(1, every=timedelta(minutes=10), overlap="skip")
        await counted.tick()
        await counted.execute(await counted.deliveries())
        run = await _only_run(counted.deployment)

    entries = index_entries(run, indexes=declared(), exempt=exempt())
    assert document_bytes(run) == pytest.approx(cost_counts.RECORD_BYTES, rel=_ABOUT)
    assert len(entries) == cost_counts.INDEX_ENTRIES
    assert mean(entries) == pytest.approx(cost_counts.INDEX_ENTRY_BYTES, rel=_ABOUT)


def test_a_document_is_as_large_as_in_the_example_of_the_vendor() -> None:
    assert document_bytes(_example()) == 147


@pytest.mark.parametrize(
    ("scope", "fields", "size"),
    [
        ("COLLECTION", ("done",), 109),
        ("COLLECTION_GROUP", ("done",), 98),
        ("COLLECTION", ("done", "priority"), 112),
        ("COLLECTION_GROUP", ("done", "priority"), 85),
    ],
)
def test_an_index_entry_is_as_large_as_in_the_example_of_the_vendor(
    scope: str, fields: tuple[str, ...], size: int
) -> None:
    index = Index("tasks", scope, tuple((field, "ASCENDING") for field in fields))

    assert index_entries(_example(), indexes=[index], exempt=["tasks"]) == [size]


def test_a_document_has_no_entry_in_an_index_of_a_field_that_it_lacks_or_of_another_collection() -> None:
    lacking = Index("tasks", "COLLECTION", (("done", "ASCENDING"), ("due", "ASCENDING")))
    other = Index("users", "COLLECTION", (("done", "ASCENDING"),))

    assert index_entries(_example(), indexes=[lacking, other], exempt=["tasks"]) == []


def test_a_collection_without_an_exemption_has_two_entries_for_each_field() -> None:
    assert len(index_entries(_example(), indexes=[], exempt=[])) == 2 * 4


def test_the_counts_name_a_command_that_exists() -> None:
    target = cost_counts.COUNTED_BY.removeprefix("make ")

    assert f"\n{target}:" in (Path(__file__).parents[2] / "Makefile").read_text()


def _operations(costs: Costs) -> Operations:
    return Operations(reads=costs["reads"], writes=costs["writes"], tasks=costs["tasks"])


def _example() -> Any:
    """Return users/jeff/tasks/my_task_id of Firestore, "Storage size calculations"."""
    document = types.Document.pb()(name="projects/p/databases/(default)/documents/users/jeff/tasks/my_task_id")
    document.fields["type"].string_value = "Personal"
    document.fields["done"].boolean_value = False
    document.fields["priority"].integer_value = 1
    document.fields["description"].string_value = "Learn Cloud Firestore"
    return document


async def _only_run(deployment: Deployment) -> Any:
    parent = f"{deployment.firestore._database_string}/documents/projects/{PROJECT}"
    request = types.ListDocumentsRequest(parent=parent, collection_id="runs")
    [run] = [run async for run in await deployment.firestore._firestore_api.list_documents(request=request)]
    return types.Document.pb(run)
