"""The model of the port `changes`: tells of each Commit of a model store at once."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from model.store import ModelStore
from tock.core.run.events.event import Chunk
from tock.core.run.messages.signal import Signal
from tock.core.run.run import Run
from tock.ports.changes import EventChanges, News, RunChanges, SignalChanges, Subject
from tock.ports.store import Change, Create, Document, Write


class ModelChanges:
    """Tells listeners of the Commits of one model store; `down` while the connection is."""

    def __init__(self, store: ModelStore) -> None:
        self.down = False
        self._store = store
        self._listeners: dict[int, tuple[Sequence[Subject], News]] = {}
        store.on_commit.append(self._tell)

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return len(self._listeners)

    @asynccontextmanager
    async def listen(self, *subjects: Subject) -> AsyncIterator[News]:
        """Return a context in which there is news of the subjects."""
        news = News()
        self._listeners[id(news)] = subjects, news
        if not self.down and [subject for subject in subjects if await self._is_news(subject)]:
            news.tell()
        try:
            yield news
        finally:
            del self._listeners[id(news)]

    async def _is_news(self, subject: Subject) -> bool:
        """Whether something that the subject is about stands in the store."""
        match subject:
            case RunChanges():
                return await self._store.run(subject.project, subject.run) is not None
            case EventChanges():
                found = await self._store.events(subject.project, subject.run, since=subject.since, limit=1)
                return found.last_seq > subject.since
            case SignalChanges():
                return bool(await self._store.signals(subject.project, subject.run, since=subject.since, limit=1))

    def _tell(self, writes: Sequence[Write]) -> None:
        if self.down:
            return
        changed = [_document(write) for write in writes]
        for subjects, news in self._listeners.values():
            if any(_is_about(subject, document) for subject in subjects for document in changed):
                news.tell()


def _document(write: Write) -> Document | None:
    match write:
        case Create(value=value):
            return value
        case Change(after=after):
            return after
    return None


def _is_about(subject: Subject, document: Document | None) -> bool:
    match subject, document:
        case RunChanges(), Run():
            return (document.project, document.id) == (subject.project, subject.run)
        case EventChanges(), Chunk():
            return _belongs(document, subject) and document.last_seq > subject.since
        case SignalChanges(), Signal():
            return _belongs(document, subject) and document.number > subject.since
    return False


def _belongs(document: Chunk | Signal, subject: Subject) -> bool:
    return (document.project, document.run) == (subject.project, subject.run)
