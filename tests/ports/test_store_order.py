"""The order that every store guarantees: ties, positions and bounds."""

import asyncio
import itertools
from datetime import timedelta

import pytest

from ports.documents import MINUTE, NOW, a_chunk, a_run, a_trigger, an_agent
from tock.core.errors import CommitConflict
from tock.core.time.stamp import Stamp
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable
from tock.ports.store import Change, Create, Delete, Document, RunFilter, Store, Versioned

pytestmark = pytest.mark.anyio

#: Ids as Firestore orders them: by byte, and a project's documents before those of any longer name.
IDS = ("10", "9", "X", "x", "x-y", "x.y", "x_y", "xy")
PROJECTS = ("A", "a", "a-b", "a.b", "a_b", "ab")
TIMES = [NOW, NOW + timedelta(microseconds=1), NOW + timedelta(milliseconds=1), NOW + MINUTE]


async def test_due_triggers_of_one_time_come_by_project_and_then_by_id(store: Store) -> None:
    names = list(itertools.product(PROJECTS, IDS))
    await store.commit([Create(a_trigger(t, project=p, shard=n % 8)) for n, (p, t) in enumerate(reversed(names))])

    page = await store.due_triggers(until=NOW, limit=100)
    rest = await store.due_triggers(until=NOW, limit=100, cursor=(await store.due_triggers(until=NOW, limit=17)).cursor)

    assert [_name(trigger) for trigger in page.triggers] == names
    assert [_name(trigger) for trigger in rest.triggers] == names[17:]


async def test_overdue_runs_of_one_time_come_by_project_and_then_by_id(store: Store) -> None:
    names = list(itertools.product(PROJECTS, IDS))
    runs = [a_run(r, project=p, shard=n % 8, check_at=NOW) for n, (p, r) in enumerate(reversed(names))]
    await store.commit([Create(run) for run in runs])

    found = await store.overdue_runs(until=NOW, limit=40)

    assert [(run.value.project, run.value.id) for run in found if isinstance(run, Versioned)] == names[:40]


async def test_listings_of_one_time_come_by_falling_id(store: Store) -> None:
    documents: list[Document] = [*map(a_run, IDS), *map(a_trigger, IDS), *map(an_agent, IDS)]
    await store.commit([Create(document) for document in documents])

    runs = await store.runs("acme", matching=RunFilter(), limit=100, token=None)
    triggers = await store.triggers("acme", limit=100, token=None)
    agents = await store.agents("acme", limit=100, token=None)

    for page in (runs, triggers, agents):
        assert [document.id for document in page.items] == list(reversed(IDS))


async def test_times_are_told_apart_to_the_microsecond(store: Store) -> None:
    triggers = [a_trigger(f"t{n}", next_run_at=at) for n, at in enumerate(reversed(TIMES))]
    runs = [a_run(f"r{n}", check_at=at, scheduled_for=at) for n, at in enumerate(reversed(TIMES))]
    documents: list[Document] = [*triggers, *runs]
    await store.commit([Create(document) for document in documents])

    due = await store.due_triggers(until=NOW + timedelta(milliseconds=1), limit=10)
    overdue = await store.overdue_runs(until=NOW + timedelta(microseconds=1), limit=10)
    listed = await store.runs("acme", matching=RunFilter(since=TIMES[1], until=TIMES[3]), limit=10, token=None)

    assert [_name(trigger)[1] for trigger in due.triggers] == ["t3", "t2", "t1"]
    assert [run.value.id for run in overdue if isinstance(run, Versioned)] == ["r3", "r2"]
    assert [run.id for run in listed.items] == ["r1", "r2"]


async def test_what_moves_is_found_at_its_new_place_alone(store: Store) -> None:
    trigger, run = a_trigger(), a_run(check_at=NOW)
    version = await store.commit([Create(trigger), Create(run)])
    until = NOW + 9 * MINUTE

    later = trigger.model_copy(update={"next_run_at": NOW + MINUTE})
    checked_later = run.model_copy(update={"check_at": NOW + MINUTE})
    version = await store.commit(
        [Change(Versioned(trigger, version), later), Change(Versioned(run, version), checked_later)]
    )

    assert (await store.due_triggers(until=until, limit=10)).triggers == (Versioned(later, version),)
    assert list(await store.overdue_runs(until=until, limit=10)) == [Versioned(checked_later, version)]
    assert await store.backlog(until=NOW) == {"triggers": 0, "runs": 0}


async def test_what_is_deleted_is_found_nowhere(store: Store) -> None:
    documents: list[Document] = [a_trigger(), a_run(check_at=NOW), an_agent(), a_chunk(1, 2)]
    await store.commit([Create(document) for document in documents])

    await store.commit([Delete(document) for document in documents])

    assert (await store.due_triggers(until=NOW, limit=10)).triggers == ()
    assert list(await store.overdue_runs(until=NOW, limit=10)) == []
    assert await store.backlog(until=NOW) == {"triggers": 0, "runs": 0}
    assert (await store.triggers("acme", limit=10, token=None)).items == ()
    assert (await store.runs("acme", matching=RunFilter(), limit=10, token=None)).items == ()
    assert (await store.agents("acme", limit=10, token=None)).items == ()
    assert (await store.events("acme", "run-1", since=0, limit=10)).events == ()


async def test_a_position_holds_although_its_document_is_gone(store: Store) -> None:
    triggers = [a_trigger(f"t{n}", created=Stamp(at=NOW + n * MINUTE, by="ada")) for n in range(5)]
    await store.commit([Create(trigger) for trigger in triggers])
    due = await store.due_triggers(until=NOW, limit=2)
    listed = await store.triggers("acme", limit=2, token=None)

    await store.commit([Delete(triggers[1]), Delete(triggers[3])])

    rest = await store.due_triggers(until=NOW, limit=10, cursor=due.cursor)
    listed_rest = await store.triggers("acme", limit=10, token=listed.next_token)
    assert [_name(trigger)[1] for trigger in rest.triggers] == ["t2", "t4"]
    assert [trigger.id for trigger in listed_rest.items] == ["t2", "t0"]


async def test_shards_beyond_those_that_are_looked_at_are_found_by_no_due_query(store: Store) -> None:
    await store.commit([Create(a_trigger(shard=8)), Create(a_run(shard=8, check_at=NOW))])

    assert (await store.due_triggers(until=NOW, limit=10)).triggers == ()
    assert list(await store.overdue_runs(until=NOW, limit=10)) == []
    assert await store.backlog(until=NOW) == {"triggers": 0, "runs": 0}
    assert len((await store.triggers("acme", limit=10, token=None)).items) == 1


async def test_no_update_is_lost_between_many_that_read_change_and_write(store: Store) -> None:
    await store.commit([Create(a_run(attempt=1))])

    async def increment() -> None:
        while True:
            read = await store.run("acme", "run-1")
            assert read is not None
            try:
                await store.commit([Change(read, read.value.model_copy(update={"attempt": read.value.attempt + 1}))])
            except CommitConflict:
                continue
            return

    await asyncio.gather(*(increment() for _ in range(10)))

    found = await store.run("acme", "run-1")
    assert found is not None
    assert found.value.attempt == 11


def _name(trigger: Versioned[Trigger] | Unreadable) -> tuple[str, str]:
    found = trigger if isinstance(trigger, Unreadable) else trigger.value
    return found.project, found.id
