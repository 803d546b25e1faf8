"""The model store does what Firestore does: random Commits have the same results and leave the same contents."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from ports.conftest import Adapter
from ports.documents import NOW
from ports.random_documents import RandomDocuments
from ports.store_contents import find, store_contents, value_of
from tock.core.errors import CommitConflict, InvalidArgument
from tock.core.unreadable import Unreadable
from tock.ports.store import (
    Change,
    Create,
    Delete,
    DisableUnreadable,
    Document,
    FailUnreadable,
    Store,
    Versioned,
    Write,
)

pytestmark = pytest.mark.anyio

COMMITS = 60
#: How many Commits come between two comparisons of all contents.
COMPARE_EVERY = 6
Both = tuple[Adapter, Adapter]
Read = tuple[Any, Any]


@pytest.mark.parametrize("seed", range(6))
async def test_the_model_does_what_firestore_does(
    firestore_adapter: Adapter, model_adapter: Adapter, seed: int
) -> None:
    await _Comparison(seed, both=(firestore_adapter, model_adapter)).run(COMMITS)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
async def test_the_model_does_what_firestore_does_at_length(
    firestore_adapter: Adapter, model_adapter: Adapter, seed: int
) -> None:
    await _Comparison(seed, both=(firestore_adapter, model_adapter)).run(4 * COMMITS)


class _Comparison:
    """Sends the same Commits to both stores, each with the versions read from that store."""

    def __init__(self, seed: int, *, both: Both) -> None:
        self._documents = RandomDocuments(seed)
        self._both = both
        #: The earlier reads of each document in both stores; their versions may be old and conflict.
        self._reads: list[tuple[Read, Document]] = []

    async def run(self, commits: int) -> None:
        for number in range(commits):
            writes = [
                write for _ in range(self._documents.random.choice((1, 1, 2, 3, 5))) for write in [await self._write()]
            ]
            ended = [await _ended(adapter.store, [pair[n] for pair in writes]) for n, adapter in enumerate(self._both)]
            assert ended[0] == ended[1], writes
            if self._documents.random.random() < 0.1:
                await self._overwrite()
            if number % COMPARE_EVERY == COMPARE_EVERY - 1:
                await self._compare()

    async def _write(self) -> tuple[Write, Write]:
        document = self._documents.document()
        if self._documents.random.random() < 0.4:
            return Create(document), Create(document)
        read = await self._read(document)
        if read is None:
            return Delete(document), Delete(document)
        if isinstance(read[0], Unreadable):
            return self._write_to_unreadable(document, read)
        return self._write_to(document, read)

    def _write_to_unreadable(self, document: Document, read: Read) -> tuple[Write, Write]:
        choices: dict[str, tuple[str, ...]] = {
            "trigger": ("disable", "delete", "replace"),
            "run": ("fail", "delete", "replace"),
        }
        match self._documents.random.choice(choices.get(read[0].kind, ("delete", "replace"))):
            case "disable":
                return DisableUnreadable(read[0], at=NOW), DisableUnreadable(read[1], at=NOW)
            case "fail":
                return FailUnreadable(read[0], at=NOW, expire_at=NOW), FailUnreadable(read[1], at=NOW, expire_at=NOW)
            case "delete":
                return Delete.of(read[0]), Delete.of(read[1])
        one, other = (Versioned(document, found.version, restored=True) for found in read)
        return Change(one, document), Change(other, document)

    def _write_to(self, document: Document, read: Read) -> tuple[Write, Write]:
        match self._documents.random.choice(("change", "change", "change", "verify", "delete", "delete as read")):
            case "change":
                after = _like(read[0].value, document)
                return Change(read[0], after), Change(read[1], after)
            case "verify":
                return Change(read[0], read[0].value), Change(read[1], read[1].value)
            case "delete":
                return Delete(document), Delete(document)
        return Delete(document, version=read[0].version), Delete(document, version=read[1].version)

    async def _read(self, document: Document) -> Read | None:
        """Return what both stores hold now, or held earlier, or None."""
        known = [read for read, of in self._reads[-40:] if _name(of) == _name(document)]
        if known and self._documents.random.random() < 0.2:
            return self._documents.random.choice(known)
        found = [await find(adapter.store, document) for adapter in self._both]
        assert value_of(found[0]) == value_of(found[1])
        if found[0] is None:
            return None
        self._reads.append(((found[0], found[1]), document))
        return found[0], found[1]

    async def _overwrite(self) -> None:
        draw, field, values = self._documents.random.choice(_DAMAGE)(self._documents)
        document = draw()
        if await find(self._both[1].store, document) is not None:
            fields = {field: self._documents.random.choice(values)}
            for adapter in self._both:
                await adapter.overwrite(document, fields)

    async def _compare(self) -> None:
        shown = [await store_contents(adapter.store) for adapter in self._both]
        assert shown[0] == shown[1]


#: What damages a document of some kinds, or mends it again.
_DAMAGE: tuple[Callable[[RandomDocuments], tuple[Callable[[], Document], str, tuple[Any, Any]]], ...] = (
    lambda documents: (documents.trigger, "overlap", ("skip", "sometimes")),
    lambda documents: (documents.run, "queue_depth", (1, "many")),
    lambda documents: (documents.agent, "kind", ("python", 7)),
    lambda documents: (documents.project, "description", ("", 7)),
    lambda documents: (documents.lock, "subject", ("issue 7", 7)),
)


async def _ended(store: Store, writes: Sequence[Write]) -> str:
    try:
        await store.commit(writes)
    except (CommitConflict, InvalidArgument) as error:
        return type(error).__name__
    return "done"


def _name(document: Any) -> Any:
    return type(document), getattr(document, "project", None), getattr(document, "id", None)


def _like(before: Any, document: Any) -> Any:
    """Return the document that was read, with the values of the random one."""
    return before.model_copy(update={name: value for name, value in document.__dict__.items() if name != "created"})
