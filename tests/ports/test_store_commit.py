"""What every store guarantees when it commits."""

import pytest

from ports.documents import MINUTE, NOW, a_lock, a_project, a_run, a_trigger, an_agent, an_api_key
from tock.core.errors import CommitConflict
from tock.core.run.run import Lease, Snapshot
from tock.core.run.status import RunStatus
from tock.ports.store import Change, Create, Delete, Document, Store, Versioned

pytestmark = pytest.mark.anyio


async def test_every_created_document_is_read_back_equal_at_the_version_of_the_commit(store: Store) -> None:
    documents: list[Document] = [a_project(), an_agent(), a_trigger(), a_run(), a_lock(), an_api_key()]

    version = await store.commit([Create(document) for document in documents])

    assert [
        await store.project("acme"),
        await store.agent("acme", "digest"),
        await store.trigger("acme", "morning"),
        await store.run("acme", "run-1"),
        await store.lock("acme", "0a1b"),
        await store.api_key("acme", "ci"),
    ] == [Versioned(document, version) for document in documents]


async def test_what_does_not_exist_is_none(store: Store) -> None:
    found = [
        await store.project("acme"),
        await store.agent("acme", "digest"),
        await store.trigger("acme", "morning"),
        await store.run("acme", "run-1"),
        await store.lock("acme", "0a1b"),
        await store.api_key("acme", "ci"),
        await store.scheduler(),
    ]

    assert found == [None] * 7


@pytest.mark.parametrize("text", ["", ".", "..", "a/b", "morning/x/y", "__a__", "ä", "x" * 256, "\ud800", "a\n", "a b"])
async def test_a_text_that_cannot_be_an_id_names_no_document(store: Store, text: str) -> None:
    await store.commit([Create(a_trigger())])

    found = [await store.project(text), await store.trigger(text, "morning"), await store.trigger("acme", text)]

    assert found == [None, None, None]


async def test_creating_what_exists_conflicts_and_changes_nothing(store: Store) -> None:
    first = a_run(claimed_by="tick-1")
    version = await store.commit([Create(first)])

    with pytest.raises(CommitConflict):
        await store.commit([Create(a_run(claimed_by="tick-2"))])

    assert await store.run("acme", "run-1") == Versioned(first, version)


async def test_a_change_holds_only_while_the_document_is_as_it_was_read(store: Store) -> None:
    before = a_trigger()
    read = Versioned(before, await store.commit([Create(before)]))
    moved = before.model_copy(update={"next_run_at": NOW + MINUTE})

    version = await store.commit([Change(read, moved)])

    assert await store.trigger("acme", "morning") == Versioned(moved, version)
    with pytest.raises(CommitConflict):
        await store.commit([Change(read, before.model_copy(update={"next_run_at": NOW + 2 * MINUTE}))])
    assert await store.trigger("acme", "morning") == Versioned(moved, version)


async def test_the_version_of_a_commit_carries_the_next_change(store: Store) -> None:
    run = a_run()
    version = await store.commit([Create(run)])

    for attempt in range(2, 12):
        later = run.model_copy(update={"attempt": attempt})
        version = await store.commit([Change(Versioned(run, version), later)])
        run = later

    assert await store.run("acme", "run-1") == Versioned(run, version)


async def test_a_change_writes_only_the_fields_that_differ(store: Store) -> None:
    stored = a_trigger(description="kept", last_run="run-0")
    version = await store.commit([Create(stored)])
    believed = stored.model_copy(update={"description": "", "last_run": None})

    await store.commit([Change(Versioned(believed, version), believed.model_copy(update={"revision": 2}))])

    found = await store.trigger("acme", "morning")
    assert found is not None
    assert found.value == stored.model_copy(update={"revision": 2})


async def test_fields_are_emptied_and_filled_again(store: Store) -> None:
    empty = a_run(check_at=None, lease=None, result=None, retried_by=())
    full = empty.model_copy(
        update={
            "check_at": NOW,
            "lease": Lease(owner="runner-1", expires_at=NOW),
            "result": {"sent": 3},
            "retried_by": ("run-2",),
        }
    )
    version = await store.commit([Create(empty)])

    version = await store.commit([Change(Versioned(empty, version), full)])
    filled = await store.run("acme", "run-1")
    version = await store.commit([Change(Versioned(full, version), empty)])
    emptied = await store.run("acme", "run-1")

    assert filled is not None
    assert filled.value == full
    assert emptied == Versioned(empty, version)


