"""What every store guarantees for the usage of days."""

from datetime import timedelta

import pytest

from ports.conftest import Overwrite
from ports.documents import DAY, a_run, a_usage
from tock.core.errors import CommitConflict
from tock.core.usage.day import UsageDay
from tock.ports.store import Add, Change, Create, Delete, Store, Versioned

pytestmark = pytest.mark.anyio
ONE_DAY = timedelta(days=1)


async def usage(store: Store, *, project: str = "acme", days: int = 1) -> tuple[UsageDay, ...]:
    page = await store.usage(project, since=DAY, until=DAY + days * ONE_DAY, limit=100)
    return page.days


async def test_what_is_added_first_creates_the_document_and_what_follows_adds_up(store: Store) -> None:
    first = a_usage(input_tokens=100, output_tokens=20, cost=0.25, unpriced_tokens=0)
    await store.commit([Add(first)])
    created = await usage(store)

    await store.commit([Add(a_usage(input_tokens=3, output_tokens=0, cost=0.5, unpriced_tokens=3))])
    await store.commit([Add(a_usage(input_tokens=0, output_tokens=0, cost=0.0))])

    assert created == (first,)
    sums = {"attempts": 3, "input_tokens": 103, "output_tokens": 20, "cost": 0.75, "unpriced_tokens": 3}
    assert await usage(store) == (first.model_copy(update=sums),)


async def test_usage_without_trigger_and_model_is_read_back(store: Store) -> None:
    bare = a_usage(trigger=None, model=None)

    await store.commit([Add(bare)])

    assert await usage(store) == (bare,)


async def test_a_commit_that_conflicts_adds_nothing(store: Store) -> None:
    run = a_run()
    read = Versioned(run, await store.commit([Create(run)]))
    settled = run.model_copy(update={"attempt": 2})

    await store.commit([Change(read, settled), Add(a_usage())])
    with pytest.raises(CommitConflict):
        await store.commit([Change(read, settled), Add(a_usage())])

    assert await usage(store) == (a_usage(),)


async def test_days_are_read_from_the_first_to_before_the_last_in_pages_the_earliest_first(store: Store) -> None:
    days = [a_usage(f"u{number}", day=DAY + number * ONE_DAY, shard=number % 8) for number in (3, 1, 0, 2, -1, 4)]
    await store.commit([Add(day) for day in days])
    await store.commit([Add(a_usage(project="other")), Add(a_usage("beyond", shard=8))])

    pages = []
    cursor = None
    while not pages or cursor is not None:
        page = await store.usage("acme", since=DAY, until=DAY + 4 * ONE_DAY, limit=3, cursor=cursor)
        pages.append([day.id for day in page.days])
        cursor = page.cursor

    assert pages == [["u0", "u1", "u2"], ["u3"]]


async def test_two_documents_of_one_day_come_by_their_id(store: Store) -> None:
    await store.commit([Add(a_usage(identifier, shard=shard)) for identifier, shard in (("b", 1), ("c", 0), ("a", 7))])

    first = await store.usage("acme", since=DAY, until=DAY + ONE_DAY, limit=2)
    second = await store.usage("acme", since=DAY, until=DAY + ONE_DAY, limit=2, cursor=first.cursor)

    assert [day.id for day in (*first.days, *second.days)] == ["a", "b", "c"]


async def test_what_cannot_be_read_is_left_out_and_what_is_deleted_is_gone(store: Store, overwrite: Overwrite) -> None:
    await store.commit([Add(a_usage("a")), Add(a_usage("b")), Add(a_usage("c"))])

    await overwrite(a_usage("a"), {"agent": 7})
    await store.commit([Delete(a_usage("c"))])

    assert await usage(store) == (a_usage("b"),)


@pytest.mark.parametrize("text", ["", ".", "a/b", "__a__"])
async def test_a_text_that_cannot_be_an_id_names_no_project(store: Store, text: str) -> None:
    await store.commit([Add(a_usage())])

    assert await usage(store, project=text) == ()
