"""The `tock` command: defines its global options, adds the subcommands and prints their errors."""

import io
import sys
from typing import Annotated

import typer
from rich.console import Console

from tock.cli.call.ids import complete_profiles, complete_projects
from tock.cli.call.options import RETRIES, Globals
from tock.cli.call.root import Root
from tock.cli.commands.access import login, profiles, whoami
from tock.cli.commands.definitions import imports, manifest
from tock.cli.commands.deployment import archive, cost, deploy
from tock.cli.commands.local import demo, dev, init, listen
from tock.cli.commands.questions import doctor, proof, spend, upcoming, why
from tock.cli.commands.resources import agents, keys, projects, triggers
from tock.cli.commands.runs import run_events, runs
from tock.cli.errors import CommandError, UsageError
from tock.cli.exit_status import ExitStatus
from tock.cli.input.json_object import QUOTED, has_torn_json
from tock.cli.output.printing import say
from tock.version import VERSION

#: The parts of the list of commands.
_HERE, _WORK, _CODE = "On this machine", "Agents, triggers and runs", "Definitions"
_DEPLOYMENT, _ACCESS = "Deployment", "Projects and access"

app = typer.Typer(
    name="tock",
    cls=Root,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Tock runs AI agents on time. `tock demo` shows it; `tock init` writes a project that `tock dev` runs.",
)
app.command("init", rich_help_panel=_HERE)(init.init)
app.add_typer(dev.app, name="dev", rich_help_panel=_HERE)
app.command("demo", rich_help_panel=_HERE)(demo.demo)
app.command("listen", rich_help_panel=_HERE)(listen.listen)
app.command("tail", rich_help_panel=_WORK)(run_events.tail)
app.command("upcoming", rich_help_panel=_WORK)(upcoming.upcoming)
app.command("why", rich_help_panel=_WORK)(why.why)
app.command("proof", rich_help_panel=_WORK)(proof.prove)
app.command("doctor", rich_help_panel=_WORK)(doctor.doctor)
app.command("spend", rich_help_panel=_WORK)(spend.spend)
app.add_typer(agents.app, name="agents", rich_help_panel=_WORK)
app.add_typer(triggers.app, name="triggers", rich_help_panel=_WORK)
app.add_typer(runs.app, name="runs", rich_help_panel=_WORK)
app.command("plan", rich_help_panel=_CODE)(manifest.plan)
app.command("apply", rich_help_panel=_CODE)(manifest.apply)
app.command("export", rich_help_panel=_CODE)(manifest.export)
app.command("schema", rich_help_panel=_CODE)(manifest.schema)
app.command("import", rich_help_panel=_CODE)(imports.import_schedules)
app.command("cost", rich_help_panel=_DEPLOYMENT)(cost.estimate)
app.command("archive", rich_help_panel=_DEPLOYMENT)(archive.archive)
app.command("deploy", rich_help_panel=_DEPLOYMENT)(deploy.deploy)
app.add_typer(projects.app, name="projects", rich_help_panel=_ACCESS)
app.add_typer(keys.app, name="keys", rich_help_panel=_ACCESS)
app.command("login", rich_help_panel=_ACCESS)(login.login)
app.command("whoami", rich_help_panel=_ACCESS)(whoami.whoami)
app.add_typer(profiles.app, name="profiles", rich_help_panel=_ACCESS)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - the signature is Typer's
    if wanted:
        say(f"tock {VERSION}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    server: Annotated[
        str | None,
        typer.Option(
            envvar="TOCK_SERVER",
            help="API URL. Default: the `tock dev` of this folder or one above it, else the profile in use.",
        ),
    ] = None,
    project: Annotated[
        str | None,
        typer.Option(
            envvar="TOCK_PROJECT",
            help="Project id. Default: that of the `tock dev` or the profile.",
            autocompletion=complete_projects,
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            envvar="TOCK_KEY",
            help="API key or admin key. The local stack needs none unless it was started with TOCK_ADMIN_KEY_HASH.",
            show_default=False,
        ),
    ] = None,
    identity_token: Annotated[
        str | None,
        typer.Option(
            envvar="TOCK_IDENTITY_TOKEN",
            help="Identity token, needed if api_callers restricts the API: gcloud auth print-identity-token",
            show_default=False,
        ),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            help="A profile that `tock login` stored, whatever the environment says. Default: TOCK_PROFILE.",
            autocompletion=complete_profiles,
        ),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(
            envvar="TOCK_ZONE",
            help="IANA time zone of the times you write and see, such as Europe/Berlin. Default: this machine's.",
            show_default=False,
        ),
    ] = None,
    no_retry: Annotated[
        bool,
        typer.Option("--no-retry", help="Send each request once. Default: again if nobody answered and it is safe."),
    ] = False,
) -> None:
    """Store the options that apply to every subcommand."""
    given = {"server": server, "project": project, "key": key, "identity_token": identity_token}
    if profile is not None:
        # A profile that is named here comes before what the variables of the environment say.
        given = {name: value if _is_typed(context, name) else None for name, value in given.items()}
    context.obj = Globals(**given, profile=profile, retries=0 if no_retry else RETRIES, zone=zone)


def _is_typed(context: typer.Context, option: str) -> bool:
    source = context.get_parameter_source(option)
    return source is not None and source.name == "COMMANDLINE"


def main() -> None:
    """Run the command line; print a CommandError without a traceback, and exit 1, or 2 if it is a UsageError."""
    for stream in (sys.stdout, sys.stderr):
        # On a terminal that cannot show a character, its code appears instead of it.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except SystemExit as exc:
        if exc.code == ExitStatus.USAGE and has_torn_json(sys.argv[1:]):
            Console(stderr=True).print(QUOTED, markup=False, soft_wrap=True)
        raise
    except CommandError as exc:
        console = Console(stderr=True)
        console.print(f"Error: {exc}", style="bold red", markup=False, soft_wrap=True)
        for detail in exc.details:
            console.print(f"  {detail}", markup=False, soft_wrap=True)
        sys.exit(ExitStatus.USAGE if isinstance(exc, UsageError) else ExitStatus.FAILED)


if __name__ == "__main__":
    main()
