# Made from the file of this name in `_async` by `make client`: change that one.
"""The events of a run as they come; a stream that breaks is opened again after the last event."""

import time
from collections.abc import Iterator

from tock.client._sync.sender import Sender
from tock.client.errors import ConnectionFailed, TockClientError, Unavailable
from tock.client.request import Request
from tock.client.server_sent import EndOfStream, StreamReader, UnreadableEvents
from tock.core.run.events.event import Event

#: How often in a row a stream may break without a new event, and the pause before it is opened again, in seconds.
MOST_BREAKS = 30
PAUSE = 1.0


def events_of(sender: Sender, path: str, *, since: int) -> Iterator[Event | UnreadableEvents]:
    """Yield the events with a number above `since` until the run is settled.

    Stored events that cannot be read come as one UnreadableEvents. Raises TockClientError, such as NotFound at once,
    and ConnectionFailed or Unavailable if the first stream cannot be opened, or if a later one cannot for long.
    """
    last, breaks, opened = since, 0, False
    while True:
        before = last
        try:
            headers = {"Last-Event-ID": str(last)}
            with sender.lines(Request("GET", path, headers=headers)) as lines:
                opened = True
                reader = StreamReader(server=sender.server, since=last)
                for line in lines:
                    found = reader.read(line)
                    last = reader.last
                    if isinstance(found, EndOfStream):
                        if found.final:
                            return
                        break
                    if found is not None:
                        yield found
                else:
                    reader.end_early()
        except (ConnectionFailed, Unavailable) as exc:
            breaks = breaks + 1 if last == before else 1
            if not opened or breaks > MOST_BREAKS or not _may_pass(exc):
                raise
        time.sleep(PAUSE)


def _may_pass(error: TockClientError) -> bool:
    return not isinstance(error, Unavailable) or error.transient
