"""What a command says on its stdout: JSON lines are events and more, every other line is its log."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tock.core.errors import InvalidArgument, StoreUnavailable
from tock.core.run.events.event_kind import EventKind
from tock.core.run.outcome import OnDeadline, WaitFor, Waiting
from tock.executors.command.conversation import save_conversation
from tock.executors.stated_usage import REMEDY, stated_usage
from tock.ports.executor import RunContext

#: What a JSON line can say. One line can say several of them.
WORDS = frozenset({"event", "result", "usage", "wait", "checkpoint", "session"})
_WARNING = EventKind.WARNING


@dataclass(slots=True)
class Heard:
    """What the command has said so far."""

    context: RunContext
    result: Any = None
    wait: Waiting | None = None

    async def take(self, text: str) -> None:
        """Take one line of the log, or a JSON object that says something.

        `{"event": kind, "data": value}`, `{"result": value}`, `{"usage": {…}}`, `{"wait": {…}}`,
        `{"checkpoint": value}` and `{"session": value}` may also come together in one line. The last result and the
        last wait count, and usage adds up. An object without these words, but with a text `type`, is an event of that
        kind: many programs print such lines. Every other line is a line of the log.
        """
        said = _object(text)
        if said is None:
            self.context.host.log(text, level="info", stream="stdout")
            return
        words = WORDS & said.keys()
        if not words:
            self.context.emit(said["type"], said)
            return
        if "event" in words:
            self.context.emit(said["event"], said.get("data"))
        if "result" in words:
            self.result = said["result"]
        if "usage" in words:
            self._use(said["usage"])
        if "wait" in words:
            self._wait(said["wait"])
        if "session" in words:
            await save_conversation(self.context, said["session"])
        if "checkpoint" in words:
            await self._save(said["checkpoint"])

    def _use(self, given: Any) -> None:
        stated = stated_usage(given)
        if stated is not None:
            self.context.host.use(stated)
        else:
            self._warn("usage", given, REMEDY)

    def _wait(self, given: Any) -> None:
        from tock.core.time.duration import duration_from_text  # noqa: PLC0415 imported lazily: it takes pydantic along

        try:
            given = dict(given)
            values: dict[str, Any] = {"question": given.get("question", "")}
            if "deadline" in given:
                seconds = isinstance(given["deadline"], int | float)
                values["deadline"] = (
                    timedelta(seconds=given["deadline"]) if seconds else duration_from_text(given["deadline"])
                )
            if "on_deadline" in given:
                values["on_deadline"] = OnDeadline(given["on_deadline"])
            self.wait = Waiting(WaitFor(given["for"]), **values)
        except (TypeError, ValueError, KeyError, OverflowError):
            remedy = (
                'write {"for": "approval" | "input" | "callback", "question": text, "deadline": "PT1H",'
                ' "on_deadline": "fail" | "reject" | "continue"}'
            )
            self._warn("wait", given, remedy)

    async def _save(self, state: Any) -> None:
        try:
            await self.context.checkpoint(state)
        except (InvalidArgument, StoreUnavailable) as exc:
            self.context.host.notice(_WARNING, {"text": f"The checkpoint was not saved: {exc}"})

    def _warn(self, word: str, given: Any, remedy: str) -> None:
        text = f"The command printed a {word} of type {type(given).__name__} that cannot be read: {remedy}."
        self.context.host.notice(_WARNING, {"text": text})


def _object(text: str) -> dict[str, Any] | None:
    """Return the line as an object that says something, or None."""
    if not text.startswith("{"):
        return None
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not (WORDS & said.keys() or isinstance(said.get("type"), str)):
        return None
    return said
