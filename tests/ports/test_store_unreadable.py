"""What every store guarantees for documents that cannot be read, whatever their kind."""

from typing import Any

import pytest

from ports.conftest import Overwrite
from ports.documents import MINUTE, NOW, a_chunk, a_lock, a_project, a_run, a_trigger, an_agent, an_api_key
from ports.store_contents import find
from tock.core.errors import CommitConflict, DocumentUnreadable
from tock.core.run.run import Snapshot
from tock.core.run.status import RunStatus
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Input
from tock.core.unreadable import Unreadable
from tock.ports.store import (
    Change,
    Create,
    Delete,
    Document,
    EventPage,
    FailUnreadable,
    RunFilter,
    Store,
    Versioned,
)

pytestmark = pytest.mark.anyio


def _nested(levels: int) -> Any:
    value: Any = []
    for _ in range(levels - 1):
        value = [value]
    return value


#: Documents that a Commit stores although they cannot be shown, each with what is wrong.
UNSHOWABLE: dict[str, tuple[Document, str]] = {
    "a result of 65 levels": (a_run(result=_nested(65)), "result: is nested deeper than 64 levels"),
    "a result of 300 levels": (a_run(result=_nested(300)), "result: is nested deeper than 64 levels"),
    "a result with half a surrogate pair": (a_run(result={"a": ["\udce9"]}), "result: holds half of a surrogate pair"),
    "a name that is half a surrogate pair": (a_run(result={"\ud800": 1}), "result: holds half of a surrogate pair"),
    "a result that is not a number": (a_run(result=float("nan")), "result: holds a number that is not finite"),
    "an infinite result": (a_run(result=[-float("inf")]), "result: holds a number that is not finite"),
    "a payload": (a_run(input=Snapshot(payload={"a": _nested(64)})), "input: is nested deeper than 64 levels"),
    "a configuration": (
        an_agent().model_copy(update={"config": {"a": "\ud800"}}),
        "config: holds half of a surrogate pair",
    ),
    "a trigger's payload": (
        a_trigger(input=Input.model_construct(payload={"a": "\udfff"})),
        "input: holds half of a surrogate pair",
    ),
}


@pytest.mark.parametrize(("document", "problem"), UNSHOWABLE.values(), ids=UNSHOWABLE)
async def test_what_cannot_be_shown_is_unreadable(store: Store, document: Any, problem: str) -> None:
    version = await store.commit([Create(document)])

    found = await find(store, document)

    assert isinstance(found, Unreadable)
    assert (found.project, found.id, found.version) == ("acme", document.id, version)
    assert found.problem.startswith(problem)


@pytest.mark.parametrize(
    "value", [_nested(64), {"a": _nested(63)}, "Grüße 🌍\u0000", 1e308, 10**400, [[]] * 70], ids=range(6)
)
async def test_what_can_just_be_shown_is_readable(store: Store, value: Any) -> None:
    run = a_run(result=value)
    await store.commit([Create(run)])

    assert (await find(store, run)).value == run


async def test_the_deepest_payload_and_event_can_be_read_wherever_they_are_kept(store: Store) -> None:
    trigger = a_trigger(input=Input.model_construct(payload={"a": _nested(63)}))
    revision = Revision.of(trigger, valid_from=NOW)
    chunk = a_chunk(7)
    chunk = chunk.model_copy(update={"events": (chunk.events[0].model_copy(update={"data": _nested(64)}),)})
    await store.commit([Create(trigger), Create(revision), Create(chunk)])

    assert (await find(store, trigger)).value == trigger
    assert list(await store.revisions("acme", "morning", since=NOW)) == [revision]
    assert (await store.events("acme", "run-1", since=0, limit=9)).events == chunk.events


#: A document of each kind with fields that make it unreadable, and a part of the problem.
DAMAGED: dict[str, tuple[Document, dict[str, Any], str]] = {
    "project": (a_project(), {"name": 7}, "name"),
    "agent": (an_agent(), {"kind": None}, "kind"),
    "trigger": (a_trigger(), {"overlap": "sometimes"}, "overlap"),
    "run": (a_run(), {"attempt": "many"}, "attempt"),
    "lock": (a_lock(), {"run": [1]}, "run"),
    "API key": (an_api_key(), {"secret_hash": b"\xff"}, "bytes"),
}


@pytest.mark.parametrize("kind", DAMAGED)
async def test_a_read_of_a_damaged_document_says_what_it_is_and_what_is_wrong(
    store: Store, overwrite: Overwrite, kind: str
) -> None:
    document, fields, problem = DAMAGED[kind]
    await store.commit([Create(document)])
    await overwrite(document, fields)

    with pytest.raises(DocumentUnreadable) as refused:
        await _read(store, kind, document)

    found = refused.value.found
    assert (found.kind, found.project, found.id) == (kind, "acme", getattr(document, "id", None))
    assert problem in found.problem
    assert found.revision == getattr(document, "revision", None)
    assert found.created == getattr(document, "created", None)
    assert f"The {kind} {found.id!r} is stored, but cannot be read" in str(refused.value)


