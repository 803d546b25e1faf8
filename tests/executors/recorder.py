"""Records the events of an agent."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tock.core.run.outcome import Usage, Workspace
from tock.ports.executor import RunContext
from tock.ports.host import Message, Previous
from waiting import until


@dataclass
class Recorder:
    """Keeps the events that an agent reports, and can request its cancellation."""

    events: list[tuple[str, Any]] = field(default_factory=list)
    stop_asked: bool = False
    #: The kinds of the events whose data was replaced.
    replaced: list[str] = field(default_factory=list)
    #: Tock's own events of the run.
    notices: list[tuple[str, Any]] = field(default_factory=list)

    #: What the agent reported that it consumed.
    used: list[Usage] = field(default_factory=list)
    #: What its attempts left in their workspaces.
    left: list[Workspace] = field(default_factory=list)
    #: What it saved, and what it asks for gets.
    states: list[Any] = field(default_factory=list)
    signals: "asyncio.Queue[Message]" = field(default_factory=asyncio.Queue)
    #: How many signals the agent was given, and how many of them it has dealt with: it asked for more.
    given: int = 0
    taken: int = 0
    before: Previous = field(default_factory=Previous)
    conversation: Any = None
    logged: list[tuple[str, str]] = field(default_factory=list)
    #: How many of its questions for messages are open.
    questions: int = 0
    #: A message that comes at the very moment at which the agent stops to wait for any.
    late: Message | None = None
    #: What a checkpoint, and the saving of a session, raises.
    failing: Exception | None = None

    def report(self, kind: str, data: Any, *, replaced: bool) -> None:
        self.events.append((kind, data))
        if replaced:
            self.replaced.append(kind)

    def notice(self, kind: str, data: Any) -> None:
        self.notices.append((kind, data))

    def log(self, text: str, *, level: str, stream: str | None = None) -> None:  # noqa: ARG002 - as the port says
        self.logged.append((level, text))

    def use(self, usage: Usage) -> None:
        self.used.append(usage)

    def leave(self, workspace: Workspace) -> None:
        self.left.append(workspace)

    @property
    def cancelled(self) -> bool:
        return self.stop_asked

    async def take_signals(self) -> Sequence[Message]:
        self.taken = self.given
        self.given += 1
        self.questions += 1
        try:
            if self.late is not None:
                return [await self._as_it_is_cancelled(self.late)]
            return [await self.signals.get()]
        finally:
            self.questions -= 1

    async def _as_it_is_cancelled(self, message: Message) -> Message:
        """Return the message although the caller gives up, as if it had come at the same moment."""
        self.late = None
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return message

    async def checkpoint(self, state: Any) -> None:
        if self.failing is not None:
            raise self.failing
        self.states.append(state)

    async def load_session(self) -> Any:
        return self.conversation

    async def save_session(self, state: Any) -> None:
        if self.failing is not None:
            raise self.failing
        self.conversation = state

    async def previous(self) -> Previous:
        return self.before

    async def first_event(self) -> Any:
        """Return the data of the first event, as soon as there is one."""
        await until(lambda: self.events)
        return self.events[0][1]

    def context(self, **values: Any) -> RunContext:
        given = {
            "project": "acme",
            "run": "run-1",
            "trigger": "morning-digest",
            "agent": "digest",
            "message": "Digest of tock",
            "input": {"repo": "tock", "größe": [1, 2.5, None]},
            "model": None,
            "ref": "main",
            "source": "schedule",
            "attempt": 2,
            "scheduled_for": datetime(2027, 3, 28, 1, 0, 0, 250_000, tzinfo=UTC),
            "deadline": datetime(2027, 3, 28, 1, 5, tzinfo=UTC),
            "time_zone": "Europe/Berlin",
        }
        return RunContext(
            **{**given, **values},
            host=self,
        )
