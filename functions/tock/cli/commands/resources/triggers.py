"""`tock triggers`: lists, shows, creates, edits, deletes, enables, disables, runs, previews and proves triggers."""

from typing import Annotated, Any

import typer

from tock.cli.call.here import here_of
from tock.cli.call.ids import NewTriggerId, TriggerId, complete_agents, complete_triggers
from tock.cli.call.list_command import print_listed
from tock.cli.call.options import Json, Key, Limit, Timeout, Wait, client_of
from tock.cli.commands.questions import history, proof
from tock.cli.commands.runs.run_events import started
from tock.cli.errors import UsageError
from tock.cli.input.cancel import Cancel, cancelled
from tock.cli.input.changes import Changes, changes_from
from tock.cli.input.confirmation import Yes, confirm
from tock.cli.input.fields import takes, written
from tock.cli.input.filters import Enabled, Labels, keeping
from tock.cli.input.resource_fields import RUN, SCHEDULE, TRIGGER
from tock.cli.output import lists
from tock.cli.output.arranging import Reverse, Sort
from tock.cli.output.fire_times import print_preview, print_schedule
from tock.cli.output.forms import AsCsv, AsNdjson, Columns
from tock.cli.output.printing import print_json, print_resource, say

app = typer.Typer(no_args_is_help=True, help="List, show, create, change, run and prove triggers.")
app.command("proof")(proof.prove)
app.command("history")(history.history)
#: The options of which a schedule has exactly one.
_KINDS = ("cron", "every", "at")


@app.command("list")
def list_triggers(
    context: typer.Context,
    agent: Annotated[
        str | None, typer.Option(help="List only triggers of this agent. Default: all.", autocompletion=complete_agents)
    ] = None,
    enabled: Enabled = None,
    label: Labels = None,
    sort: Sort = None,
    reverse: Reverse = False,
    limit: Limit = 50,
    columns: Columns = None,
    as_json: Json = False,
    as_ndjson: AsNdjson = False,
    as_csv: AsCsv = False,
) -> None:
    """List triggers, newest first, or as --sort says; --enabled and --label are applied here, so they read all pages.

    Example: tock triggers list --enabled --label team=shop --sort next
    """
    keep = keeping(enabled=enabled, labels=label)
    with client_of(context) as client:
        print_listed(
            context,
            client,
            lambda **page: client.triggers.list(agent=agent, **page),
            lists.TRIGGERS,
            name="triggers",
            empty="No triggers.",
            limit=limit,
            names=columns,
            as_json=as_json,
            as_ndjson=as_ndjson,
            as_csv=as_csv,
            keep=keep,
            sort=sort,
            reverse=reverse,
        )


@app.command("show")
def show_trigger(context: typer.Context, trigger: TriggerId, as_json: Json = False) -> None:
    """Show one trigger."""
    with client_of(context) as client:
        found = client.triggers.get(trigger)
        print_json(client.sent) if as_json else print_resource(found)


@app.command("create")
@takes(TRIGGER, creating=True, completions={"agent": complete_agents})
def create_trigger(context: typer.Context, trigger: NewTriggerId, as_json: Json = False, **given: Any) -> None:
    """Create a trigger with exactly one of --cron, --every and --at.

    A cron expression that sets both the day of month and the day of week
    fires when one of them matches: '0 0 13 * 5' on each 13th and each Friday.
    A field that starts with * does not count as set, so '*/2' must match too.

    When the clocks skip 02:00 to 03:00, '0,15,30,45 2 * * *' fires once, right
    after the gap. '*/15 2 * * *' does not fire on that day, because its minute
    starts with *.
    """
    fields = _with_schedule(written(TRIGGER, given, here=here_of(context)))
    with client_of(context) as client:
        made = client.triggers.create(trigger, **fields)
        print_json(client.sent) if as_json else print_schedule(made, event="created")


@app.command("edit")
@takes(TRIGGER, creating=False, completions={"agent": complete_agents})
def edit_trigger(
    context: typer.Context, trigger: TriggerId, changes: Changes = None, as_json: Json = False, **given: Any
) -> None:
    """Change fields of a trigger; claimed runs whose fire time has not come are replaced by the new version's."""
    fields = changes_from(changes, TRIGGER, given, here=here_of(context), kind="trigger")
    with client_of(context) as client:
        found = client.triggers.update(trigger, **fields)
        print_json(client.sent) if as_json else print_schedule(found, event="changed")


