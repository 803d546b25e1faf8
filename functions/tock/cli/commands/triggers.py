"""`tock triggers`: lists, shows, creates, edits, deletes, enables, disables, runs, previews and proves triggers."""

from typing import TYPE_CHECKING, Annotated

import typer

from tock.cli.commands import proof
from tock.cli.commands.run_events import started
from tock.cli.errors import CommandError
from tock.cli.fire_times import print_preview, print_schedule
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
from tock.cli.tables import console, moment, print_json, print_resource, print_table, print_unreadable, schedule_words

if TYPE_CHECKING:
    from tock.core.run.last_run import LastRun

app = typer.Typer(no_args_is_help=True, help="List, show, create, change, run and prove triggers.")
app.command("proof")(proof.prove)
TriggerId = Annotated[str, typer.Argument(metavar="TRIGGER", help="The trigger's id.")]
Cron = Annotated[
    str | None,
    typer.Option(
        help="Fire by this cron expression: minute, hour, day of month, month and day of week, such as '0 9 * * 1-5'. "
        "A sixth field, the last, is the second: '* * * * * */10'."
    ),
]
Zone = Annotated[str | None, typer.Option(help="With --cron: its IANA time zone, such as Europe/Berlin. Default: UTC.")]
Every = Annotated[str | None, typer.Option(help="Fire at this interval: 10s, 15m, 2h or PT15M.")]
At = Annotated[str | None, typer.Option(help="Fire once, at this time: 2027-01-01T09:00:00+01:00.")]

Cancel = Annotated[
    str | None,
    typer.Option(
        help="Which unfinished runs of its fire times to cancel: pending (held, about to start, or waiting for a "
        "retry), all (also running, or waiting for an answer), or none. Default: pending."
    ),
]


@app.command("list")
def list_triggers(context: typer.Context, limit: Limit = 50, as_json: Json = False) -> None:
    """List triggers, newest first."""
    with client_of(context) as client:
        page = client.triggers.list(page_size=limit).page()
        if as_json:
            return print_json(client.sent)
    rows = (
        (
            trigger.id,
            trigger.agent,
            schedule_words(trigger.schedule.model_dump(mode="json")),
            trigger.overlap,
            "on" if trigger.enabled else f"off: {trigger.paused.reason if trigger.paused else None}",
            moment(trigger.next_run_at),
            _last_run(trigger.last_run),
        )
        for trigger in page.triggers
    )
    print_table(
        ("trigger", "agent", "schedule", "overlap", "enabled", "next", "last run"),
        rows,
        empty="No triggers.",
    )
    print_unreadable(page)
    return None


@app.command("show")
def show_trigger(context: typer.Context, trigger: TriggerId, as_json: Json = False) -> None:
    """Show one trigger."""
    with client_of(context) as client:
        found = client.triggers.get(trigger)
        print_json(client.sent) if as_json else print_resource(found)


