"""The events of a run as the command line prints them, each with its time before it."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tock.cli.input.when import Here
from tock.cli.output.moments import relative
from tock.web.resources.runs.event_words import ended_words
from tock.web.resources.runs.event_words import words_of as known_words

if TYPE_CHECKING:
    from tock.client.server_sent import UnreadableEvents
    from tock.core.run.events.event import Event

#: From this on, the day stands before the time of what is to come.
_LONG = timedelta(hours=12)


def told(events: "Iterable[Event | UnreadableEvents]", *, here: Callable[[], Here]) -> Iterator[str]:
    """Yield a text for each event, with its time before it; the end of an attempt and what follows are one text.

    `here` is asked anew for each event.
    """
    ended = ""
    for event in events:
        if event.kind == "run.attempt_ended":
            # The event that says what follows comes with it.
            ended = ended_words(event.data, attempt=event.attempt)
            continue
        where = here()
        time, words = clock(event, here=where), words_of(event, here=where)
        if ended:
            joined = event.kind == "run.retry_scheduled"
            yield f"{time}  {ended}; {words}" if joined else f"{time}  {ended}"
            ended = ""
            if joined:
                continue
        yield f"{time}  {words}"


def words_of(event: "Event | UnreadableEvents", *, here: Here) -> str:
    """Return what the event says."""
    words = known_words(event.kind, event.data, attempt=event.attempt, times=_Times(here))
    return f"{event.kind}  {json.dumps(event.data, ensure_ascii=False)}" if words is None else words


def clock(event: "Event | UnreadableEvents", *, here: Here) -> str:
    """Return at which time of the day it happened."""
    return "        " if event.at is None else event.at.astimezone(here.zone).strftime("%H:%M:%S")


@dataclass(frozen=True, slots=True)
class _Times:
    """Times as they are read here and now."""

    here: Here

    def clock(self, at: datetime) -> str:
        return at.astimezone(self.here.zone).strftime("%H:%M:%S")

    def until(self, at: datetime) -> str:
        if at <= self.here.now:
            return self.clock(at)
        day = at.astimezone(self.here.zone).strftime("%Y-%m-%d ") if at - self.here.now >= _LONG else ""
        return f"{day}{self.clock(at)} ({relative(at, now=self.here.now)})"