@app.command("duplicate")
def duplicate_trigger(
    context: typer.Context,
    trigger: TriggerId,
    duplicate: Annotated[str, typer.Argument(metavar="NEW", help="The duplicate's id.")],
    enabled: Annotated[
        bool,
        typer.Option(
            "--enabled/--disabled", help="Whether the duplicate fires. Default: disabled.", show_default=False
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Create a trigger with all fields of another one; example: tock triggers duplicate morning evening."""
    with client_of(context) as client:
        made = client.triggers.duplicate(trigger, duplicate, enabled=enabled)
        print_json(client.sent) if as_json else print_schedule(made, event=f"created like {trigger}")


@app.command("delete")
def delete_trigger(context: typer.Context, trigger: TriggerId, cancel: Cancel = None, yes: Yes = False) -> None:
    """Disable a trigger, cancel its unfinished runs, and delete it; its runs and revisions stay."""
    confirm(f"Delete the trigger {trigger}, and {cancelled(cancel)}?", yes=yes)
    with client_of(context) as client:
        client.triggers.delete(trigger, cancel=cancel)
    say(f"Trigger {trigger} deleted.")


@app.command("enable")
def enable_trigger(context: typer.Context, trigger: TriggerId, as_json: Json = False) -> None:
    """Enable a trigger; its next fire time is computed from now. `resume` means the same."""
    with client_of(context) as client:
        found = client.triggers.enable(trigger)
        print_json(client.sent) if as_json else print_schedule(found, event="enabled")


@app.command("disable")
def disable_trigger(context: typer.Context, trigger: TriggerId, cancel: Cancel = None, as_json: Json = False) -> None:
    """Disable a trigger, and cancel its unfinished runs. `pause` means the same."""
    with client_of(context) as client:
        client.triggers.disable(trigger, cancel=cancel)
        print_json(client.sent) if as_json else say(f"Trigger {trigger} is disabled.")


app.command("resume", hidden=True)(enable_trigger)
app.command("pause", hidden=True)(disable_trigger)


@app.command("run")
@takes(RUN, creating=True)
def run_trigger(
    context: typer.Context,
    trigger: TriggerId,
    key: Key = None,
    wait: Wait = False,
    timeout: Timeout = None,
    as_json: Json = False,
    **given: Any,
) -> None:
    """Run a trigger now; its schedule does not change."""
    fields = written(RUN, given, here=here_of(context))
    with client_of(context) as client:
        run = client.triggers.run(trigger, **fields, idempotency_key=key)
        started(context, client, run, wait=wait, timeout=timeout, as_json=as_json)


@app.command("preview")
@takes(SCHEDULE, creating=True)
def preview_trigger(
    context: typer.Context,
    trigger: Annotated[
        str | None,
        typer.Argument(
            metavar="[TRIGGER]",
            help="The trigger's id. Without it, the schedule of --cron, --every or --at is previewed, and not stored.",
            autocompletion=complete_triggers,
        ),
    ] = None,
    count: Annotated[int, typer.Option(min=1, max=100, help="How many fire times to show.")] = 10,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Show fire times from this time on. Default: now.")
    ] = None,
    as_json: Json = False,
    **given: Any,
) -> None:
    """Show the next fire times of a trigger or a schedule, those near a clock change, and what that skips."""
    here = here_of(context)
    fields = written(SCHEDULE, given, here=here)
    start = here.instant(since, option="--since")
    if trigger is not None and fields:
        raise UsageError("Give the id of a trigger or a schedule, not both.")
    with client_of(context) as client:
        if trigger is None:
            schedule = _with_schedule(fields)["schedule"]
            found = client.triggers.preview_schedule(schedule, since=start, count=count)
        else:
            found = client.triggers.preview(trigger, since=start, count=count)
        print_json(client.sent) if as_json else print_preview(found)


def _with_schedule(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields. Raises UsageError unless their schedule is of one kind."""
    if sum(kind in fields.get("schedule", {}) for kind in _KINDS) != 1:
        raise UsageError("Exactly one of --cron, --every and --at is needed.")
    return fields
