"""Reads an answer of type `text/event-stream` as it comes (HTML standard, "Server-sent events")."""

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from tock.core.json.strict import NotStrictJson, strict_json
from tock.core.mask import Mask
from tock.core.run.events.event_kind import EventKind
from tock.core.run.outcome import AgentOutcome, Failed
from tock.executors.http.answers.failure import failure_of
from tock.executors.http.answers.response import MAX_BODY, outcome_of_text
from tock.executors.http.answers.success_condition import SuccessCondition
from tock.executors.http.answers.usage_paths import UsagePaths
from tock.executors.stated_usage import stated_usage
from tock.ports.host import AttemptHost

#: The most bytes of one line, and of one event's data: a result of the largest size.
MAX_LINE = MAX_BODY
#: The most bytes of a whole stream.
MAX_STREAM = 64 * 1024 * 1024
#: The kind of an event that names none.
UNNAMED = "message"
_BREAK = re.compile(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"


class StreamTooLarge(Exception):
    """A line, an event's data or the stream has more bytes than allowed."""


async def outcome_of_stream(
    parts: AsyncIterator[bytes],
    *,
    host: AttemptHost,
    mask: Mask,
    success: SuccessCondition | None,
    usage: UsagePaths | None = None,
) -> AgentOutcome:
    """Give each event to the host as it comes, and return the outcome that the event `result` or `error` states.

    `usage` adds what the agent consumed, `log` is a line of its output; any other name is the kind of an event of the
    run. What follows the outcome is not read. A stream that ends without one has failed; another attempt may succeed.
    """
    async with aclosing(_events(parts)) as events:
        try:
            async for name, text in events:
                if name == "result":
                    return outcome_of_text(text.encode(), mask=mask, success=success, usage=usage)
                data = _value(text)
                match name:
                    case "error":
                        return failure_of(data, mask=mask)
                    case "usage":
                        _use(host, data)
                    case "log":
                        _log(host, data)
                    case _:
                        host.report(name, data, replaced=False)
        except StreamTooLarge as exc:
            return Failed(type="stream_too_large", message=str(exc), retryable=False)
    message = "The agent's stream ended without an event 'result' or 'error'."
    return Failed(type="stream_ended", message=message, retryable=True)


def _use(host: AttemptHost, data: Any) -> None:
    stated = stated_usage(data)
    if stated is not None:
        # The host leaves out what is no valid usage, and says so.
        host.use(stated)
    else:
        host.notice(EventKind.WARNING, {"text": "An event 'usage' was left out, because it states no usage."})


def _log(host: AttemptHost, data: Any) -> None:
    level, text = (data.get("level"), data.get("text")) if isinstance(data, dict) else (None, data)
    known = level if level in {"debug", "info", "warning", "error"} else "info"
    host.log(text if isinstance(text, str) else json.dumps(data), level=known)


def _value(text: str) -> Any:
    """Return the JSON value of an event's data; the text itself if it is no JSON."""
    try:
        return strict_json(text.encode())
    except NotStrictJson:
        return text


async def _events(parts: AsyncIterator[bytes]) -> AsyncGenerator[tuple[str, str]]:
    """Yield the name and the data of each event that has a name or data. Raises StreamTooLarge."""
    name, data, size = "", list[str](), 0
    async with aclosing(_lines(parts)) as lines:
        async for line in lines:
            if not line:
                if name or data:
                    yield name or UNNAMED, "\n".join(data)
                name, data, size = "", [], 0
                continue
            field, _, value = line.decode(errors="replace").partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
                size += len(line)
                if size > MAX_LINE:
                    raise StreamTooLarge(f"The data of an event is longer than {MAX_LINE} bytes.")


async def _lines(parts: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """Yield each whole line; what follows the last line break is dropped, as the standard says of an event."""
    held: list[bytes] = []
    size = total = 0
    after_return = False
    async for received in parts:
        total += len(received)
        if total > MAX_STREAM:
            raise StreamTooLarge(f"The stream is longer than {MAX_STREAM} bytes.")
        part = received.removeprefix(_BOM) if total == len(received) else received
        if after_return:
            part = part.removeprefix(b"\n")
        after_return = received.endswith(b"\r")
        first, *others = _BREAK.split(part)
        held.append(first)
        size += len(first)
        if size > MAX_LINE:
            raise StreamTooLarge(f"A line is longer than {MAX_LINE} bytes.")
        if others:
            yield b"".join(held)
            for line in others[:-1]:
                yield line
            held, size = [others[-1]], len(others[-1])
