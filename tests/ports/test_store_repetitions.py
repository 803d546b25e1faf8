"""How every store treats several writes of one document in one Commit, and versions in general."""

from collections.abc import Callable, Sequence

import pytest

from ports.conftest import Overwrite
from ports.documents import MINUTE, NOW, a_lock, a_run, a_trigger
from tock.core.errors import CommitConflict, InvalidArgument
from tock.core.run.admission.lock import Lock
from tock.ports.store import Change, Create, Delete, Store, Versioned, Write

pytestmark = pytest.mark.anyio

FIRST, SECOND, THIRD = (a_lock(run=f"run-{number}") for number in (1, 2, 3))
Writes = Callable[[int], Sequence[Write]]


def _change(version: int, after: Lock, *, before: Lock = FIRST) -> Change:
    return Change(Versioned(before, version), after)


#: What is written to a lock that is stored at a version, and what is stored afterwards.
WRITTEN: dict[str, tuple[Writes, Lock | None]] = {
    "deleted, then created": (lambda _: [Delete(FIRST), Create(SECOND)], SECOND),
    "deleted as it was read, then created": (lambda v: [Delete(FIRST, version=v), Create(SECOND)], SECOND),
    "changed twice as it was read": (lambda v: [_change(v, SECOND), _change(v, THIRD)], THIRD),
    "changed, then deleted": (lambda v: [_change(v, SECOND), Delete(FIRST)], None),
    "changed, then deleted as it was read": (lambda v: [_change(v, SECOND), Delete(FIRST, version=v)], None),
    "changed, deleted, created": (lambda v: [_change(v, SECOND), Delete(FIRST), Create(THIRD)], THIRD),
    "verified, then changed": (lambda v: [_change(v, FIRST), _change(v, SECOND)], SECOND),
    "changed, then verified": (lambda v: [_change(v, SECOND), _change(v, FIRST)], SECOND),
    "deleted twice": (lambda _: [Delete(FIRST), Delete(FIRST)], None),
}


@pytest.mark.parametrize(("writes", "left"), WRITTEN.values(), ids=WRITTEN)
async def test_several_writes_of_one_document_become_one(store: Store, writes: Writes, left: Lock | None) -> None:
    before = await store.commit([Create(FIRST)])

    version = await store.commit(writes(before))

    assert version > before
    assert await store.lock("acme", "0a1b") == (None if left is None else Versioned(left, version))


#: The same, where it cannot be one write.
REFUSED: dict[str, Writes] = {
    "created twice": lambda _: [Create(SECOND), Create(THIRD)],
    "changed, then created": lambda v: [_change(v, SECOND), Create(THIRD)],
    "verified, then created": lambda v: [_change(v, FIRST), Create(THIRD)],
    "deleted, then changed": lambda v: [Delete(FIRST), _change(v, SECOND)],
    "deleted as it was read, then changed": lambda v: [Delete(FIRST, version=v), _change(v, SECOND)],
    "deleted, then deleted as it was read": lambda v: [Delete(FIRST), Delete(FIRST, version=v)],
    "deleted, created, created": lambda _: [Delete(FIRST), Create(SECOND), Create(THIRD)],
    "deleted, created, changed": lambda v: [Delete(FIRST), Create(SECOND), _change(v, THIRD, before=SECOND)],
    "changed as it was read twice": lambda v: [_change(v, SECOND), _change(v - 1000, THIRD)],
    "changed as it will be": lambda v: [_change(v + 10**9, SECOND)],
}


@pytest.mark.parametrize("writes", REFUSED.values(), ids=REFUSED)
async def test_what_cannot_become_one_write_is_refused_with_everything_beside_it(store: Store, writes: Writes) -> None:
    before = await store.commit([Create(FIRST)])

    with pytest.raises(InvalidArgument):
        await store.commit([Create(a_run()), *writes(before)])

    assert await store.lock("acme", "0a1b") == Versioned(FIRST, before)
    assert await store.run("acme", "run-1") is None


