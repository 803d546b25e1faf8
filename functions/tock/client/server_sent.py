"""Reads a run's events from the lines of a stream of server-sent events (WHATWG HTML, "Server-sent events")."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from tock.app.follow_run import EndReason
from tock.client.errors import ConnectionFailed, NotTock
from tock.core.run.events.event import Event
from tock.web.resources.runs.event_stream import END, UNREADABLE

#: Behind an end with these reasons nothing comes; after another one, a further stream goes on.
_FINAL = frozenset({EndReason.SETTLED, EndReason.GONE})


class UnreadableEvents(BaseModel):
    """Stored events that cannot be read, in the place of the events; it has an event's members."""

    model_config = ConfigDict(frozen=True)

    #: The number of the last of them.
    seq: int
    at: None = None
    attempt: None = None
    kind: Literal["unreadable"] = "unreadable"
    #: `id`: their number, or the first and the last of several; `problem`: what is wrong with the stored document.
    data: dict[str, Any]
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class EndOfStream:
    """The stream ends; `final` says whether the run's events do, too."""

    final: bool


class StreamReader:
    """Puts the lines of one stream together."""

    def __init__(self, *, server: str, since: int) -> None:
        self._server = server
        self._fields: dict[str, str] = {}
        #: The number of the last event.
        self.last = since

    def read(self, line: str) -> Event | UnreadableEvents | EndOfStream | None:
        """Return what the line completes, or None. Raises NotTock for what is no event of a run."""
        if line:
            name, _, value = line.partition(":")
            self._fields[name] = value.removeprefix(" ")
            return None
        fields, self._fields = self._fields, {}
        return self._complete(fields) if "data" in fields else None

    def end_early(self) -> None:
        """Raise ConnectionFailed: the lines ended before an end of the stream, as where a proxy closes connections."""
        raise ConnectionFailed(f"{self._server} ends the events of a run without saying why.")

    def _complete(self, fields: dict[str, str]) -> Event | UnreadableEvents | EndOfStream:
        name = fields.get("event")
        try:
            data = json.loads(fields["data"])
            if name == END and "id" not in fields:
                return EndOfStream(final=data["reason"] in _FINAL)
            self.last = int(fields["id"])
            if name == UNREADABLE:
                return UnreadableEvents(seq=self.last, data=data)
            return Event.model_validate(data, extra="ignore")
        except (ValueError, KeyError, TypeError, RecursionError, ValidationError) as exc:
            shown = fields["data"][:60]
            raise NotTock(
                f"{self._server} sends what is no event of a run: {shown!r}.",
                remedy="It may have another version than this client: install the client of its version.",
                status=200,
            ) from exc
