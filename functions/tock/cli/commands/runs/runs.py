"""`tock runs`: lists, shows, cancels and deletes runs, and what other files add."""

from typing import Annotated, Any

import typer

from tock.cli.call.here import here_of
from tock.cli.call.ids import RunId, complete_agents, complete_triggers
from tock.cli.call.list_command import print_listed
from tock.cli.call.options import Json, Limit, client_of
from tock.cli.commands.runs import run_again, run_events, run_messages, run_timeline
from tock.cli.commands.runs.bulk import PlanOption, SomeRun, WhereOption, on_many, require_one
from tock.cli.input.confirmation import Yes, confirm
from tock.cli.output import lists
from tock.cli.output.arranging import Reverse
from tock.cli.output.forms import AsCsv, AsNdjson, Columns
from tock.cli.output.printing import print_json, say
from tock.cli.runs.run_facts import print_run
from tock.core.run.order import RunOrder

app = typer.Typer(
    no_args_is_help=True,
    help="List, show, follow, steer, answer, retry, resume, cancel and delete runs, and run commands after them.",
)


@app.command("list")
def list_runs(
    context: typer.Context,
    status: Annotated[
        list[str] | None,
        typer.Option(
            help="List only runs with this status, such as failed; several with commas between, or given several "
            "times. Default: all."
        ),
    ] = None,
    agent: Annotated[
        str | None, typer.Option(help="List only runs of this agent. Default: all.", autocompletion=complete_agents)
    ] = None,
    trigger: Annotated[
        str | None, typer.Option(help="List only runs of this trigger. Default: all.", autocompletion=complete_triggers)
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(help="List only runs from this source: schedule, manual, retry, resume or exec. Default: all."),
    ] = None,
    subject: Annotated[
        str | None, typer.Option(help="List only runs of this subject, such as trigger:morning. Default: all.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="List only runs scheduled at or after this time, such as 2h. Default: all."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="List only runs scheduled before this time. Default: all.")
    ] = None,
    sort: Annotated[RunOrder, typer.Option(help="What to order them by, the largest first.")] = RunOrder.SCHEDULED_FOR,
    reverse: Reverse = False,
    limit: Limit = 20,
    columns: Columns = None,
    as_json: Json = False,
    as_ndjson: AsNdjson = False,
    as_csv: AsCsv = False,
) -> None:
    """List runs, the latest scheduled first, or as --sort says."""
    here = here_of(context)
    filters: dict[str, Any] = {
        "status": [each for text in status or () for each in text.split(",")] or None,
        "agent": agent,
        "trigger": trigger,
        "source": source,
        "subject": subject,
        "since": here.past(since, option="--since"),
        "until": here.past(until, option="--until"),
        "sort": None if sort is RunOrder.SCHEDULED_FOR else sort,
    }
    with client_of(context) as client:
        print_listed(
            context,
            client,
            lambda **page: client.runs.list(**filters, **page, total=page["page_token"] is None or None),
            lists.RUNS,
            name="runs",
            empty="No runs.",
            limit=limit,
            names=columns,
            as_json=as_json,
            as_ndjson=as_ndjson,
            as_csv=as_csv,
            reverse=reverse,
        )


@app.command("show")
def show_run(context: typer.Context, run: RunId, as_json: Json = False) -> None:
    """Show one run: its input, attempts, result and retries."""
    with client_of(context) as client:
        found = client.runs.get(run)
        print_json(client.sent) if as_json else print_run(found, here=here_of(context))


# The help lists the commands in this order.
app.command("follow")(run_events.follow_run)
app.command("logs")(run_events.print_logs)
app.command("timeline")(run_timeline.show_timeline)
app.command("retry")(run_again.retry_run)
app.command("resume")(run_again.resume_run)
app.command("exec")(run_again.exec_run)
app.command("steer")(run_messages.steer_run)
app.command("approve")(run_messages.approve_run)
app.command("reject")(run_messages.reject_run)
app.command("answer")(run_messages.answer_run)


@app.command("cancel")
def cancel_run(
    context: typer.Context,
    run: SomeRun = None,
    reason: Annotated[str | None, typer.Option(help="Why it is cancelled; stored with the run. Default: none.")] = None,
    where: WhereOption = None,
    plan: PlanOption = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Cancel a run, or all that match: at once if no attempt is running, otherwise within seconds.

    Examples: tock runs cancel RUN; tock runs cancel --where agent=digest,since=2h --plan
    """
    if run is None:
        from tock.cli.runs.bulk import cancelling  # noqa: PLC0415 - other commands start faster

        return on_many(
            context, lambda client: cancelling(client, reason=reason), where, plan=plan, yes=yes, as_json=as_json
        )
    require_one(run, where, plan=plan)
    with client_of(context) as client:
        found = client.runs.cancel(run, reason=reason)
        if as_json:
            return print_json(client.sent)
    if found.previous_status == "cancelled":
        return say(f"Run {run} was cancelled already.")
    now = "is cancelled" if found.status == "cancelled" else "was asked to stop and ends within seconds"
    say(f"Run {run} was {found.previous_status}; it {now}.")
    return None


@app.command("delete")
def delete_run(context: typer.Context, run: RunId, yes: Yes = False) -> None:
    """Delete the record of a run that cannot be read; every other record stays until it expires."""
    confirm(f"Delete the record of the run {run}?", yes=yes)
    with client_of(context) as client:
        client.runs.delete(run)
    say(f"Run {run} deleted.")
