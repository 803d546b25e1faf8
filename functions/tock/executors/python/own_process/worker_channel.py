"""The worker process's side of its connection to the function: sends frames, and asks questions."""

import contextlib
import json
import os
import queue
import signal
import socket
import threading
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any

from tock.core.errors import AttemptEnded, InvalidArgument, SessionMoved, StoreUnavailable
from tock.executors.python.own_process.worker_protocol import line

if TYPE_CHECKING:
    import asyncio

#: What answers a question when the attempt has ended.
_ENDED = {"ended": True}
#: Is called with the frame that answers a question, in the thread that listens.
Resolve = Callable[[dict[str, Any]], object]


class Channel:
    """The connection to the parent: any thread may send frames, a background thread receives the answers."""

    def __init__(self, connection: socket.socket) -> None:
        connection.set_inheritable(False)
        self._connection = connection
        self._incoming = connection.makefile("rb")
        self._writing = threading.Lock()
        self._numbers = count(1)
        #: Guards the two below.
        self._asking = threading.Lock()
        self._unanswered: dict[int, Resolve] = {}
        self._ended = False

    def start(self) -> dict[str, Any]:
        """Read the first frame, then listen for answers in the background."""
        frame: dict[str, Any] = json.loads(self._incoming.readline())
        threading.Thread(target=self._listen, name="tock-channel", daemon=True).start()
        return frame

    def send(self, frame: dict[str, Any]) -> None:
        """Write one frame; raises TypeError or ValueError when it is not JSON."""
        text = line(frame)
        with self._writing:
            self._connection.sendall(text)

    def ask(self, name: str, value: Any = None) -> Any:
        """Ask the parent, block until it answers, and return the answer. Raises StoreUnavailable, AttemptEnded."""
        answers = queue.SimpleQueue[dict[str, Any]]()
        self.begin_to_ask(name, value, answers.put)
        return value_of(answers.get())

    async def ask_from_loop(self, name: str, value: Any = None) -> Any:
        """Ask the parent without blocking the event loop. Raises StoreUnavailable, AttemptEnded."""
        import asyncio  # noqa: PLC0415 imported lazily: a plain agent does not need it

        loop = asyncio.get_running_loop()
        answered: asyncio.Future[dict[str, Any]] = loop.create_future()

        self.begin_to_ask(name, value, resolver(loop, answered))
        return value_of(await answered)

    def begin_to_ask(self, name: str, value: Any, resolve: Resolve) -> int:
        """Send a question and return its number; `resolve` gets the answer."""
        number = next(self._numbers)
        with self._asking:
            if self._ended:
                raise AttemptEnded
            self._unanswered[number] = resolve
        self.send({"question": number, "name": name, "value": value})
        return number

    def withdraw(self, number: int) -> None:
        """Tell the parent that nobody waits for this answer; it answers at once."""
        with contextlib.suppress(OSError):  # the parent ended, and this process ends with it
            self.send({"withdraw": number})

    def _listen(self) -> None:
        for text in self._incoming:
            answer = json.loads(text)
            if answer == _ENDED:
                self._end()
                continue
            with self._asking:
                resolve = self._unanswered.pop(answer["answer"], None)
            if resolve is not None:
                resolve(answer)
        # The other side ended or closed the connection: no process of the attempt may outlive it. The keeper kills the
        # others.
        os.kill(os.getpid(), signal.SIGKILL)

    def _end(self) -> None:
        with self._asking:
            self._ended = True
            unanswered, self._unanswered = self._unanswered, {}
        for resolve in unanswered.values():
            resolve(_ENDED)


def resolver(loop: "asyncio.AbstractEventLoop", answered: "asyncio.Future[dict[str, Any]]") -> Resolve:
    """Return what sets the result of a future of this loop, in any thread."""

    def set_result(answer: dict[str, Any]) -> None:
        if not answered.done():
            answered.set_result(answer)

    def resolve(answer: dict[str, Any]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(set_result, answer)

    return resolve


def value_of(answer: dict[str, Any]) -> Any:
    """Return the value in an answer. Raises InvalidArgument, StoreUnavailable, SessionMoved, AttemptEnded."""
    if answer == _ENDED:
        raise AttemptEnded
    if "moved" in answer:
        session, run = answer["moved"]
        raise SessionMoved(session, run=run)
    if "refused" in answer:
        field, remedy = answer["refused"]
        raise InvalidArgument(field=field, value=None, remedy=remedy)
    if "error" in answer:
        raise StoreUnavailable(answer["error"])
    return answer["value"]
