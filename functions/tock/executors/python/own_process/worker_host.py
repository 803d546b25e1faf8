"""The host of the attempt in its worker process: it asks the function's process."""

import contextlib
import queue
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from tock.core.errors import AttemptEnded
from tock.core.run.events.event_kind import EventKind
from tock.core.run.gate import event_of, session_of, state_of, usage_of
from tock.core.run.outcome import Usage
from tock.executors.python.own_process.worker_channel import Channel, Resolve, resolver, value_of
from tock.executors.python.own_process.worker_protocol import message_from_frame, previous_from_frame
from tock.ports.host import Message, Previous


class ChannelHost:
    """What an agent in a process of its own asks for and reports: by coroutines, and by methods that block."""

    def __init__(self, channel: Channel, *, is_stopped: Callable[[], bool]) -> None:
        self._channel = channel
        self._is_stopped = is_stopped
        #: Messages that have come and that the agent has not got.
        self._arrived: deque[Message] = deque()

    def report(self, kind: Any, data: Any, *, replaced: bool) -> None:
        """Send an event, whatever kind and data are."""
        word, kept, changed = event_of(kind, data)
        self._tell({"event": [word, kept, replaced or changed]})

    def log(self, text: str, *, level: str, stream: str | None = None) -> None:  # noqa: ARG002 - streams are pipes here
        """Send what the agent logged."""
        self._tell({"log": [text, level]})

    def notice(self, kind: str, data: Any) -> None:  # noqa: ARG002 - a worker has no other notice
        """Send a warning, which is Tock's own event `run.warning`."""
        self._tell({"warning": data["text"]})

    def use(self, usage: Usage) -> None:
        """Send what the agent consumed."""
        valid, problem = usage_of(usage)
        if problem is not None:
            self.notice(EventKind.WARNING, {"text": f"Usage was left out, because {problem}."})
        self._tell({"usage": asdict(valid)})

    @property
    def cancelled(self) -> bool:
        """Whether the agent must stop now."""
        try:
            return self._is_stopped() or bool(self._channel.ask("cancelled"))
        except AttemptEnded:
            return True

    async def take_signals(self) -> Sequence[Message]:
        """Wait for messages to the run; those that come while the call is cancelled are for the next one."""
        import asyncio  # noqa: PLC0415 imported lazily: a plain agent does not need it

        loop = asyncio.get_running_loop()
        while not (arrived := self._all_arrived()):
            answered: asyncio.Future[dict[str, Any]] = loop.create_future()
            number = self._ask_for_messages(resolver(loop, answered))
            try:
                answer = await answered
            except asyncio.CancelledError:
                self._channel.withdraw(number)
                raise
            if not value_of(answer):  # the agent is being stopped
                return ()
        return arrived

    def wait_for_messages(self, timeout: timedelta | None) -> Sequence[Message]:
        """Block until there are messages to the run; those that come when nobody waits are for the next call."""
        end = None if timeout is None else time.monotonic() + timeout.total_seconds()
        while not (arrived := self._all_arrived()):
            answers = queue.SimpleQueue[dict[str, Any]]()
            number = self._ask_for_messages(answers.put)
            try:
                answer = answers.get(timeout=None if end is None else max(end - time.monotonic(), 0))
            except queue.Empty:
                self._channel.withdraw(number)
                return self._all_arrived()
            except BaseException:  # the agent is interrupted
                self._channel.withdraw(number)
                raise
            if not value_of(answer):  # the agent is being stopped
                return ()
        return arrived

    async def checkpoint(self, state: Any) -> None:
        """Store a JSON value with the run."""
        await self._channel.ask_from_loop("checkpoint", state_of(state))

    def save(self, state: Any) -> None:
        """Store a JSON value with the run, and return when it is stored."""
        self._channel.ask("checkpoint", state_of(state))

    async def load_session(self) -> Any:
        """Return the state of the run's session."""
        return await self._channel.ask_from_loop("load_session")

    def read_session(self) -> Any:
        """Return the state of the run's session, and block meanwhile."""
        return self._channel.ask("load_session")

    async def save_session(self, state: Any) -> None:
        """Store the state of the run's session."""
        await self._channel.ask_from_loop("save_session", session_of(state))

    def write_session(self, state: Any) -> None:
        """Store the state of the run's session, and return when it is stored."""
        self._channel.ask("save_session", session_of(state))

    async def previous(self) -> Previous:
        """Read how earlier runs of the trigger ended."""
        return previous_from_frame(await self._channel.ask_from_loop("previous"))

    def read_previous(self) -> Previous:
        """Read how earlier runs of the trigger ended, and block meanwhile."""
        return previous_from_frame(self._channel.ask("previous"))

    def _ask_for_messages(self, resolve: Resolve) -> int:
        def keep(answer: dict[str, Any]) -> None:
            self._arrived.extend(map(message_from_frame, answer.get("value") or ()))
            resolve(answer)

        return self._channel.begin_to_ask("take_signals", None, keep)

    def _all_arrived(self) -> Sequence[Message]:
        """Return the messages that have come, each once, whatever other threads take."""
        taken = []
        with contextlib.suppress(IndexError):
            while True:
                taken.append(self._arrived.popleft())
        return tuple(taken)

    def _tell(self, frame: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # the parent ended, and this process ends with it
            self._channel.send(frame)
