"""`tock agents`: lists, shows, creates, changes, deletes and runs agents."""

from typing import Annotated

import typer

from tock.cli.commands.run_events import started
from tock.cli.options import (
    Evidence,
    Json,
    Key,
    Limit,
    Model,
    Payload,
    ProgressEvery,
    Ref,
    Wait,
    changes_of,
    client_of,
    given,
    object_of,
)
from tock.cli.tables import console, moment, print_json, print_resource, print_table, print_unreadable

app = typer.Typer(no_args_is_help=True, help="List, show, create, change, delete and run agents.")
AgentId = Annotated[str, typer.Argument(metavar="AGENT", help="The agent's id.")]


@app.command("list")
def list_agents(context: typer.Context, limit: Limit = 50, as_json: Json = False) -> None:
    """List agents, newest first."""
    with client_of(context) as client:
        page = client.agents.list(page_size=limit).page()
        if as_json:
            return print_json(client.sent)
    rows = (
        (agent.id, agent.kind, agent.enabled, agent.revision, moment(agent.updated.at), agent.description)
        for agent in page.agents
    )
    print_table(("agent", "kind", "enabled", "revision", "updated", "description"), rows, empty="No agents.")
    print_unreadable(page)
    return None


@app.command("show")
def show_agent(context: typer.Context, agent: AgentId, as_json: Json = False) -> None:
    """Show one agent."""
    with client_of(context) as client:
        found = client.agents.get(agent)
        print_json(client.sent) if as_json else print_resource(found)


@app.command("create")
def create_agent(
    context: typer.Context,
    agent: AgentId,
    kind: Annotated[str, typer.Option(help="The agent's kind: python, http, command, a2a or llm.")],
    config: Annotated[
        str,
        typer.Option(
            help="The configuration of its kind, a JSON object or @FILE that contains one: "
            '{"callable": "module:function"} or {"url": "https://…"}.'
        ),
    ],
    name: Annotated[str | None, typer.Option(help="The agent's title. Default: none.")] = None,
    concurrency: Annotated[
        int | None, typer.Option(help="How many of its runs may work at once: 1 to 100. Default: any number.")
    ] = None,
    description: Annotated[str | None, typer.Option(help="What the agent does. Default: empty.")] = None,
    evidence: Evidence = None,
    progress_every: ProgressEvery = None,
    as_json: Json = False,
) -> None:
    """Create an agent."""
    fields = given(
        config=object_of(config, option="--config"),
        name=name,
        description=description,
        concurrency=concurrency,
        evidence=object_of(evidence, option="--evidence"),
        progress_every=progress_every,
    )
    with client_of(context) as client:
        client.agents.create(agent, kind=kind, **fields)
        if as_json:
            return print_json(client.sent)
    console().print(f"Agent {agent} created. Run it: tock agents run {agent}", markup=False)
    return None


@app.command("edit")
def edit_agent(
    context: typer.Context,
    agent: AgentId,
    changes: Annotated[
        str, typer.Argument(help='The fields to change, a JSON object or @FILE, such as {"concurrency": 5}.')
    ],
    as_json: Json = False,
) -> None:
    """Change fields of an agent; attempts that start later use the new version."""
    fields = changes_of(changes, kind="agent")
    with client_of(context) as client:
        found = client.agents.update(agent, **fields)
        print_json(client.sent) if as_json else print_resource(found)


@app.command("delete")
def delete_agent(
    context: typer.Context,
    agent: AgentId,
    with_triggers: Annotated[
        bool, typer.Option("--with-triggers", help="Delete the triggers that name it, too. Default: refuse then.")
    ] = False,
    cancel: Annotated[
        str | None,
        typer.Option(
            help="With --with-triggers, which unfinished runs of their fire times to cancel: pending, all or none. "
            "Default: pending."
        ),
    ] = None,
) -> None:
    """Delete an agent; refused while a trigger uses it, unless its triggers are deleted with it."""
    with client_of(context) as client:
        client.agents.delete(agent, with_triggers=with_triggers or None, cancel=cancel)
    console().print(f"Agent {agent} deleted.", markup=False)


@app.command("run")
def run_agent(
    context: typer.Context,
    agent: AgentId,
    message: Annotated[
        str | None,
        typer.Option(help="The run's message; {{payload.x}} is replaced from the payload. Default: none."),
    ] = None,
    payload: Payload = None,
    model: Model = None,
    ref: Ref = None,
    subject: Annotated[
        str | None,
        typer.Option(help="The run's subject: refused while another run of this subject is active. Default: none."),
    ] = None,
    key: Key = None,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Run an agent now, without a trigger."""
    given_input = given(message=message, payload=object_of(payload, option="--payload"), model=model, ref=ref)
    with client_of(context) as client:
        run = client.agents.run(agent, input=given_input or None, subject=subject, idempotency_key=key)
        started(client, run, wait=wait, as_json=as_json)
