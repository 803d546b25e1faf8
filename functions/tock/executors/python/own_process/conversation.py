"""The function's side of the connection to a worker process: takes what the agent reports, answers what it asks."""

import asyncio
import json
import logging
from dataclasses import asdict
from typing import Any

from tock.core.errors import InvalidArgument, SessionMoved, TockError
from tock.core.run.events.event_kind import EventKind
from tock.core.run.gate import INVALID_OUTCOME, message_of
from tock.core.run.outcome import AgentOutcome, Failed, Usage
from tock.executors.python.agent_output import NUMBERS, AgentOutput
from tock.executors.python.own_process.worker_protocol import line, message_to_frame, outcome_from_frame
from tock.ports.executor import RunContext

_log = logging.getLogger("tock.executors.python")


class Conversation:
    """What an attempt's function and worker say to each other."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        context: RunContext,
        output: AgentOutput,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._context = context
        self._output = output
        #: By number.
        self._questions: dict[int, asyncio.Task[None]] = {}
        #: The traceback of the exception that ended the attempt; None if none did.
        self.traceback: str | None = None

    async def outcome(self) -> AgentOutcome | None:
        """Read frames until the outcome comes, and return it; None if the connection ends before.

        Then the worker is told that nothing it asks for is answered any more.
        """
        try:
            while text := await self._reader.readline():
                frame = json.loads(text)
                if isinstance(frame, dict) and "outcome" in frame:
                    return outcome_from_frame(frame["outcome"])
                self._take(frame)
        except ConnectionError:
            return None
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as exc:
            message = f"The agent's process wrote to Tock's own connection: {exc}"
            return Failed(type=INVALID_OUTCOME, message=message, retryable=False)
        finally:
            for question in self._questions.values():
                question.cancel()
            self._writer.write(line({"ended": True}))
        return None

    def _take(self, frame: Any) -> None:
        host = self._context.host
        match frame:
            case {"question": int(number), "name": str(name), "value": value}:
                question = asyncio.create_task(self._reply(number, name, value))
                self._questions[number] = question
                question.add_done_callback(lambda _: self._questions.pop(number, None))
            case {"withdraw": int(number)}:
                if (withdrawn := self._questions.get(number)) is not None:
                    withdrawn.cancel()
            case {"event": [kind, data, bool(replaced)]}:
                host.report(kind, data, replaced=replaced)
            case {"log": [str(text), str(level)]}:
                self._output.record(text, level=level if level in NUMBERS else "info")
            case {"traceback": str(text)}:
                self.traceback = text
            case {"warning": str(text)}:
                host.notice(EventKind.WARNING, {"text": message_of(text)})
            case {"usage": usage}:
                host.use(Usage(**usage))

    async def _reply(self, number: int, name: str, value: Any) -> None:
        try:
            answer: dict[str, Any] = {"value": await self._answer(name, value)}
        except asyncio.CancelledError:
            # It was withdrawn; what the agent's host took meanwhile, the next question gets.
            self._writer.write(line({"answer": number, "value": None}))
            raise
        except SessionMoved as exc:
            answer = {"moved": [exc.session, exc.run]}
        except InvalidArgument as exc:
            answer = {"refused": [exc.field, exc.remedy]}
        except TockError as exc:
            answer = {"error": str(exc)}
        except Exception as exc:  # noqa: BLE001 - a question without an answer would hold up the agent
            _log.exception("question_failed", extra={"run": self._context.run, "attempt": self._context.attempt})
            answer = {"error": f"Tock could not answer {name!r}: {type(exc).__name__}."}
        self._writer.write(line({"answer": number, **answer}))

    async def _answer(self, name: str, value: Any) -> Any:
        context = self._context
        match name:
            case "cancelled":
                return context.cancelled
            case "take_signals":
                return [message_to_frame(message) for message in await context.messages()]
            case "checkpoint":
                return await context.checkpoint(value)
            case "load_session":
                return await context.load_session()
            case "save_session":
                return await context.save_session(value)
            case "previous":
                return asdict(await context.previous())
            case _:
                raise InvalidArgument(field="name", value=name, remedy="is no question that the function answers")
