"""Reads the events of a run as they come, and goes on after the last one when the connection breaks."""

import json
import time
from collections.abc import Iterable, Iterator
from typing import Any

from tock.cli.client import Client
from tock.cli.errors import CommandError, StreamBroke

#: How often in a row a stream may break without a new event, and the pause before it is opened again, in seconds.
MOST_BREAKS = 30
PAUSE = 1.0
#: The `event` of the last message, and of one about events that cannot be read.
_END, UNREADABLE = "end", "unreadable"
#: The reason of an end behind which nothing comes.
_FINAL = frozenset({"settled", "gone"})


def events_of(client: Client, run: str, *, since: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the run's events with a number above `since`, until the run is settled.

    Stored events that cannot be read come as one of kind `unreadable`, with their numbers and the problem as its data.
    Raises CommandError, such as for an unknown run, or if the server does not answer for long.
    """
    last, breaks, opened = since, 0, False
    while True:
        before = last
        try:
            with client.stream(f"/runs/{run}/events:stream", headers={"Last-Event-ID": str(last)}) as lines:
                opened = True
                for number, name, data in _messages(lines):
                    if name == _END and number is None:
                        if data.get("reason") in _FINAL:
                            return
                        break
                    last = last if number is None else number
                    yield {"seq": last, "kind": UNREADABLE, "data": data} if name == UNREADABLE else data
        except StreamBroke:
            breaks = breaks + 1 if last == before else 1
            if not opened or breaks > MOST_BREAKS:
                raise
        time.sleep(PAUSE)


def _messages(lines: Iterable[str]) -> Iterator[tuple[int | None, str, dict[str, Any]]]:
    """Yield the number, the name and the data of each server-sent event.

    The reader leaves at the last one. Raises StreamBroke if the lines end before, as where a proxy closes connections.
    """
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
            continue
        if "data" in fields:
            yield _message(fields)
        fields = {}
    raise StreamBroke("The server ends the events of a run without saying why.")


def _message(fields: dict[str, str]) -> tuple[int | None, str, dict[str, Any]]:
    try:
        data, number = json.loads(fields["data"]), int(fields["id"]) if "id" in fields else None
    except ValueError as exc:
        raise CommandError(f"The server sends what is no event of a run: {exc}.") from exc
    if not isinstance(data, dict):
        raise CommandError(f"The server sends what is no event of a run: {fields['data'][:60]!r}.")
    return number, fields.get("event", "message"), data
