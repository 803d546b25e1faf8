"""The `tock` command: its options, its subcommands, and how errors reach a person."""

import sys
from typing import Annotated

import typer
from rich.console import Console

from tock.cli import agents, cost, deploy, local, projects, proof, runs, triggers
from tock.cli.client import CommandError
from tock.cli.options import Globals

app = typer.Typer(
    name="tock",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Tock runs AI agents on time. `tock demo` shows it; `tock dev` runs it on this machine.",
)
app.command("dev")(local.dev)
app.command("demo")(local.demo)
app.command("proof")(proof.prove)
app.command("cost")(cost.estimate)
app.command("archive")(deploy.archive)
app.command("deploy")(deploy.deploy)
app.add_typer(agents.app, name="agents")
app.add_typer(triggers.app, name="triggers")
app.add_typer(runs.app, name="runs")
app.add_typer(projects.app, name="projects")
app.add_typer(projects.keys, name="keys")


@app.callback()
def options(
    context: typer.Context,
    server: Annotated[
        str, typer.Option(envvar="TOCK_SERVER", help="The API's URL; that of `tock dev` here, if it runs.")
    ] = "",
    project: Annotated[str, typer.Option(envvar="TOCK_PROJECT", help="The project's id.")] = "",
    key: Annotated[str, typer.Option(envvar="TOCK_KEY", help="An API key.", show_default=False)] = "",
    identity_token: Annotated[
        str,
        typer.Option(
            envvar="TOCK_IDENTITY_TOKEN",
            help="What Cloud Run asks for besides where the API is not public: gcloud auth print-identity-token",
            show_default=False,
        ),
    ] = "",
) -> None:
    """Keep what holds for every subcommand."""
    context.obj = Globals(server=server, project=project, key=key, identity_token=identity_token)


def main() -> None:
    """Run the command line; errors that a person can mend are a sentence, not a traceback."""
    try:
        app()
    except CommandError as exc:
        console = Console(stderr=True)
        console.print(f"Error: {exc}", style="bold red", markup=False, soft_wrap=True)
        for detail in exc.details:
            console.print(f"  {detail}", markup=False, soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
