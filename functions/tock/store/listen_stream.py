"""One Listen stream with several targets: it is opened again when it breaks, and goes on from where it was."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from google.api_core.exceptions import GoogleAPIError
from google.cloud.firestore_v1 import types

from tock.ports.changes import News
from tock.store.rpc import FirestoreRpc

#: The wait before the stream is opened again after it broke; it doubles up to the longest one while opening fails.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=0.5), timedelta(seconds=30)
_ListenRequest = types.ListenRequest.pb()
_Target = types.Target.pb()
_TargetChange = types.TargetChange.TargetChangeType
_logger = logging.getLogger("tock")


@dataclass(slots=True)
class Listened:
    """A target of the stream: what is listened to, whom it tells, and from where it goes on after a break."""

    number: int
    target: Any
    news: News
    resume_token: bytes = b""
    #: Whether the server has told all that there was when it began to listen to this.
    is_current: bool = False


class ListenStream:
    """Tells of what the server sends about the targets, from `keep_open` on until `end`."""

    def __init__(self, rpc: FirestoreRpc) -> None:
        self._rpc = rpc
        self._listened: dict[int, Listened] = {}
        self._ended = asyncio.Event()
        #: The requests of the connection that is open, or of the next one; None ends it.
        self._requests: asyncio.Queue[Any] = asyncio.Queue()

    @property
    def is_used(self) -> bool:
        """Whether it has a target."""
        return bool(self._listened)

    @property
    def is_current(self) -> bool:
        """Whether the server has told all that there was of each target when it began to listen to it."""
        return all(each.is_current for each in self._listened.values())

    def add(self, listened: Listened) -> None:
        """Listen to another target."""
        self._listened[listened.number] = listened
        self._ask(add_target=_request(listened))

    def remove(self, number: int) -> None:
        """Listen to a target no more."""
        if self._listened.pop(number, None) is not None:
            self._ask(remove_target=number)

    def end(self) -> None:
        """Let the server end the stream, and `keep_open` return."""
        self._ended.set()
        self._requests.put_nowait(None)

    async def keep_open(self) -> None:
        """Keep a connection open with all targets until `end`; after a break wait, longer each time it fails."""
        pause = FIRST_PAUSE
        while not self._ended.is_set():
            self._requests = asyncio.Queue()
            for listened in self._listened.values():
                self._ask(add_target=_request(listened))
            try:
                async for response in self._rpc.listen(_until_none(self._requests)):
                    pause = FIRST_PAUSE
                    self._take(response)
            except GoogleAPIError as exc:
                _logger.warning("listening_failed", extra={"fields": {"problem": str(exc)[:500]}})
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), pause.total_seconds())
            pause = min(pause * 2, LONGEST_PAUSE)

    def _ask(self, **asked: Any) -> None:
        self._requests.put_nowait(_ListenRequest(database=self._rpc.database, **asked))

    def _take(self, response: Any) -> None:
        """Tell whose documents changed, and note from where to go on."""
        match response.WhichOneof("response_type"):
            case "document_change":
                self._tell((*response.document_change.target_ids, *response.document_change.removed_target_ids))
            case "document_delete":
                self._tell(response.document_delete.removed_target_ids)
            case "document_remove":
                self._tell(response.document_remove.removed_target_ids)
            case "target_change":
                self._take_target_change(response.target_change)

    def _take_target_change(self, change: Any) -> None:
        numbers = tuple(change.target_ids) or tuple(self._listened)
        if change.target_change_type == _TargetChange.REMOVE and change.HasField("cause"):
            # Who listened to these looks by himself; the other targets of the stream go on.
            for number in numbers:
                self._listened.pop(number, None)
            _logger.warning("listening_refused", extra={"fields": {"problem": change.cause.message[:500]}})
            return
        if change.target_change_type == _TargetChange.CURRENT:
            for number in numbers:
                if number in self._listened:
                    self._listened[number].is_current = True
        if change.target_change_type == _TargetChange.RESET or change.resume_token:
            for number in numbers:
                if number in self._listened:
                    self._listened[number].resume_token = change.resume_token

    def _tell(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            if number in self._listened:
                self._listened[number].news.tell()


def _request(listened: Listened) -> Any:
    message = _Target(target_id=listened.number)
    message.MergeFrom(listened.target)
    if listened.resume_token:
        message.resume_token = listened.resume_token
    return message


async def _until_none(requests: asyncio.Queue[Any]) -> AsyncIterator[Any]:
    while (request := await requests.get()) is not None:
        yield types.ListenRequest.wrap(request)
