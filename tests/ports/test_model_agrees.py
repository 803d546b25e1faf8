"""Firestore and the model store do the same with the same Commits, whatever they are: drawn, then compared whole."""

from collections.abc import Sequence
from typing import Any

import pytest

from ports.conftest import Adapter
from ports.documents import NOW
from ports.drawn import Drawn
from ports.everything import everything, find, value_of
from tock.core.errors import CommitConflict, InvalidArgument
from tock.ports.store import Change, Create, Delete, DisableUnreadable, Document, Store, Unreadable, Write

pytestmark = pytest.mark.anyio

COMMITS = 60
#: Commits between two looks at everything.
LOOK = 6
Both = tuple[Adapter, Adapter]
Read = tuple[Any, Any]


@pytest.mark.parametrize("seed", range(6))
async def test_the_model_does_what_firestore_does(
    firestore_adapter: Adapter, model_adapter: Adapter, seed: int
) -> None:
    await _Play(seed, both=(firestore_adapter, model_adapter)).run(COMMITS)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 160))
async def test_the_model_does_what_firestore_does_at_length(
    firestore_adapter: Adapter, model_adapter: Adapter, seed: int
) -> None:
    await _Play(seed, both=(firestore_adapter, model_adapter)).run(4 * COMMITS)


class _Play:
    """The same Commits to both, each with the documents and versions that it read from it itself."""

    def __init__(self, seed: int, *, both: Both) -> None:
        self._drawn = Drawn(seed)
        self._both = both
        #: What was read of each document, in both: old versions conflict.
        self._reads: list[tuple[Read, Document]] = []

    async def run(self, commits: int) -> None:
        for number in range(commits):
            writes = [
                write for _ in range(self._drawn.random.choice((1, 1, 2, 3, 5))) for write in [await self._write()]
            ]
            ended = [await _ended(adapter.store, [pair[n] for pair in writes]) for n, adapter in enumerate(self._both)]
            assert ended[0] == ended[1], writes
            if self._drawn.random.random() < 0.1:
                await self._spoil()
            if number % LOOK == LOOK - 1:
                await self._compare()

    async def _write(self) -> tuple[Write, Write]:
        document = self._drawn.document()
        if self._drawn.random.random() < 0.4:
            return Create(document), Create(document)
        read = await self._read(document)
        if read is None:
            return Delete(document), Delete(document)
        if isinstance(read[0], Unreadable):
            return DisableUnreadable(read[0], at=NOW), DisableUnreadable(read[1], at=NOW)
        return self._write_to(document, read)

    def _write_to(self, document: Document, read: Read) -> tuple[Write, Write]:
        match self._drawn.random.choice(("change", "change", "change", "verify", "delete", "delete as read")):
            case "change":
                after = _like(read[0].value, document)
                return Change(read[0], after), Change(read[1], after)
            case "verify":
                return Change(read[0], read[0].value), Change(read[1], read[1].value)
            case "delete":
                return Delete(document), Delete(document)
        return Delete(document, version=read[0].version), Delete(document, version=read[1].version)

    async def _read(self, document: Document) -> Read | None:
        """Return what both hold now, or held earlier, or None."""
        known = [read for read, of in self._reads[-40:] if _name(of) == _name(document)]
        if known and self._drawn.random.random() < 0.2:
            return self._drawn.random.choice(known)
        found = [await find(adapter.store, document) for adapter in self._both]
        assert value_of(found[0]) == value_of(found[1])
        if found[0] is None:
            return None
        self._reads.append(((found[0], found[1]), document))
        return found[0], found[1]

    async def _spoil(self) -> None:
        trigger = self._drawn.trigger()
        if await find(self._both[1].store, trigger) is not None:
            fields = {"overlap": self._drawn.random.choice(("skip", "sometimes"))}
            for adapter in self._both:
                await adapter.spoil(trigger.project, trigger.id, fields)

    async def _compare(self) -> None:
        shown = [await everything(adapter.store) for adapter in self._both]
        assert shown[0] == shown[1]


async def _ended(store: Store, writes: Sequence[Write]) -> str:
    try:
        await store.commit(writes)
    except (CommitConflict, InvalidArgument) as error:
        return type(error).__name__
    return "done"


def _name(document: Any) -> Any:
    return type(document), getattr(document, "project", None), getattr(document, "id", None)


def _like(before: Any, document: Any) -> Any:
    """Return the document that is read, changed in what the drawn one says."""
    return before.model_copy(update={name: value for name, value in document.__dict__.items() if name != "created"})
