"""The function's side of the connection to a worker process: takes what the agent reports, answers what it asks."""

import asyncio
import json
from typing import Any

from tock.core.errors import InvalidArgument, Unavailable
from tock.core.run.gate import INVALID_OUTCOME
from tock.core.run.outcome import AgentOutcome, Failed, Usage
from tock.executors.python.worker_protocol import line, outcome_from_frame
from tock.ports.executor import RunContext


async def converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, context: RunContext
) -> AgentOutcome | None:
    """Read frames until the outcome comes, and return it; None if the connection ends before."""
    questions: set[asyncio.Task[None]] = set()
    try:
        while text := await reader.readline():
            match json.loads(text):
                case {"question": int(number), "name": str(name), "value": value}:
                    question = asyncio.create_task(_reply(writer, number, name, value, context=context))
                    questions.add(question)
                    question.add_done_callback(questions.discard)
                case {"outcome": outcome}:
                    return outcome_from_frame(outcome)
                case report:
                    _take(report, context=context)
    except ConnectionError:
        return None
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as exc:
        message = f"The agent's process wrote to Tock's own connection: {exc}"
        return Failed(type=INVALID_OUTCOME, message=message, retryable=False)
    finally:
        for question in questions:
            question.cancel()
    return None


def _take(report: Any, *, context: RunContext) -> None:
    match report:
        case {"event": [kind, data, bool(replaced)]}:
            context.host.report(kind, data, replaced=replaced)
        case {"log": [str(text), str(level), stream]}:
            context.host.log(text, level=level, stream=stream)
        case {"notice": [str(kind), data]}:
            context.host.notice(kind, data)
        case {"usage": usage}:
            context.host.use(Usage(**usage))


async def _reply(writer: asyncio.StreamWriter, number: int, name: str, value: Any, *, context: RunContext) -> None:
    try:
        writer.write(line({"answer": number, "value": await _answer(name, value, context=context)}))
    except (InvalidArgument, Unavailable) as exc:
        writer.write(line({"answer": number, "error": str(exc)}))


async def _answer(name: str, value: Any, *, context: RunContext) -> Any:
    match name:
        case "cancelled":
            return context.cancelled
        case "take_signals":
            return [signal.model_dump(mode="json") for signal in await context.messages()]
        case "checkpoint":
            return await context.checkpoint(value)
        case "load_session":
            return await context.load_session()
        case "save_session":
            return await context.save_session(value)
        case "previous":
            previous = await context.previous()
            failure = None if previous.failure is None else previous.failure.model_dump(mode="json")
            return {"result": previous.result, "failure": failure}
        case _:
            raise InvalidArgument(field="name", value=name, remedy="is no question that the function answers")
