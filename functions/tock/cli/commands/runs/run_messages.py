"""`tock runs steer`, `approve`, `reject` and `answer`: what people say to an active run."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tock.cli.call.ids import RunId
from tock.cli.call.options import Json, client_of
from tock.cli.output.printing import print_json, say

if TYPE_CHECKING:
    from tock.cli.call.client import CommandClient
    from tock.web.resources.runs.run import RunResource

MessageKey = Annotated[
    str | None,
    typer.Option("--idempotency-key", help="A second call with this key sends no second message. Default: none."),
]
Attempt = Annotated[
    int | None,
    typer.Option(min=1, help="The attempt that asked: a run that asks something else by now refuses. Default: any."),
]
Note = Annotated[str | None, typer.Option(help="A note for the agent, stored with the run. Default: none.")]


def steer_run(
    context: typer.Context,
    run: RunId,
    message: Annotated[str, typer.Argument(help="What to tell the agent.")],
    after: Annotated[
        bool, typer.Option("--after", help="After the turn that is under way. Default: into that turn.")
    ] = False,
    key: MessageKey = None,
    as_json: Json = False,
) -> None:
    """Send a message to the agent of an active run."""
    with client_of(context) as client:
        sent = client.runs.steer(run, message, mode="follow_up" if after else None, idempotency_key=key)
        if as_json:
            return print_json(client.sent)
    say(f"Message {sent.number} sent to run {run}.")
    return None


def approve_run(
    context: typer.Context, run: RunId, note: Note = None, attempt: Attempt = None, as_json: Json = False
) -> None:
    """Approve what a run waits for; it goes on."""
    with client_of(context) as client:
        _print(client, client.runs.approve(run, note=note, attempt=attempt), as_json=as_json)


def reject_run(
    context: typer.Context, run: RunId, note: Note = None, attempt: Attempt = None, as_json: Json = False
) -> None:
    """Reject what a run waits for; it goes on, and its agent finds the rejection."""
    with client_of(context) as client:
        _print(client, client.runs.reject(run, note=note, attempt=attempt), as_json=as_json)


def answer_run(
    context: typer.Context,
    run: RunId,
    value: Annotated[str, typer.Argument(help="The answer: JSON, or a text.")],
    note: Note = None,
    attempt: Attempt = None,
    as_json: Json = False,
) -> None:
    """Answer the question that a run waits for; it goes on."""
    with client_of(context) as client:
        _print(client, client.runs.answer(run, _json_or_text(value), note=note, attempt=attempt), as_json=as_json)


def _print(client: "CommandClient", run: "RunResource", *, as_json: bool) -> None:
    if as_json:
        return print_json(client.sent)
    say(f"Run {run.id} is {run.status}. Follow it: tock runs follow {run.id}")
    return None


def _json_or_text(value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value