@pytest.mark.parametrize(
    ("before", "after"),
    [(1, True), (0, False), (1, 1.0), ([1], [True]), ({"a": 0}, {"a": False}), (None, {"a": None}), ({}, None)],
)
async def test_free_json_that_python_takes_for_equal_is_written_all_the_same(
    store: Store, before: object, after: object
) -> None:
    run = a_run(result=before, input=Snapshot(payload={"value": before}))
    changed = run.model_copy(update={"result": after, "input": Snapshot(payload={"value": after})})
    version = await store.commit([Create(run)])

    await store.commit([Change(Versioned(run, version), changed)])

    found = await store.run("acme", "run-1")
    assert found is not None
    assert (repr(found.value.result), repr(found.value.input.payload["value"])) == (repr(after), repr(after))


async def test_a_change_of_nothing_verifies_and_leaves_the_version(store: Store) -> None:
    run = a_run()
    read = Versioned(run, await store.commit([Create(run)]))

    version = await store.commit([Change(read, run)])

    assert version == read.version
    assert await store.run("acme", "run-1") == read
    await store.commit([Change(read, run.model_copy(update={"attempt": 2}))])
    with pytest.raises(CommitConflict):
        await store.commit([Change(read, run)])


async def test_a_change_of_nothing_guards_the_writes_beside_it(store: Store) -> None:
    seen, other = a_run("run-1"), a_run("run-2")
    read = Versioned(seen, await store.commit([Create(seen)]))
    await store.commit([Change(read, seen.model_copy(update={"status": RunStatus.CANCELLED}))])

    with pytest.raises(CommitConflict):
        await store.commit([Change(read, seen), Create(other)])

    assert await store.run("acme", "run-2") is None


async def test_a_change_of_what_was_deleted_conflicts(store: Store) -> None:
    run = a_run()
    version = await store.commit([Create(run)])
    await store.commit([Delete(run)])

    with pytest.raises(CommitConflict):
        await store.commit([Change(Versioned(run, version), run.model_copy(update={"attempt": 2}))])

    assert await store.run("acme", "run-1") is None


async def test_a_delete_holds_only_while_the_document_is_as_it_was_read(store: Store) -> None:
    lock = a_lock()
    old = await store.commit([Create(lock)])
    new = await store.commit([Change(Versioned(lock, old), lock.model_copy(update={"run": "run-2"}))])

    with pytest.raises(CommitConflict):
        await store.commit([Delete(lock, version=old)])
    assert await store.lock("acme", "0a1b") is not None
    await store.commit([Delete(lock, version=new)])

    assert await store.lock("acme", "0a1b") is None


async def test_a_delete_without_a_version_asks_nothing(store: Store) -> None:
    lock = a_lock()
    await store.commit([Create(lock)])

    await store.commit([Delete(lock)])
    await store.commit([Delete(lock)])

    assert await store.lock("acme", "0a1b") is None


async def test_what_was_deleted_may_be_created_again_and_old_versions_do_not_hold_for_it(store: Store) -> None:
    lock = a_lock()
    old = await store.commit([Create(lock)])
    await store.commit([Delete(lock)])

    new = await store.commit([Create(lock)])

    assert new != old
    with pytest.raises(CommitConflict):
        await store.commit([Delete(lock, version=old)])


async def test_one_conflict_in_any_project_stops_every_write(store: Store) -> None:
    taken, kept, gone = a_run("taken", project="zeta"), a_trigger(project="acme"), a_lock(project="beta")
    version = await store.commit([Create(taken), Create(kept), Create(gone)])

    with pytest.raises(CommitConflict):
        await store.commit(
            [
                Create(a_run("new", project="gamma")),
                Change(Versioned(kept, version), kept.model_copy(update={"next_run_at": None})),
                Delete(gone, version=version),
                Create(taken),
            ]
        )

    assert await store.run("gamma", "new") is None
    assert await store.trigger("acme", "morning") == Versioned(kept, version)
    assert await store.lock("beta", "0a1b") == Versioned(gone, version)


async def test_projects_do_not_share_documents(store: Store) -> None:
    mine, theirs = a_run(project="acme", claimed_by="tick-1"), a_run(project="beta", claimed_by="tick-2")

    version = await store.commit([Create(mine), Create(theirs)])

    assert await store.run("acme", "run-1") == Versioned(mine, version)
    assert await store.run("beta", "run-1") == Versioned(theirs, version)


async def test_a_change_cannot_move_a_document(store: Store) -> None:
    run = a_run("run-1")
    version = await store.commit([Create(run)])

    with pytest.raises(ValueError, match="cannot move"):
        await store.commit([Change(Versioned(run, version), a_run("run-2"))])


async def test_what_cannot_be_an_id_is_never_written(store: Store) -> None:
    with pytest.raises(ValueError, match="cannot be part of a path"):
        await store.commit([Create(a_run("run-1/chunks/x"))])
