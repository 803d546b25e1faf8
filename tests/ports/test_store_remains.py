"""What every store guarantees for what is left of a deleted project."""

from datetime import timedelta
from typing import Any

import pytest

from ports.conftest import Overwrite
from ports.documents import NOW, STAMP, a_chunk, a_lock, a_project, a_run, a_trigger, a_usage, an_agent, an_api_key
from tock.core.errors import CommitConflict
from tock.core.project import DeletedProject
from tock.core.trigger.revision import Revision
from tock.ports.store import Change, Create, Delete, Document, Store, Versioned

pytestmark = pytest.mark.anyio

OF_KINDS: dict[str, Document] = {
    "agent": an_agent(),
    "trigger": a_trigger(),
    "revision": Revision.of(a_trigger(), valid_from=NOW),
    "run": a_run(),
    "API key": an_api_key(),
    "usage": a_usage(),
}


@pytest.mark.parametrize("kind", OF_KINDS)
async def test_what_remains_of_a_project_is_found_by_its_kind_whether_the_project_exists_or_not(
    store: Store, kind: str
) -> None:
    await store.commit([Create(OF_KINDS[kind])])
    without_project = await store.remains("acme")
    await store.commit([Create(a_project())])

    assert without_project == await store.remains("acme") == frozenset({kind})


async def test_all_kinds_that_remain_are_found_and_nothing_of_projects_with_similar_ids(store: Store) -> None:
    others: list[Document] = [
        *(an_agent(project=project) for project in ("acm", "acme-2", "acme.x", "Acme")),
        a_run(project="acme2"),
    ]
    await store.commit([Create(document) for document in others])
    alone = await store.remains("acme")
    await store.commit([Create(document) for document in OF_KINDS.values()])

    assert (alone, await store.remains("acme")) == (frozenset(), frozenset(OF_KINDS))


async def test_documents_that_no_list_shows_remain_too(store: Store, overwrite: Overwrite) -> None:
    damages: list[tuple[Document, dict[str, Any]]] = [
        (an_agent(), {"created": "once"}),
        (a_trigger(), {"created": 7}),
        (a_run(), {"scheduled_for": "once"}),
    ]
    for document, fields in damages:
        await store.commit([Create(document)])
        await overwrite(document, fields)

    assert await store.remains("acme") == frozenset({"agent", "trigger", "run"})


async def test_nothing_else_remains_and_nothing_is_found_where_no_id_is(store: Store) -> None:
    await store.commit([Create(a_project()), Create(a_lock()), Create(a_chunk(1))])

    assert await store.remains("acme") == frozenset()
    assert await store.remains("acme/agents/digest") == frozenset()


async def test_the_note_of_a_deleted_project_is_kept_apart_from_the_project(store: Store) -> None:
    note = DeletedProject(id="acme", deleted=STAMP)
    version = await store.commit([Create(a_project()), Create(note)])

    assert await store.deleted_project("acme") == Versioned(note, version)
    assert await store.deleted_project("other") is None
    assert (await store.projects(limit=9, token=None)).items == (a_project(),)
    with pytest.raises(CommitConflict):
        await store.commit([Create(note)])

    later = note.model_copy(update={"deleted": STAMP.model_copy(update={"at": NOW + timedelta(days=1)})})
    version = await store.commit([Change(Versioned(note, version), later)])
    assert await store.deleted_project("acme") == Versioned(later, version)
    await store.commit([Delete.of(Versioned(later, version))])
    assert await store.deleted_project("acme") is None
