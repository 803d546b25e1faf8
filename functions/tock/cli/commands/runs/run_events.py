"""`tock runs follow`, `tock runs logs` and `tock tail`: show what happens in runs."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from tock.cli.call.here import here_of
from tock.cli.call.ids import RunId
from tock.cli.call.options import Json, Timeout, client_of, globals_of
from tock.cli.exit_status import ExitStatus, exit_status_of
from tock.cli.input.when import Here
from tock.cli.output.forms import Form, form_of
from tock.cli.output.printing import print_json, say
from tock.cli.runs.event_words import clock, told, words_of
from tock.cli.runs.run_facts import print_run

if TYPE_CHECKING:
    from tock import Client, RunHandle
    from tock.cli.call.client import CommandClient
    from tock.client.server_sent import UnreadableEvents
    from tock.core.run.events.event import Event

#: How often `tock tail` looks, in seconds.
LOOK_EVERY = 1.0
#: How many events are read at once.
_EVENTS_AT_ONCE = 500
EventsAsNdjson = Annotated[bool, typer.Option("--ndjson", help="Print each event as JSON on a line of its own.")]


def follow_run(
    context: typer.Context,
    run: RunId,
    timeout: Timeout = None,
    as_json: Json = False,
    as_ndjson: EventsAsNdjson = False,
) -> None:
    """Print what happens in a run until it is settled; the exit status says how it ended.

    Example: tock runs follow 7f3a --ndjson | jq .kind
    """
    form = form_of(as_json=as_json, as_ndjson=as_ndjson, as_csv=False, columns=None)
    with client_of(context) as client:
        follow(context, client, run, timeout=timeout, form=form)


def print_logs(
    context: typer.Context,
    run: RunId,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run is settled.")] = False,
    as_ndjson: EventsAsNdjson = False,
) -> None:
    """Print what a run's agent printed and logged."""
    with client_of(context) as client:
        for event in client.runs.stream_events(run) if follow else _events_so_far(client, run):
            if event.kind != "log":
                continue
            if as_ndjson:
                _print_json(event)
            else:
                here = here_of(context)
                say(f"{clock(event, here=here)}  {words_of(event, here=here)}")


def tail(context: typer.Context, as_ndjson: EventsAsNdjson = False) -> None:
    """Print what happens in all runs of the project from now on, until Ctrl-C."""
    from tock.cli.runs.tail import Tail  # noqa: PLC0415 - other commands start faster

    with client_of(context) as client:
        look = Tail(client)
        while True:
            for run, event in look.look():
                if as_ndjson:
                    _print_json(event, run=run.id, trigger=run.trigger, agent=run.agent)
                    continue
                here = here_of(context)
                of = run.trigger or run.agent
                say(f"{clock(event, here=here)}  {run.id} ({of})  {words_of(event, here=here)}")
            time.sleep(LOOK_EVERY)


def follow(context: typer.Context, client: "CommandClient", run: str, *, timeout: timedelta | None, form: Form) -> None:
    """Print a run's events until the run is settled. Raises typer.Exit with the status that says how it ended."""
    from tock import ConnectionFailed, Unavailable  # noqa: PLC0415 - other commands start faster
    from tock.cli.runs.following import NotInTime, events_within  # noqa: PLC0415 - as above

    events = (
        client.runs.stream_events(run) if timeout is None else events_within(globals_of(context), run, timeout=timeout)
    )
    again = f"Follow it again: tock runs follow {run}"
    try:
        _print_events(events, form=form, here=lambda: here_of(context))
    except (ConnectionFailed, Unavailable) as exc:
        exc.add_note(f"The run goes on whether you follow it or not. {again}")
        raise
    except NotInTime as exc:
        found = client.runs.get(run)
        if form is Form.JSON:
            print_json(client.sent)
        elif form is Form.TABLE:
            say(f"Run {run} is {found.status}, and goes on. {again}")
        raise typer.Exit(ExitStatus.STILL_ACTIVE) from exc
    found = client.runs.get(run)
    if form is Form.JSON:
        print_json(client.sent)
    elif form is Form.TABLE:
        print_run(found, here=here_of(context))
    if (code := exit_status_of(found.status)) is not ExitStatus.DONE:
        raise typer.Exit(code)


def started(
    context: typer.Context,
    client: "CommandClient",
    run: "RunHandle",
    *,
    wait: bool,
    timeout: timedelta | None,
    as_json: bool,
) -> None:
    """Print a run that was just started, or with `wait` follow it until it is settled or the timeout is over."""
    if wait or timeout is not None:
        return follow(context, client, run.id, timeout=timeout, form=Form.JSON if as_json else Form.TABLE)
    if as_json:
        return print_json(client.sent)
    say(f"Run {run.id} is {run.status}. Follow it: tock runs follow {run.id}")
    for warning in run.resource.warnings:
        say(f"Warning: {warning}")
    return None


def _events_so_far(client: "Client", run: str) -> "Iterator[Event]":
    seen, since = -1, 0
    while since != seen:
        seen = since
        page = client.runs.list_events(run, since=seen, limit=_EVENTS_AT_ONCE)
        yield from page.events
        since = page.next_since


def _print_events(events: "Iterable[Event | UnreadableEvents]", *, form: Form, here: Callable[[], Here]) -> None:
    """Print each event as it comes; the JSON form, which is the run's, only waits for the last one."""
    match form:
        case Form.NDJSON:
            for event in events:
                _print_json(event)
        case Form.TABLE:
            for text in told(events, here=here):
                say(text)
        case _:
            deque(events, maxlen=0)


def _print_json(event: "Event | UnreadableEvents", **run: str | None) -> None:
    print_json({**run, **event.model_dump(mode="json")}, indent=None)
