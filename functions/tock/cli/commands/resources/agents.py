"""`tock agents`: lists, shows, creates, changes, deletes and runs agents."""

from typing import Annotated, Any

import typer

from tock.cli.call.here import here_of
from tock.cli.call.ids import AgentId, NewAgentId
from tock.cli.call.list_command import print_listed
from tock.cli.call.options import Json, Key, Limit, Timeout, Wait, client_of
from tock.cli.commands.runs.run_events import started
from tock.cli.input.cancel import cancelled
from tock.cli.input.changes import Changes, changes_from
from tock.cli.input.confirmation import Yes, confirm
from tock.cli.input.fields import takes, written
from tock.cli.input.filters import Enabled, Labels, keeping
from tock.cli.input.resource_fields import AGENT, RUN
from tock.cli.output import lists
from tock.cli.output.arranging import Reverse, Sort
from tock.cli.output.forms import AsCsv, AsNdjson, Columns
from tock.cli.output.printing import print_json, print_resource, say
from tock.core.trigger.cancel_choice import CancelChoice

app = typer.Typer(no_args_is_help=True, help="List, show, create, change, delete and run agents.")


@app.command("list")
def list_agents(
    context: typer.Context,
    kind: Annotated[str | None, typer.Option(help="List only agents of this kind, such as http. Default: all.")] = None,
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
    """List agents, newest first, or as --sort says; filters are applied here, so they read all pages.

    Example: tock agents list --kind http --enabled --sort updated --reverse
    """
    keep = keeping(enabled=enabled, labels=label, kind=kind)
    with client_of(context) as client:
        print_listed(
            context,
            client,
            client.agents.list,
            lists.AGENTS,
            name="agents",
            empty="No agents.",
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
def show_agent(context: typer.Context, agent: AgentId, as_json: Json = False) -> None:
    """Show one agent."""
    with client_of(context) as client:
        found = client.agents.get(agent)
        print_json(client.sent) if as_json else print_resource(found)


@app.command("create")
@takes(AGENT, creating=True)
def create_agent(context: typer.Context, agent: NewAgentId, as_json: Json = False, **given: Any) -> None:
    """Create an agent."""
    fields = written(AGENT, given, here=here_of(context))
    with client_of(context) as client:
        client.agents.create(agent, **fields)
        if as_json:
            return print_json(client.sent)
    say(f"Agent {agent} created. Run it: tock agents run {agent}")
    return None


@app.command("edit")
@takes(AGENT, creating=False)
def edit_agent(
    context: typer.Context, agent: AgentId, changes: Changes = None, as_json: Json = False, **given: Any
) -> None:
    """Change fields of an agent; attempts that start later use the new version."""
    fields = changes_from(changes, AGENT, given, here=here_of(context), kind="agent")
    with client_of(context) as client:
        found = client.agents.update(agent, **fields)
        print_json(client.sent) if as_json else print_resource(found)


@app.command("enable")
def enable_agent(context: typer.Context, agent: AgentId, as_json: Json = False) -> None:
    """Enable an agent."""
    _switch(context, agent, enabled=True, as_json=as_json)


@app.command("disable")
def disable_agent(context: typer.Context, agent: AgentId, as_json: Json = False) -> None:
    """Disable an agent: none of its runs starts, and those that are at work go on."""
    _switch(context, agent, enabled=False, as_json=as_json)


@app.command("delete")
def delete_agent(
    context: typer.Context,
    agent: AgentId,
    with_triggers: Annotated[
        bool, typer.Option("--with-triggers", help="Also delete its triggers. Default: refuse while there are some.")
    ] = False,
    cancel: Annotated[
        CancelChoice | None,
        typer.Option(help="With --with-triggers: which unfinished runs of these triggers to cancel. Default: pending."),
    ] = None,
    yes: Yes = False,
) -> None:
    """Delete an agent; refused while a trigger uses it, unless its triggers go with it."""
    others = f" and its triggers, and {cancelled(cancel, whose='their')}" if with_triggers else ""
    confirm(f"Delete the agent {agent}{others}?", yes=yes)
    with client_of(context) as client:
        client.agents.delete(agent, with_triggers=with_triggers or None, cancel=cancel)
    say(f"Agent {agent} deleted.")


@app.command("run")
@takes(RUN, creating=True)
def run_agent(
    context: typer.Context,
    agent: AgentId,
    key: Key = None,
    wait: Wait = False,
    timeout: Timeout = None,
    as_json: Json = False,
    **given: Any,
) -> None:
    """Run an agent now, without a trigger."""
    fields = written(RUN, given, here=here_of(context))
    with client_of(context) as client:
        run = client.agents.run(agent, **fields, idempotency_key=key)
        started(context, client, run, wait=wait, timeout=timeout, as_json=as_json)


def _switch(context: typer.Context, agent: str, *, enabled: bool, as_json: bool) -> None:
    with client_of(context) as client:
        client.agents.update(agent, enabled=enabled)
        if as_json:
            return print_json(client.sent)
    say(f"Agent {agent} is {'enabled' if enabled else 'disabled'}.")
    return None
