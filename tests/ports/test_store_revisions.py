"""What every store guarantees for the revisions of a trigger."""

from typing import Any

import pytest

from ports.documents import MINUTE, NOW, a_trigger
from tock.core.errors import CommitConflict
from tock.core.policies import Overlap
from tock.core.trigger.revision import Revision
from tock.core.unreadable import Unreadable
from tock.ports.store import Create, Delete, Store

pytestmark = pytest.mark.anyio


def _revision(number: int, *, generation: int | None = None, minute: int | None = None, **fields: Any) -> Revision:
    trigger = a_trigger(revision=number, generation=generation or number, **fields)
    return Revision.of(trigger, valid_from=NOW + (number if minute is None else minute) * MINUTE)


async def test_the_versions_in_force_since_an_instant_come_oldest_first(store: Store) -> None:
    versions = [_revision(number) for number in (1, 2, 3, 4)]
    await store.commit([Create(version) for version in reversed(versions)])

    async def since(minutes: float) -> list[Revision | Unreadable]:
        return list(await store.revisions("acme", "morning", since=NOW + minutes * MINUTE))

    assert await since(0) == versions
    assert await since(1) == versions
    assert await since(1.5) == versions
    assert await since(2) == versions[1:]
    assert await since(9) == versions[3:]


async def test_versions_of_one_generation_come_by_their_number(store: Store) -> None:
    versions = [_revision(1), _revision(2, generation=1), _revision(10, generation=1), _revision(11, generation=3)]
    await store.commit([Create(version) for version in reversed(versions)])

    assert list(await store.revisions("acme", "morning", since=NOW)) == versions


async def test_the_generation_in_force_comes_with_its_beginning_and_with_what_it_replaced(store: Store) -> None:
    one, two, three = _revision(1), _revision(2, generation=1), _revision(3, generation=2)
    named, again, last = (_revision(number, generation=2) for number in (4, 5, 6))
    await store.commit([Create(version) for version in (one, two, three, named, again, last)])

    async def since(minutes: float) -> list[Revision | Unreadable]:
        return list(await store.revisions("acme", "morning", since=NOW + minutes * MINUTE, back_to_change=True))

    assert await since(5.5) == [two, three, named, again, last]
    assert await since(3) == [two, three, named, again, last]
    assert await since(2.5) == [one, two, three, named, again, last]
    assert await since(0) == [one, two, three, named, again, last]


async def test_a_deleted_trigger_keeps_its_versions_and_their_end(store: Store) -> None:
    trigger = a_trigger()
    first = Revision.of(trigger, valid_from=NOW)
    end = Revision.end_of(trigger, at=NOW + MINUTE, by="ada@example.com")
    await store.commit([Create(trigger), Create(first)])

    await store.commit([Delete(trigger), Create(end)])

    assert list(await store.revisions("acme", "morning", since=NOW)) == [first, end]
    assert await store.trigger("acme", "morning") is None


async def test_a_version_is_written_once(store: Store) -> None:
    await store.commit([Create(_revision(1))])

    with pytest.raises(CommitConflict):
        await store.commit([Create(_revision(1, overlap=Overlap.QUEUE))])

    assert list(await store.revisions("acme", "morning", since=NOW)) == [_revision(1)]


async def test_the_versions_of_many_edits_come_complete(store: Store) -> None:
    versions = [_revision(number) for number in range(1, 51)]
    await store.commit([Create(version) for version in versions])

    assert list(await store.revisions("acme", "morning", since=NOW)) == versions


async def test_a_trigger_has_no_versions_but_its_own(store: Store) -> None:
    others = [_revision(1, id="other"), _revision(1, project="beta")]
    await store.commit([Create(version) for version in others])

    assert list(await store.revisions("acme", "morning", since=NOW)) == []
    assert list(await store.revisions("acme/triggers/other/x", "y", since=NOW)) == []
