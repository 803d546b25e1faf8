"""`tock runs follow`, `tock runs logs` and `tock tail`: show what happens in runs."""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tock.bootstrap.system_clock import SystemClock
from tock.cli.event_words import clock, told, words_of
from tock.cli.options import Json, RunId, client_of
from tock.cli.run_facts import print_run
from tock.cli.tables import console, print_json

if TYPE_CHECKING:
    from tock import Client, RunHandle
    from tock.cli.command_client import CommandClient
    from tock.core.run.event import Event

#: How often `tock tail` looks, in seconds.
LOOK_EVERY = 1.0
#: How many events are read at once.
_EVENTS_AT_ONCE = 500


def follow_run(context: typer.Context, run: RunId, as_json: Json = False) -> None:
    """Print what happens in a run until it is settled; exit 1 unless it succeeds."""
    with client_of(context) as client:
        follow(client, run, as_json=as_json)


def print_logs(
    context: typer.Context,
    run: RunId,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run is settled.")] = False,
) -> None:
    """Print what a run's agent printed and logged."""
    with client_of(context) as client:
        for event in client.runs.stream_events(run) if follow else _events_so_far(client, run):
            if event.kind == "log":
                _print(f"{clock(event)}  {words_of(event, now=_now())}")


def tail(context: typer.Context) -> None:
    """Print what happens in all runs of the project from now on, until Ctrl-C."""
    from tock.cli.tail import Tail  # noqa: PLC0415 - other commands start faster

    with client_of(context) as client:
        look = Tail(client)
        while True:
            for run, event in look.look():
                _print(f"{clock(event)}  {run.id} ({run.trigger or run.agent})  {words_of(event, now=_now())}")
            time.sleep(LOOK_EVERY)


def follow(client: "CommandClient", run: str, *, as_json: bool) -> None:
    """Print a run's events until the run is settled. Raises typer.Exit with 1 unless it succeeded."""
    from tock import ConnectionFailed, Unavailable  # noqa: PLC0415 - other commands start faster

    try:
        for text in told(client.runs.stream_events(run), now=_now):
            if not as_json:
                _print(text)
    except (ConnectionFailed, Unavailable) as exc:
        exc.add_note(f"The run goes on whether you follow it or not. Follow it again: tock runs follow {run}")
        raise
    found = client.runs.get(run)
    print_json(client.sent) if as_json else print_run(found)
    if found.status != "succeeded":
        raise typer.Exit(1)


def started(client: "CommandClient", run: "RunHandle", *, wait: bool, as_json: bool) -> None:
    """Print a run that was just started, or with `wait` follow it until it is settled."""
    if wait:
        return follow(client, run.id, as_json=as_json)
    if as_json:
        return print_json(client.sent)
    console().print(f"Run {run.id} is {run.status}. Follow it: tock runs follow {run.id}", markup=False)
    for warning in run.resource.warnings:
        console().print(f"Warning: {warning}", markup=False)
    return None


def _events_so_far(client: "Client", run: str) -> "Iterator[Event]":
    seen, since = -1, 0
    while since != seen:
        seen = since
        page = client.runs.list_events(run, since=seen, limit=_EVENTS_AT_ONCE)
        yield from page.events
        since = page.next_since


def _print(text: str) -> None:
    # Whole lines: a reader of the output may search in them.
    console().print(text, markup=False, highlight=False, soft_wrap=True)


def _now() -> datetime:
    return SystemClock().now()
