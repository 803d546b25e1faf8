"""`tock runs retry`, `resume` and `exec`: start a new run after a settled one."""

from datetime import timedelta
from typing import Annotated

import typer

from tock.cli.call.ids import RunId
from tock.cli.call.options import Json, Key, Model, Timeout, Wait, client_of
from tock.cli.commands.runs.bulk import (
    PlanOption,
    SomeRun,
    WhereOption,
    on_many,
    refuse_with_many,
    require_one,
)
from tock.cli.commands.runs.run_events import started
from tock.cli.input.confirmation import Yes
from tock.cli.input.when import length_option


def retry_run(
    context: typer.Context,
    run: SomeRun = None,
    model: Model = None,
    current: Annotated[
        bool, typer.Option("--current", help="Use the trigger's current input. Default: the run's own input.")
    ] = False,
    key: Key = None,
    wait: Wait = False,
    timeout: Timeout = None,
    where: WhereOption = None,
    plan: PlanOption = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Start a new run with a settled run's input, or one for each run that matches and was not repeated yet.

    Examples: tock runs retry RUN; tock runs retry --where status=failed,agent=digest,since=2h --plan
    """
    config = "current" if current else None
    if run is None:
        from tock.cli.runs.bulk import retrying  # noqa: PLC0415 - other commands start faster

        refuse_with_many(key is not None, "--idempotency-key")
        refuse_with_many(wait, "--wait")
        refuse_with_many(timeout is not None, "--timeout")
        return on_many(
            context,
            lambda client: retrying(client, model=model, config=config),
            where,
            plan=plan,
            yes=yes,
            as_json=as_json,
        )
    require_one(run, where, plan=plan)
    with client_of(context) as client:
        again = client.runs.retry(run, model=model, config=config, idempotency_key=key)
        return started(context, client, again, wait=wait, timeout=timeout, as_json=as_json)


def resume_run(
    context: typer.Context,
    run: RunId,
    feedback: Annotated[
        str | None, typer.Argument(help="What to tell the agent. Default: continue where you stopped.")
    ] = None,
    model: Model = None,
    key: Key = None,
    wait: Wait = False,
    timeout: Timeout = None,
    as_json: Json = False,
) -> None:
    """Go on with a settled run's conversation, in a new run; feedback is its next turn."""
    with client_of(context) as client:
        resumed = client.runs.resume(run, feedback, model=model, idempotency_key=key)
        started(context, client, resumed, wait=wait, timeout=timeout, as_json=as_json)


def exec_run(
    context: typer.Context,
    run: RunId,
    command: Annotated[str, typer.Argument(help="A command of the deployment's configuration, by its name.")],
    arguments: Annotated[
        list[str] | None, typer.Argument(help="Further arguments, as many as the command allows. Default: none.")
    ] = None,
    limit: Annotated[
        timedelta | None,
        typer.Option(
            "--attempt-timeout",
            parser=length_option,
            metavar="LENGTH",
            help="How long it may take: 1s to 29m. Default: 5m.",
        ),
    ] = None,
    key: Key = None,
    wait: Wait = False,
    timeout: Timeout = None,
    as_json: Json = False,
) -> None:
    """Run a command in the workspace of a settled run, such as its build."""
    with client_of(context) as client:
        follow_up = client.runs.exec(run, command, arguments or (), timeout=limit, idempotency_key=key)
        started(context, client, follow_up, wait=wait, timeout=timeout, as_json=as_json)
