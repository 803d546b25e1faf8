"""A run's events as server-sent events (WHATWG HTML, "Server-sent events")."""

import json
import re
from typing import Any

from tock.app.follow_run import End, Quiet
from tock.app.run_events import last_number
from tock.core.errors import InvalidArgument
from tock.core.run.events.event import Event
from tock.core.unreadable import Unreadable

MEDIA_TYPE = "text/event-stream"
#: Names of Tock's own that no event of an agent has in a stream.
END, UNREADABLE = "end", "unreadable"
#: How long a reader waits before it opens a stream that broke again, in milliseconds.
_RETRY = 1_000
OPENING = f"retry: {_RETRY}\n\n".encode()
#: So that no proxy keeps events back (nginx, "ngx_http_proxy_module").
UNBUFFERED = {"X-Accel-Buffering": "no"}
QUIET = b": nothing happened\n\n"
EVENT_ID = re.compile(r"[0-9]{1,15}")


def server_sent(item: Event | Unreadable | Quiet | End) -> bytes:
    """Return the bytes of this in a stream: an event with its number as its id, a comment for silence, or the end.

    The name of an event is its kind, as far as a name can hold it; `data` has the whole event.
    """
    match item:
        case Event():
            return message(_name(item.kind), item.model_dump(mode="json"), number=item.seq)
        case Unreadable():
            problem = {"id": item.id, "problem": item.problem}
            return message(UNREADABLE, problem, number=last_number(item))
        case End():
            return message(END, {"reason": item.reason, "status": item.status}, number=None)
        case Quiet():
            return QUIET


def message(name: str | None, data: Any, *, number: int | None) -> bytes:
    """Return the bytes of one event of a stream; a reader in a browser hears one without a name whatever it is."""
    # JSON with only ASCII characters has no line break, however a reader divides lines.
    begin = ([] if number is None else [f"id: {number}"]) + ([] if name is None else [f"event: {name}"])
    return "\n".join([*begin, f"data: {json.dumps(data)}", "", ""]).encode()


def event_number(text: str) -> int:
    """Return the number in a `Last-Event-ID`. Raises InvalidArgument."""
    if EVENT_ID.fullmatch(text) is None:
        raise InvalidArgument(field="Last-Event-ID", value=text, remedy="send the id of an event, such as 1000001")
    return int(text)


def _name(kind: str) -> str:
    word = "".join(character if character.isprintable() else " " for character in kind).strip()
    return f"agent.{word}" if word in {END, UNREADABLE, ""} else word
