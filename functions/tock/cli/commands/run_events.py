"""`tock runs follow`, `tock runs logs` and `tock tail`: show what happens in runs."""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import typer

from tock.bootstrap.system_clock import SystemClock
from tock.cli.client import Client
from tock.cli.errors import StreamBroke
from tock.cli.event_stream import events_of
from tock.cli.event_words import clock, told, words_of
from tock.cli.options import Json, RunId, client_of
from tock.cli.run_facts import print_run
from tock.cli.tables import console, print_json
from tock.cli.tail import Tail

#: How often `tock tail` looks, in seconds.
LOOK_EVERY = 1.0


def follow_run(context: typer.Context, run: RunId, as_json: Json = False) -> None:
    """Print what happens in a run until it is settled; exit 1 unless it succeeds."""
    follow(client_of(context), run, as_json=as_json)


def print_logs(
    context: typer.Context,
    run: RunId,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run is settled.")] = False,
) -> None:
    """Print what a run's agent printed and logged."""
    client = client_of(context)
    for event in events_of(client, run) if follow else _events_so_far(client, run):
        if event["kind"] == "log":
            _print(f"{clock(event)}  {words_of(event, now=_now())}")


def tail(context: typer.Context) -> None:
    """Print what happens in all runs of the project from now on, until Ctrl-C."""
    look = Tail(client_of(context))
    while True:
        for run, event in look.look():
            _print(f"{clock(event)}  {run['id']} ({run['trigger'] or run['agent']})  {words_of(event, now=_now())}")
        time.sleep(LOOK_EVERY)


def follow(client: Client, run: str, *, as_json: bool) -> None:
    """Print a run's events until the run is settled. Raises typer.Exit with 1 unless it succeeded."""
    try:
        for text in told(events_of(client, run), now=_now):
            if not as_json:
                _print(text)
    except StreamBroke as exc:
        goes_on = f"The run goes on whether you follow it or not. Follow it again: tock runs follow {run}"
        raise StreamBroke(str(exc), details=(*exc.details, goes_on)) from exc
    found = client.call("GET", f"/runs/{run}")
    print_json(found) if as_json else print_run(found)
    if found["status"] != "succeeded":
        raise typer.Exit(1)


def started(client: Client, run: dict[str, Any], *, wait: bool, as_json: bool) -> None:
    """Print a run that was just started, or with `wait` follow it until it is settled."""
    if wait:
        return follow(client, run["id"], as_json=as_json)
    if as_json:
        return print_json(run)
    console().print(f"Run {run['id']} is {run['status']}. Follow it: tock runs follow {run['id']}", markup=False)
    for warning in run.get("warnings", ()):
        console().print(f"Warning: {warning}", markup=False)
    return None


def _events_so_far(client: Client, run: str) -> Iterator[dict[str, Any]]:
    since = -1
    page: dict[str, Any] = {"next_since": 0}
    while page["next_since"] != since:
        since = page["next_since"]
        page = client.call("GET", f"/runs/{run}/events", parameters={"since": since, "limit": 500})
        yield from page["events"]


def _print(text: str) -> None:
    # Whole lines: a reader of the output may search in them.
    console().print(text, markup=False, highlight=False, soft_wrap=True)


def _now() -> datetime:
    return SystemClock().now()