@app.command("create")
def create_trigger(
    context: typer.Context,
    trigger: TriggerId,
    agent: Annotated[str, typer.Option(help="The agent that runs.")],
    cron: Cron = None,
    time_zone: Zone = None,
    every: Every = None,
    at: At = None,
    message: Annotated[
        str | None,
        typer.Option(
            help="The runs' message; {{payload.x}} is replaced from the payload, {{scheduled_for}} and "
            "{{scheduled_for_local}} by the fire time. Default: none."
        ),
    ] = None,
    payload: Annotated[
        str | None, typer.Option(help="The runs' payload: a JSON object, or @FILE that contains one. Default: {}.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="The runs' model name. Default: none.")] = None,
    ref: Annotated[
        str | None, typer.Option(help="The branch, tag or other version that runs work on. Default: none.")
    ] = None,
    overlap: Annotated[
        str | None, typer.Option(help="The overlap policy: skip, queue, parallel or replace. Default: skip.")
    ] = None,
    max_parallel: Annotated[
        int | None,
        typer.Option(help="How many runs the overlap policy parallel lets work at once: 1 to 50. Default: any number."),
    ] = None,
    session: Annotated[
        str | None,
        typer.Option(
            help="new: each fire time begins a conversation; continue: it goes on with the one before. Default: new."
        ),
    ] = None,
    max_retries: Annotated[
        int | None, typer.Option(help="How many attempts may follow failed ones: 0 to 10. Default: 2.")
    ] = None,
    retry_delay: Annotated[
        str | None, typer.Option(help="The wait before the first retry: 1s to 1h. Default: 60s.")
    ] = None,
    timeout: Annotated[str | None, typer.Option(help="The timeout of one attempt: 1s to 29m. Default: 5m.")] = None,
    evidence: Evidence = None,
    progress_every: ProgressEvery = None,
    disabled: Annotated[
        bool, typer.Option("--disabled", help="Create the trigger disabled. Default: enabled.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Create a trigger with exactly one of --cron, --every and --at.

    A cron expression that sets both the day of month and the day of week
    fires when one of them matches: '0 0 13 * 5' on each 13th and each Friday.
    A field that starts with * does not count as set, so '*/2' must match too.

    When the clocks skip 02:00 to 03:00, '0,15,30,45 2 * * *' fires once, right
    after the gap. '*/15 2 * * *' does not fire on that day, because its minute
    starts with *.
    """
    given_input = given(message=message, payload=object_of(payload, option="--payload"), model=model, ref=ref)
    retry = given(max_retries=max_retries, delay=retry_delay)
    schedule = _schedule(cron=cron, time_zone=time_zone, every=every, at=at)
    fields = given(
        input=given_input or None,
        retry=retry or None,
        overlap=overlap,
        max_parallel=max_parallel,
        session=session,
        timeout=timeout,
        evidence=object_of(evidence, option="--evidence"),
        progress_every=progress_every,
        enabled=False if disabled else None,
    )
    with client_of(context) as client:
        made = client.triggers.create(trigger, agent=agent, schedule=schedule, **fields)
        print_json(client.sent) if as_json else print_schedule(made, event="created")


@app.command("edit")
def edit_trigger(
    context: typer.Context,
    trigger: TriggerId,
    changes: Annotated[
        str, typer.Argument(help='The fields to change, a JSON object or @FILE, such as {"overlap": "queue"}.')
    ],
    as_json: Json = False,
) -> None:
    """Change fields of a trigger; claimed runs whose fire time has not come are replaced by the new version's."""
    fields = changes_of(changes, kind="trigger")
    with client_of(context) as client:
        found = client.triggers.update(trigger, **fields)
        print_json(client.sent) if as_json else print_schedule(found, event="changed")


@app.command("duplicate")
def duplicate_trigger(
    context: typer.Context,
    trigger: TriggerId,
    duplicate: Annotated[str, typer.Argument(metavar="NEW", help="The duplicate's id.")],
    enabled: Annotated[bool, typer.Option("--enable", help="Enable the duplicate. Default: it is disabled.")] = False,
    as_json: Json = False,
) -> None:
    """Create a trigger with all fields of another one; example: tock triggers duplicate morning evening."""
    with client_of(context) as client:
        made = client.triggers.duplicate(trigger, duplicate, enabled=enabled)
        print_json(client.sent) if as_json else print_schedule(made, event=f"created like {trigger}")


@app.command("delete")
def delete_trigger(context: typer.Context, trigger: TriggerId, cancel: Cancel = None) -> None:
    """Disable a trigger, cancel its unfinished runs, and delete it; its runs and revisions stay."""
    with client_of(context) as client:
        client.triggers.delete(trigger, cancel=cancel)
    console().print(f"Trigger {trigger} deleted.", markup=False)


@app.command("enable")
def enable_trigger(context: typer.Context, trigger: TriggerId, as_json: Json = False) -> None:
    """Enable a trigger; its next fire time is computed from now."""
    with client_of(context) as client:
        found = client.triggers.enable(trigger)
        print_json(client.sent) if as_json else print_schedule(found, event="enabled")


@app.command("disable")
def disable_trigger(context: typer.Context, trigger: TriggerId, cancel: Cancel = None, as_json: Json = False) -> None:
    """Disable a trigger, and cancel its unfinished runs."""
    with client_of(context) as client:
        client.triggers.disable(trigger, cancel=cancel)
        print_json(client.sent) if as_json else console().print(f"Trigger {trigger} is disabled.", markup=False)


@app.command("run")
def run_trigger(
    context: typer.Context,
    trigger: TriggerId,
    message: Annotated[
        str | None, typer.Option(help="The message for this run. Default: the trigger's message.")
    ] = None,
    payload: Payload = None,
    model: Model = None,
    ref: Ref = None,
    key: Key = None,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Run a trigger now; its schedule does not change."""
    given_input = given(message=message, payload=object_of(payload, option="--payload"), model=model, ref=ref)
    with client_of(context) as client:
        run = client.triggers.run(trigger, input=given_input or None, idempotency_key=key)
        started(client, run, wait=wait, as_json=as_json)


@app.command("preview")
def preview_trigger(
    context: typer.Context,
    trigger: TriggerId,
    count: Annotated[int, typer.Option(min=1, max=100, help="How many fire times to show.")] = 10,
    start: Annotated[
        str | None, typer.Option("--from", help="Show fire times from this time on (RFC 3339). Default: now.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show a trigger's next fire times, those near a clock change, and what a clock change skips."""
    with client_of(context) as client:
        found = client.triggers.preview(trigger, since=start, count=count)
        print_json(client.sent) if as_json else print_preview(found)


def _schedule(*, cron: str | None, time_zone: str | None, every: str | None, at: str | None) -> dict[str, str]:
    schedule = given(cron=cron, every=every, at=at)
    if len(schedule) != 1:
        raise CommandError("Exactly one of --cron, --every and --at is needed.")
    return schedule | given(time_zone=time_zone)


def _last_run(last: "LastRun | None") -> str:
    return "" if last is None else f"{moment(last.started)} {last.status}"