@pytest.mark.parametrize("kind", [kind for kind in DAMAGED if kind != "lock"])
async def test_a_listing_shows_a_damaged_document_apart(store: Store, overwrite: Overwrite, kind: str) -> None:
    document, fields, _ = DAMAGED[kind]
    await store.commit([Create(document)])
    await overwrite(document, fields)

    page = await _listed(store, kind)

    assert (page.items, page.next_token) == ((), None)
    assert page.unreadable == (await find_unreadable(store, kind, document),)


@pytest.mark.parametrize("kind", DAMAGED)
async def test_a_damaged_document_is_deleted_as_it_was_read(store: Store, overwrite: Overwrite, kind: str) -> None:
    document, fields, _ = DAMAGED[kind]
    await store.commit([Create(document)])
    await overwrite(document, fields)
    found = await find_unreadable(store, kind, document)

    await store.commit([Delete.of(found)])

    assert await _read(store, kind, document) is None
    with pytest.raises(CommitConflict):
        await store.commit([Delete.of(found)])


@pytest.mark.parametrize("kind", DAMAGED)
async def test_a_change_of_what_was_restored_writes_the_whole_document(
    store: Store, overwrite: Overwrite, kind: str
) -> None:
    document, fields, _ = DAMAGED[kind]
    await store.commit([Create(document)])
    await overwrite(document, fields | {"unknown": "field"})
    found = await find_unreadable(store, kind, document)

    version = await store.commit([Change(Versioned(document, found.version, restored=True), document)])

    assert await _read(store, kind, document) == Versioned(document, version)
    with pytest.raises(CommitConflict):
        await store.commit([Change(Versioned(document, found.version, restored=True), document)])


@pytest.mark.parametrize("fields", [{"created": {"at": "yesterday", "by": "ada"}}, {"created": "yesterday"}])
async def test_a_listing_by_time_leaves_out_what_has_no_time_and_goes_on(
    store: Store, overwrite: Overwrite, fields: dict[str, Any]
) -> None:
    triggers = [a_trigger(f"t{number}") for number in range(3)]
    await store.commit([Create(trigger) for trigger in triggers])
    await overwrite(triggers[1], fields)

    first = await store.triggers("acme", limit=1, token=None)
    second = await store.triggers("acme", limit=1, token=first.next_token)

    assert [trigger.id for page in (first, second) for trigger in page.items] == ["t2", "t0"]
    assert second.next_token is None
    assert isinstance(await find(store, triggers[1]), Unreadable)


async def test_an_overdue_run_that_cannot_be_read_comes_as_such_and_is_ended_once(
    store: Store, overwrite: Overwrite
) -> None:
    runs = [a_run(f"r{number}", check_at=NOW + number * MINUTE) for number in range(2)]
    await store.commit([Create(run) for run in runs])
    await overwrite(runs[0], {"attempt": "many"})
    bad, good = await store.overdue_runs(until=NOW + MINUTE, limit=9)
    assert isinstance(bad, Unreadable)

    await store.commit([FailUnreadable(bad, at=NOW + MINUTE, expire_at=NOW + 9 * MINUTE)])

    assert list(await store.overdue_runs(until=NOW + MINUTE, limit=9)) == [good]
    with pytest.raises(CommitConflict):
        await store.commit([FailUnreadable(bad, at=NOW, expire_at=NOW)])
    failed = await store.runs("acme", matching=RunFilter(statuses=frozenset({RunStatus.FAILED})), limit=9, token=None)
    assert [found.id for found in failed.unreadable] == ["r0"]
    await overwrite(runs[0], {"attempt": 1})
    mended = await find(store, runs[0])
    assert mended.value == runs[0].model_copy(
        update={
            "status": RunStatus.FAILED,
            "check_at": None,
            "finished": NOW + MINUTE,
            "expire_at": NOW + 9 * MINUTE,
            "error": mended.value.error,
        }
    )
    assert (mended.value.error.type, mended.value.error.retryable) == ("unreadable", False)
    assert bad.problem in mended.value.error.message


@pytest.mark.parametrize("data", [_nested(65), "\udce9", {"\ud800": 1}, float("inf")], ids=range(4))
async def test_an_event_that_cannot_be_shown_leaves_the_others(store: Store, data: Any) -> None:
    chunk = a_chunk(7, 8, 9)
    broken = chunk.events[1].model_copy(update={"data": data})
    await store.commit([Create(chunk.model_copy(update={"events": (chunk.events[0], broken, chunk.events[2])}))])

    page = await store.events("acme", "run-1", since=0, limit=10)
    first = await store.events("acme", "run-1", since=0, limit=2)
    rest = await store.events("acme", "run-1", since=first.last_seq, limit=2)

    assert page.events == (chunk.events[0], chunk.events[2])
    assert [(found.kind, found.project, found.id) for found in page.unreadable] == [("event", "acme", "8")]
    assert (first.events, first.unreadable, first.last_seq) == (page.events[:1], page.unreadable, 8)
    assert rest == EventPage(events=page.events[1:], unreadable=(), last_seq=9)


