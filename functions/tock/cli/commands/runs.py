"""`tock runs`: lists, shows, retries, cancels and deletes runs."""

from typing import Annotated, Any

import typer

from tock.cli.client import Client
from tock.cli.commands import run_events, run_messages
from tock.cli.options import Json, Key, Limit, Model, RunId, Wait, client_of, given
from tock.cli.run_facts import print_run
from tock.cli.tables import console, moment, print_json, print_table, print_unreadable, seconds

app = typer.Typer(no_args_is_help=True, help="List, show, follow, steer, answer, retry, cancel and delete runs.")
app.command("follow")(run_events.follow_run)
app.command("logs")(run_events.print_logs)
app.command("steer")(run_messages.steer_run)
app.command("approve")(run_messages.approve_run)
app.command("reject")(run_messages.reject_run)
app.command("answer")(run_messages.answer_run)


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


@app.command("delete")
def delete_run(context: typer.Context, run: RunId) -> None:
    """Delete the record of a run that cannot be read; every other record stays until it expires."""
    client_of(context).call("DELETE", f"/runs/{run}")
    console().print(f"Run {run} deleted.", markup=False)


def started(client: Client, run: dict[str, Any], *, wait: bool, as_json: bool) -> None:
    """Print a run that was just started, or with `wait` follow it until it is settled."""
    if wait:
        return run_events.follow(client, run["id"], as_json=as_json)
    if as_json:
        return print_json(run)
    console().print(f"Run {run['id']} is {run['status']}. Follow it: tock runs follow {run['id']}", markup=False)
    return None
