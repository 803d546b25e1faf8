"""`tock whoami`: where commands go and as whom, and whether that works."""

import typer

from tock.cli.call.credentials import described, problem_of
from tock.cli.call.options import AsJson, globals_of
from tock.cli.output.printing import print_json, say


def whoami(context: typer.Context, as_json: AsJson = False) -> None:
    """Say which server, project and key commands use, where each comes from, and whether the key opens the project."""
    from tock.cli.call.option_names import errors_of_command  # noqa: PLC0415 - other commands start faster
    from tock.client._sync.client import Client  # noqa: PLC0415 - as above

    given = globals_of(context)
    with errors_of_command(context):
        connection = given.connection()
        with given.client(Client) as client:
            problem = problem_of(client)
    facts = {
        "server": connection.server,
        "project": connection.project or None,
        "key": described(connection.key),
        "sources": dict(connection.sources),
        "problem": problem,
    }
    if as_json:
        print_json(facts)
    else:
        for part in ("server", "project", "key"):
            source = connection.sources.get(part)
            say(f"{part:<8} {facts[part] or 'none'}{f'  ({source})' if source else ''}")
        say(problem or f"It opens project {connection.project}.")
    if problem is not None:
        raise typer.Exit(1)