@pytest.mark.parametrize("events", ["no JSON", "{}", 7, b"\xff", None, [1]], ids=str)
async def test_events_that_cannot_be_read_together_have_their_numbers(
    store: Store, overwrite: Overwrite, events: Any
) -> None:
    chunks = [a_chunk(1, 2), a_chunk(7, 8, 9), a_chunk(11)]
    await store.commit([Create(chunk) for chunk in chunks])
    await overwrite(chunks[1], {"events": events})

    page = await store.events("acme", "run-1", since=1, limit=10)
    within = await store.events("acme", "run-1", since=7, limit=1)

    assert [event.seq for event in page.events] == [2, 11]
    assert [found.id for found in page.unreadable] == ["7-9"]
    assert (page.last_seq, within.last_seq, within.events) == (11, 9, ())


async def test_an_event_that_lacks_a_field_leaves_the_others(store: Store, overwrite: Overwrite) -> None:
    chunk = a_chunk(7, 8)
    await store.commit([Create(chunk)])
    shown = '{"seq":8,"at":"2027-03-28T01:00:00Z","attempt":1,"kind":"log","data":null,"truncated":false}'
    await overwrite(chunk, {"events": f'[{{"seq":7,"kind":5}},{shown}]'})

    page = await store.events("acme", "run-1", since=0, limit=10)

    assert ([event.seq for event in page.events], [found.id for found in page.unreadable]) == ([8], ["7"])
    assert "kind" in page.unreadable[0].problem


async def test_a_revision_that_cannot_be_read_comes_with_its_number(store: Store, overwrite: Overwrite) -> None:
    revisions = [
        Revision.of(a_trigger(revision=number, generation=number), valid_from=NOW + number * MINUTE)
        for number in range(1, 5)
    ]
    await store.commit([Create(revision) for revision in revisions])
    await overwrite(revisions[2], {"valid_from": "yesterday"})

    found = list(await store.revisions("acme", "morning", since=NOW + 2 * MINUTE))

    assert (found[0], found[2:]) == (revisions[1], revisions[3:])
    assert isinstance(found[1], Unreadable)
    assert (found[1].kind, found[1].project, found[1].id) == ("revision", "acme", "3")
    assert "valid_from" in found[1].problem


async def test_a_revision_that_cannot_be_read_ends_the_way_back_to_the_change(
    store: Store, overwrite: Overwrite
) -> None:
    revisions = [
        Revision.of(a_trigger(revision=number, generation=1), valid_from=NOW + number * MINUTE)
        for number in range(1, 5)
    ]
    await store.commit([Create(revision) for revision in revisions])
    await overwrite(revisions[1], {"valid_from": "yesterday"})

    found = await store.revisions("acme", "morning", since=NOW + 3 * MINUTE, back_to_change=True)

    assert list(found) == revisions[2:]


async def test_the_problem_is_one_line_that_can_be_shown(store: Store, overwrite: Overwrite) -> None:
    revision = Revision.of(a_trigger(), valid_from=NOW)
    await store.commit([Create(revision)])
    await overwrite(revision, {"spec": '{"agent":"a","schedule":{"cron":"a\\n\\ud800"}}'})

    [found] = await store.revisions("acme", "morning", since=NOW)

    assert isinstance(found, Unreadable)
    assert found.problem.isprintable()
    assert found.problem.encode()


async def find_unreadable(store: Store, kind: str, document: Any) -> Unreadable:
    with pytest.raises(DocumentUnreadable) as refused:
        await _read(store, kind, document)
    return refused.value.found


async def _read(store: Store, kind: str, document: Any) -> Any:
    match kind:
        case "project":
            return await store.project(document.id)
        case "agent":
            return await store.agent("acme", document.id)
        case "trigger":
            return await store.trigger("acme", document.id)
        case "run":
            return await store.run("acme", document.id)
        case "lock":
            return await store.lock("acme", document.id)
        case _:
            return await store.api_key("acme", document.id)


async def _listed(store: Store, kind: str) -> Any:
    match kind:
        case "project":
            return await store.projects(limit=9, token=None)
        case "agent":
            return await store.agents("acme", limit=9, token=None)
        case "trigger":
            return await store.triggers("acme", limit=9, token=None)
        case "run":
            return await store.runs("acme", matching=RunFilter(), limit=9, token=None)
        case _:
            return await store.api_keys("acme", limit=9, token=None)
