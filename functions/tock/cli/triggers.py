"""`tock triggers`: list, show, create, edit, delete, enable, disable, run, preview, proof."""

from typing import Annotated, Any

import typer

from tock.cli import proof, runs
from tock.cli.client import CommandError
from tock.cli.options import Json, Key, Limit, Model, Payload, Wait, client_of, given, object_of
from tock.cli.tables import console, moment, print_facts, print_json, print_table, schedule_words

app = typer.Typer(no_args_is_help=True, help="See, create and run triggers.")
app.command("proof")(proof.prove)
TriggerId = Annotated[str, typer.Argument(metavar="TRIGGER", help="The trigger's id.")]
Cron = Annotated[str | None, typer.Option(help="'0 9 * * 1-5'; a sixth field holds seconds.")]
Zone = Annotated[str | None, typer.Option(help="The cron expression's IANA time zone.")]
Every = Annotated[str | None, typer.Option(help="An interval: 10s, 15m, 2h, PT15M.")]
At = Annotated[str | None, typer.Option(help="Once, at this time: 2027-01-01T09:00:00+01:00.")]


@app.command("list")
def list_triggers(context: typer.Context, limit: Limit = 50, as_json: Json = False) -> None:
    """List triggers, the newest first."""
    page = client_of(context).call("GET", "/triggers", parameters={"page_size": limit})
    if as_json:
        return print_json(page)
    rows = (
        (
            trigger["id"],
            trigger["agent"],
            schedule_words(trigger["schedule"]),
            trigger["overlap"],
            "on" if trigger["enabled"] else f"off: {(trigger['paused'] or {}).get('reason')}",
            moment(trigger["next_run_at"]),
            moment(trigger["last_fire_time"]),
        )
        for trigger in page["triggers"]
    )
    print_table(
        ("trigger", "agent", "schedule", "overlap", "enabled", "next", "last claimed"),
        rows,
        empty="No triggers.",
    )
    return None


@app.command("show")
def show_trigger(context: typer.Context, trigger: TriggerId, as_json: Json = False) -> None:
    """Show one trigger."""
    found = client_of(context).call("GET", f"/triggers/{trigger}")
    print_json(found) if as_json else print_facts(found)


@app.command("create")
def create_trigger(
    context: typer.Context,
    trigger: TriggerId,
    agent: Annotated[str, typer.Option(help="The agent that runs.")],
    cron: Cron = None,
    time_zone: Zone = None,
    every: Every = None,
    at: At = None,
    message: Annotated[str | None, typer.Option(help="A template: 'Digest of {{payload.repo}}'.")] = None,
    payload: Payload = None,
    model: Model = None,
    overlap: Annotated[str | None, typer.Option(help="skip, queue, parallel or replace.")] = None,
    max_retries: Annotated[int | None, typer.Option(help="0 to 10.")] = None,
    retry_delay: Annotated[str | None, typer.Option(help="The first wait: 1s to 1h.")] = None,
    timeout: Annotated[str | None, typer.Option(help="Of one attempt: 1s to 29m.")] = None,
    disabled: Annotated[bool, typer.Option("--disabled", help="Create it switched off.")] = False,
    as_json: Json = False,
) -> None:
    """Create a trigger with one of --cron, --every or --at."""
    given_input = given(message=message, payload=object_of(payload, option="--payload"), model=model)
    retry = given(max_retries=max_retries, delay=retry_delay)
    body: dict[str, Any] = {
        "id": trigger,
        "agent": agent,
        "schedule": _schedule(cron=cron, time_zone=time_zone, every=every, at=at),
    } | given(
        input=given_input or None,
        retry=retry or None,
        overlap=overlap,
        timeout=timeout,
        enabled=False if disabled else None,
    )
    made = client_of(context).call("POST", "/triggers", body=body)
    if as_json:
        return print_json(made)
    console().print(f"Trigger {trigger} created; its fire times: tock triggers preview {trigger}", markup=False)
    return None


@app.command("edit")
def edit_trigger(
    context: typer.Context,
    trigger: TriggerId,
    changes: Annotated[str, typer.Argument(help='A JSON object, or @FILE: {"overlap": "queue"}.')],
    as_json: Json = False,
) -> None:
    """Change fields of a trigger; claimed runs that have not started give way to the new version."""
    found = client_of(context).call("PATCH", f"/triggers/{trigger}", body=object_of(changes, option="CHANGES"))
    print_json(found) if as_json else print_facts(found)


@app.command("delete")
def delete_trigger(context: typer.Context, trigger: TriggerId) -> None:
    """Delete a trigger; its history stays."""
    client_of(context).call("DELETE", f"/triggers/{trigger}")
    console().print(f"Trigger {trigger} deleted.", markup=False)


@app.command("enable")
def enable_trigger(context: typer.Context, trigger: TriggerId, as_json: Json = False) -> None:
    """Switch a trigger on; its next fire time is computed from now."""
    found = client_of(context).call("POST", f"/triggers/{trigger}:enable")
    print_json(found) if as_json else console().print(f"Trigger {trigger} is on.", markup=False)


@app.command("disable")
def disable_trigger(context: typer.Context, trigger: TriggerId, as_json: Json = False) -> None:
    """Switch a trigger off; claimed runs whose fire time has not come are cancelled."""
    found = client_of(context).call("POST", f"/triggers/{trigger}:disable")
    print_json(found) if as_json else console().print(f"Trigger {trigger} is off.", markup=False)


@app.command("run")
def run_trigger(
    context: typer.Context,
    trigger: TriggerId,
    message: Annotated[str | None, typer.Option(help="Instead of the trigger's message.")] = None,
    payload: Payload = None,
    model: Model = None,
    key: Key = None,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Run a trigger now; its schedule stays as it is."""
    client = client_of(context)
    given_input = given(message=message, payload=object_of(payload, option="--payload"), model=model)
    headers = given(**{"Idempotency-Key": key})
    run = client.call("POST", f"/triggers/{trigger}:run", body=given(input=given_input or None), headers=headers)
    runs.started(client, run, wait=wait, as_json=as_json)


@app.command("preview")
def preview_trigger(
    context: typer.Context,
    trigger: TriggerId,
    count: Annotated[int, typer.Option(min=1, max=100, help="How many fire times.")] = 10,
    start: Annotated[
        str | None, typer.Option("--from", help="From this time on (RFC 3339); now, if not given.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show a trigger's next fire times, those near a clock change marked."""
    parameters = {"count": count, "from": start}
    found = client_of(context).call("GET", f"/triggers/{trigger}:preview", parameters=parameters)
    if as_json:
        return print_json(found)
    rows = ((fire["time"], fire["local"], fire["clock_change"]) for fire in found["fires"])
    print_table(("fire time (UTC)", "local", "clock change"), rows, empty="Nothing is to come.")
    return None


def _schedule(*, cron: str | None, time_zone: str | None, every: str | None, at: str | None) -> dict[str, str]:
    schedule = given(cron=cron, every=every, at=at)
    if len(schedule) != 1:
        raise CommandError("Exactly one of --cron, --every and --at is needed.")
    return schedule | given(time_zone=time_zone)
