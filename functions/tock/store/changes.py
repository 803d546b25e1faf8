"""The Firestore adapter of the port `changes`: one Listen stream for all listeners of an event loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

from google.cloud.firestore_v1 import AsyncClient, types

from tock.ports.changes import EventChanges, News, RunChanges, SignalChanges, Subject
from tock.store.documents.paths import CHUNKS, PROJECTS, RUNS, SIGNALS, is_id
from tock.store.listen_stream import Listened, ListenStream
from tock.store.queries.query import Condition, Query
from tock.store.rpc import FirestoreRpc

#: How long the server may take to end a stream; then the connection is broken off.
LONGEST_END = timedelta(seconds=5)
_Target = types.Target.pb()


class FirestoreChanges:
    """Listens to documents of one database; the port says what it guarantees.

    The stream is open only while somebody listens. Price: Firestore bills one read for each document that it sends,
    and at least one for each query.
    """

    def __init__(self, client: AsyncClient) -> None:
        self._rpc = FirestoreRpc(client)
        self._numbers = count(1)
        self._stream: ListenStream | None = None
        self._open: dict[ListenStream, asyncio.Task[None]] = {}

    @property
    def streams(self) -> int:
        """How many streams are open, those included that the server is about to end."""
        return len(self._open)

    @property
    def is_current(self) -> bool:
        """Whether the server has told all who listen what there was before."""
        return self._stream is not None and self._stream.is_current

    @asynccontextmanager
    async def listen(self, *subjects: Subject) -> AsyncIterator[News]:
        """Return a context in which there is news of the subjects."""
        news = News()
        targets = [target for target in map(self._target, subjects) if target is not None]
        if not targets:
            yield news
            return
        stream = self._used_stream()
        added = [Listened(number=next(self._numbers), target=target, news=news) for target in targets]
        for each in added:
            stream.add(each)
        try:
            yield news
        finally:
            for each in added:
                stream.remove(each.number)
            if stream is self._stream and not stream.is_used:
                self._end_stream(stream)

    def _used_stream(self) -> ListenStream:
        if self._stream is None:
            self._stream = ListenStream(self._rpc)
            self._open[self._stream] = task = asyncio.create_task(self._stream.keep_open())
            task.add_done_callback(partial(_forget, self._open, self._stream))
        return self._stream

    def _end_stream(self, stream: ListenStream) -> None:
        """Ask the server to end the stream; who listens next opens another one."""
        self._stream = None
        stream.end()
        if (task := self._open.get(stream)) is not None:
            asyncio.get_running_loop().call_later(LONGEST_END.total_seconds(), task.cancel)

    def _target(self, subject: Subject) -> Any:
        """Return the `Target` message of a subject, without its number; None if no document can have its ids."""
        if not (is_id(subject.project) and is_id(subject.run)):
            return None
        run = f"{self._rpc.documents}/{PROJECTS}/{subject.project}/{RUNS}/{subject.run}"
        target = _Target()
        match subject:
            case RunChanges():
                target.documents.documents.append(run)
            case EventChanges(since=since):
                _set_query(target, parent=run, query=_newer(CHUNKS, "last_seq", since=since))
            case SignalChanges(since=since):
                _set_query(target, parent=run, query=_newer(SIGNALS, "number", since=since))
        return target


def _forget(streams: dict[ListenStream, asyncio.Task[None]], stream: ListenStream, _: asyncio.Task[None]) -> None:
    streams.pop(stream, None)


def _newer(collection: str, field: str, *, since: int) -> Query:
    return Query(collection, where=(Condition(field, ">", since),), order=field)


def _set_query(target: Any, *, parent: str, query: Query) -> None:
    target.query.parent = parent
    target.query.structured_query.CopyFrom(query.message())
