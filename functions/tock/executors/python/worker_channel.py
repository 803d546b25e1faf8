"""The worker process's side of its connection to the function, and the host of the attempt on it."""

import contextlib
import json
import os
import queue
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import count
from typing import TYPE_CHECKING, Any

from tock.core.errors import StoreUnavailable
from tock.core.run.gate import event_of, session_of, state_of, usage_of
from tock.core.run.outcome import Usage
from tock.executors.python.worker_protocol import line
from tock.ports.host import Previous

if TYPE_CHECKING:
    from tock.core.run.signal import Signal


class Channel:
    """The connection to the parent: any thread may send frames, a background thread receives the answers."""

    def __init__(self, connection: socket.socket) -> None:
        connection.set_inheritable(False)
        self._connection = connection
        self._incoming = connection.makefile("rb")
        self._writing = threading.Lock()
        self._numbers = count(1)
        self._waiting: dict[int, Callable[[dict[str, Any]], object]] = {}

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
        """Ask the parent, block until it answers, and return the answer. Raises StoreUnavailable."""
        answers = queue.SimpleQueue[dict[str, Any]]()
        self._ask(name, value, answers.put)
        return _value_of(answers.get())

    async def ask_from_loop(self, name: str, value: Any = None) -> Any:
        """Ask the parent without blocking the event loop. Raises StoreUnavailable."""
        import asyncio  # noqa: PLC0415 imported lazily: a plain agent does not need it

        loop = asyncio.get_running_loop()
        answered: asyncio.Future[dict[str, Any]] = loop.create_future()

        def resolve(answer: dict[str, Any]) -> None:
            if not answered.done():
                answered.set_result(answer)

        self._ask(name, value, lambda answer: loop.call_soon_threadsafe(resolve, answer))
        return _value_of(await answered)

    def _ask(self, name: str, value: Any, resolve: Callable[[dict[str, Any]], object]) -> None:
        number = next(self._numbers)
        self._waiting[number] = resolve
        self.send({"question": number, "name": name, "value": value})

    def _listen(self) -> None:
        for text in self._incoming:
            answer = json.loads(text)
            with contextlib.suppress(RuntimeError):  # the event loop that asked is closed
                self._waiting.pop(answer["answer"])(answer)
        # The other side ended or closed the connection: no process of the attempt may outlive it. The keeper kills the
        # others.
        os.kill(os.getpid(), signal.SIGKILL)


class ChannelHost:
    """The host of the attempt, which asks the function's process."""

    def __init__(self, channel: Channel, *, is_stopped: Callable[[], bool]) -> None:
        self._channel = channel
        self._is_stopped = is_stopped

    def report(self, kind: Any, data: Any, *, replaced: bool) -> None:
        """Send an event, whatever kind and data are."""
        word, kept, changed = event_of(kind, data)
        self._tell({"event": [word, kept, replaced or changed]})

    def log(self, text: str, *, level: str, stream: str | None = None) -> None:
        """Send a line that the agent logged."""
        self._tell({"log": [text, level, stream]})

    def notice(self, kind: str, data: Any) -> None:
        """Send an event of Tock's own."""
        self._tell({"notice": [kind, data]})

    def use(self, usage: Usage) -> None:
        """Send what the agent consumed."""
        valid, problem = usage_of(usage)
        if problem is not None:
            self.notice("run.warning", {"text": f"Usage was left out, because {problem}."})
        self._tell({"usage": asdict(valid)})

    @property
    def cancelled(self) -> bool:
        """Whether the run was asked to stop."""
        return self._is_stopped() or bool(self._channel.ask("cancelled"))

    async def take_signals(self) -> "Sequence[Signal]":
        """Wait for messages to the run."""
        return _signals(await self._channel.ask_from_loop("take_signals"))

    def wait_for_signals(self) -> "Sequence[Signal]":
        """Block until there are messages to the run, and return them."""
        return _signals(self._channel.ask("take_signals"))

    async def checkpoint(self, state: Any) -> None:
        """Store a JSON value with the run."""
        await self._channel.ask_from_loop("checkpoint", state_of(state))

    def save(self, state: Any) -> None:
        """Store a JSON value with the run, and return when it is stored."""
        self._channel.ask("checkpoint", state_of(state))

    async def load_session(self) -> Any:
        """Return the state of the run's session."""
        return await self._channel.ask_from_loop("load_session")

    async def save_session(self, state: Any) -> None:
        """Store the state of the run's session."""
        await self._channel.ask_from_loop("save_session", session_of(state))

    async def previous(self) -> Previous:
        """Read how earlier runs of the trigger ended."""
        return _previous(await self._channel.ask_from_loop("previous"))

    def read_previous(self) -> Previous:
        """Read how earlier runs of the trigger ended, and block meanwhile."""
        return _previous(self._channel.ask("previous"))

    def _tell(self, frame: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # the parent ended, and this process ends with it
            self._channel.send(frame)


def _value_of(answer: dict[str, Any]) -> Any:
    if "error" in answer:
        raise StoreUnavailable(answer["error"])
    return answer["value"]


def _signals(values: Sequence[Any]) -> "Sequence[Signal]":
    from tock.core.run.signal import Signal  # noqa: PLC0415 imported lazily: most agents take no messages

    return tuple(Signal.model_validate(each) for each in values)


def _previous(found: dict[str, Any]) -> Previous:
    from tock.core.run.run import RunError  # noqa: PLC0415 imported lazily: most agents do not ask

    failure = None if found["failure"] is None else RunError.model_validate(found["failure"])
    return Previous(result=found["result"], failure=failure)
