"""`tock runs`: lists, shows, retries, cancels, follows and deletes runs."""

import time
from typing import Annotated, Any

import typer

from tock.cli.client import Client
from tock.cli.errors import CommandError
from tock.cli.options import Json, Key, Limit, Model, Wait, client_of, given
from tock.cli.tables import console, moment, print_facts, print_json, print_table, print_unreadable, seconds

app = typer.Typer(no_args_is_help=True, help="List, show, retry, cancel, follow and delete runs.")
RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id.")]
#: How often a followed run is read, in seconds.
POLL = 0.5


@app.command("list")
def list_runs(
    context: typer.Context,
    status: Annotated[
        list[str] | None,
        typer.Option(help="List only runs with this status, such as failed; may be given several times. Default: all."),
    ] = None,
    agent: Annotated[str | None, typer.Option(help="List only runs of this agent. Default: all.")] = None,
    trigger: Annotated[str | None, typer.Option(help="List only runs of this trigger. Default: all.")] = None,
    source: Annotated[
        str | None, typer.Option(help="List only runs from this source: schedule, manual or retry. Default: all.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="List only runs scheduled at or after this time (RFC 3339). Default: all.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="List only runs scheduled before this time (RFC 3339). Default: all.")
    ] = None,
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """List runs, latest first."""
    parameters = {
        "status": status,
        "agent": agent,
        "trigger": trigger,
        "source": source,
        "since": since,
        "until": until,
        "page_size": limit,
    }
    page = client_of(context).call("GET", "/runs", parameters=parameters)
    if as_json:
        return print_json(page)
    print_table(
        ("run", "of", "source", "scheduled", "lateness", "duration", "attempts", "status", "reason"),
        (
            (
                run["id"],
                run["trigger"] or run["agent"],
                run["source"],
                moment(run["scheduled_for"]),
                seconds(run["lateness_seconds"]),
                seconds(run["duration_seconds"]),
                len(run["attempts"]),
                run["status"],
                run["reason"] or (run["error"] or {}).get("message"),
            )
            for run in page["runs"]
        ),
        empty="No runs.",
    )
    print_unreadable(page)
    if page["next_page_token"]:
        console().print(f"There are more than these {len(page['runs'])} runs; --limit (at most 100) shows more.")
    return None


@app.command("show")
def show_run(context: typer.Context, run: RunId, as_json: Json = False) -> None:
    """Show one run: its input, attempts, result and retries."""
    found = client_of(context).call("GET", f"/runs/{run}")
    print_json(found) if as_json else print_run(found)


@app.command("retry")
def retry_run(
    context: typer.Context,
    run: RunId,
    model: Model = None,
    current: Annotated[
        bool, typer.Option("--current", help="Use the trigger's current input. Default: the run's own input.")
    ] = False,
    key: Key = None,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Start a new run with a settled run's input."""
    client = client_of(context)
    body = given(model=model, config="current" if current else None)
    answer = client.call("POST", f"/runs/{run}:retry", body=body, headers=given(**{"Idempotency-Key": key}))
    started(client, answer, wait=wait, as_json=as_json)


@app.command("cancel")
def cancel_run(
    context: typer.Context,
    run: RunId,
    reason: Annotated[str | None, typer.Option(help="Why it is cancelled; stored with the run. Default: none.")] = None,
    as_json: Json = False,
) -> None:
    """Cancel a run: at once if no attempt is running, otherwise within seconds."""
    found = client_of(context).call("POST", f"/runs/{run}:cancel", body=given(reason=reason))
    if as_json:
        return print_json(found)
    now = "is cancelled" if found["status"] == "cancelled" else "was asked to stop and ends within seconds"
    console().print(f"Run {run} was {found['previous_status']}; it {now}.", markup=False)
    return None


@app.command("follow")
def follow_run(context: typer.Context, run: RunId, as_json: Json = False) -> None:
    """Print a run's events as they come until the run is settled; exit 1 unless it succeeds."""
    follow(client_of(context), run, as_json=as_json)


@app.command("delete")
def delete_run(context: typer.Context, run: RunId) -> None:
    """Delete the record of a run that cannot be read; every other record stays until it expires."""
    client_of(context).call("DELETE", f"/runs/{run}")
    console().print(f"Run {run} deleted.", markup=False)


def started(client: Client, run: dict[str, Any], *, wait: bool, as_json: bool) -> None:
    """Print a run that was just started, or with `wait` follow it until it is settled."""
    if wait:
        return follow(client, run["id"], as_json=as_json)
    if as_json:
        return print_json(run)
    console().print(f"Run {run['id']} is {run['status']}. Follow it: tock runs follow {run['id']}", markup=False)
    return None


def follow(client: Client, run: str, *, as_json: bool) -> None:
    """Print a run's events until the run is settled. Raises typer.Exit with 1 unless it succeeded."""
    seen, status = 0, ""
    while True:
        found = client.call("GET", f"/runs/{run}")
        page = client.call("GET", f"/runs/{run}/events", parameters={"since": seen})
        if not as_json:
            _print_events(page)
        if found["status"] != status and not as_json:
            status = found["status"]
            console().print(f"run {run} is {status} (attempt {found['attempt']})", markup=False)
        if found["finished"] and not page["events"] and not page.get("unreadable"):
            break
        seen = page["next_since"]
        time.sleep(POLL)
    print_json(found) if as_json else print_run(found)
    if found["status"] != "succeeded":
        raise typer.Exit(1)


def _print_events(page: dict[str, Any]) -> None:
    for event in page["events"]:
        console().print(f"{moment(event['at'])}  {event['kind']}  {event['data']}", markup=False)
    for event in page.get("unreadable", ()):
        console().print(f"event {event['id']} cannot be read: {event['problem']}", markup=False)


def print_run(run: dict[str, Any]) -> None:
    """Print one run as facts and a table of its attempts."""
    if "id" not in run:
        raise CommandError("The server's answer is not a run.")
    print_facts(
        {
            "run": run["id"],
            "status": run["status"],
            "reason": run["reason"],
            "trigger": run["trigger"],
            "agent": run["agent"],
            "source": run["source"],
            "scheduled": moment(run["scheduled_for"]),
            "started": moment(run["started"]),
            "lateness": seconds(run["lateness_seconds"]),
            "finished": moment(run["finished"]),
            "duration": seconds(run["duration_seconds"]),
            "retry of": run["retry_of"],
            "retried by": ", ".join(run["retried_by"]),
            "input": run["input"],
            "result": run["result"],
            "warnings": "\n".join(run.get("warnings", ())),
            "error": None if run["error"] is None else f"{run['error']['type']}: {run['error']['message']}",
        }
    )
    print_table(
        ("attempt", "status", "started", "ended", "error"),
        (
            (
                attempt["number"],
                attempt["status"],
                moment(attempt["started"]),
                moment(attempt["ended"]),
                (attempt["error"] or {}).get("message"),
            )
            for attempt in run["attempts"]
        ),
        empty="No attempt has started.",
    )
