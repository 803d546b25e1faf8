"""A run's events as server-sent events (WHATWG HTML, "Server-sent events")."""

import json
from typing import Any

from tock.app.follow_run import End, Quiet
from tock.app.run_events import last_number
from tock.core.run.event import Event
from tock.core.unreadable import Unreadable

MEDIA_TYPE = "text/event-stream"
#: Names of Tock's own that no event of an agent has in a stream.
END, UNREADABLE = "end", "unreadable"
#: How long a reader waits before it opens a stream that broke again, in milliseconds.
_RETRY = 1_000
OPENING = f"retry: {_RETRY}\n\n".encode()


def server_sent(item: Event | Unreadable | Quiet | End) -> bytes:
    """Return the bytes of this in a stream: an event with its number as its id, a comment for silence, or the end.

    The name of an event is its kind, as far as a name can hold it; `data` has the whole event.
    """
    match item:
        case Event():
            return _message(_name(item.kind), item.model_dump(mode="json"), number=item.seq)
        case Unreadable():
            problem = {"id": item.id, "problem": item.problem}
            return _message(UNREADABLE, problem, number=last_number(item))
        case End():
            return _message(END, {"reason": item.reason, "status": item.status}, number=None)
        case Quiet():
            return b": nothing happened\n\n"


def _name(kind: str) -> str:
    word = "".join(character if character.isprintable() else " " for character in kind).strip()
    return f"agent.{word}" if word in {END, UNREADABLE, ""} else word


def _message(name: str, data: Any, *, number: int | None) -> bytes:
    # JSON with only ASCII characters has no line break, however a reader divides lines.
    lines = [*([f"id: {number}"] if number is not None else []), f"event: {name}", f"data: {json.dumps(data)}"]
    return "\n".join([*lines, "", ""]).encode()