@pytest.mark.parametrize(
    "writes",
    [
        lambda v: [Delete(FIRST, version=v - 1000), Create(SECOND)],
        lambda v: [_change(v - 1000, SECOND), _change(v - 1000, THIRD)],
        lambda _: [Create(SECOND), Delete(FIRST)],
    ],
    ids=["deleted, then created", "changed twice", "created, then deleted"],
)
async def test_several_writes_of_one_document_ask_what_the_first_of_them_asks(store: Store, writes: Writes) -> None:
    before = await store.commit([Create(FIRST)])

    with pytest.raises(CommitConflict):
        await store.commit(writes(before))

    assert await store.lock("acme", "0a1b") == Versioned(FIRST, before)


@pytest.mark.parametrize(
    ("writes", "left"),
    [
        ([Create(FIRST), Delete(FIRST)], None),
        ([Create(FIRST), Delete(FIRST), Create(SECOND)], SECOND),
        ([Delete(FIRST), Create(FIRST)], FIRST),
    ],
    ids=["created, deleted", "created, deleted, created", "deleted, created"],
)
async def test_what_does_not_exist_is_created_and_deleted_in_one_commit(
    store: Store, writes: Sequence[Write], left: Lock | None
) -> None:
    version = await store.commit(writes)

    assert await store.lock("acme", "0a1b") == (None if left is None else Versioned(left, version))


async def test_what_is_changed_there_and_back_keeps_its_version(store: Store) -> None:
    before = await store.commit([Create(FIRST)])

    back = _change(before, FIRST.model_copy(), before=SECOND)
    version = await store.commit([_change(before, SECOND), back])

    assert version == before
    assert await store.lock("acme", "0a1b") == Versioned(FIRST, before)


async def test_what_is_deleted_and_created_equal_is_new(store: Store) -> None:
    before = await store.commit([Create(FIRST)])

    version = await store.commit([Delete(FIRST), Create(FIRST)])

    assert version > before
    with pytest.raises(CommitConflict):
        await store.commit([_change(before, SECOND)])


async def test_a_change_to_an_equal_document_keeps_the_version(store: Store) -> None:
    run = a_run(result={"sent": [1, 2.5, True, None]})
    before = await store.commit([Create(run)])

    version = await store.commit([Change(Versioned(run, before), run.model_copy(deep=True))])

    assert version == before
    assert await store.run("acme", "run-1") == Versioned(run, before)


async def test_a_change_to_what_is_stored_already_keeps_the_version(store: Store) -> None:
    before = await store.commit([Create(FIRST)])

    version = await store.commit([_change(before, FIRST, before=SECOND)])

    assert version == before
    assert await store.lock("acme", "0a1b") == Versioned(FIRST, before)


async def test_a_field_that_is_overwritten_with_what_it_holds_leaves_the_version(
    store: Store, overwrite: Overwrite
) -> None:
    version = await store.commit([Create(a_trigger())])

    await overwrite(a_trigger(), {"overlap": "skip"})

    assert await store.trigger("acme", "morning") == Versioned(a_trigger(), version)


async def test_a_document_that_is_only_verified_keeps_its_version_whatever_is_written_beside_it(store: Store) -> None:
    before = await store.commit([Create(FIRST)])

    version = await store.commit([_change(before, FIRST), Create(a_run())])

    assert version > before
    assert await store.run("acme", "run-1") == Versioned(a_run(), version)
    assert await store.lock("acme", "0a1b") == Versioned(FIRST, before)
    assert await store.commit([_change(before, FIRST), Delete(a_run())]) == before


async def test_versions_grow_with_every_commit(store: Store) -> None:
    versions = [await store.commit([Create(a_run(f"run-{number}"))]) for number in range(10)]

    assert versions == sorted(set(versions))


async def test_a_conflict_leaves_nothing_in_any_query(store: Store) -> None:
    taken = a_run("taken", check_at=None)
    version = await store.commit([Create(taken), Create(a_run("kept")), Create(FIRST)])
    kept = await store.run("acme", "kept")
    assert kept is not None
    moved = kept.value.model_copy(update={"check_at": NOW - MINUTE, "scheduled_for": NOW - MINUTE})

    with pytest.raises(CommitConflict):
        await store.commit([Create(a_run("new")), Change(kept, moved), Delete(taken), Create(FIRST)])

    assert await store.overdue_runs(until=NOW + MINUTE, limit=10) == (Versioned(kept.value, version),)
    assert await store.backlog(until=NOW) == {"triggers": 0, "runs": 0}
    assert await store.run("acme", "taken") == Versioned(taken, version)
