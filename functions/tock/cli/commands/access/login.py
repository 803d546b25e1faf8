"""`tock login`, `tock whoami` and `tock profiles`: where Tock is and as whom to call it, stored under names."""

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from tock.cli.call.ids import complete_profiles
from tock.cli.call.options import globals_of
from tock.cli.errors import CommandError, UsageError
from tock.cli.output.tables import console, print_json, print_table

if TYPE_CHECKING:
    # Other commands start faster without it.
    from tock.client._sync.client import Client

profiles = typer.Typer(no_args_is_help=True, help="List, use and remove the profiles that `tock login` stored.")
#: The name of a profile if none is given.
DEFAULT = "default"
Name = Annotated[str, typer.Argument(metavar="NAME", help="The profile's name.", autocompletion=complete_profiles)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def login(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="The name to store it under.")] = DEFAULT,
) -> None:
    """Ask for a server, a project and a key, check them, and store them for later commands.

    What --server, --project and --key or their variables give is not asked for. The key is not shown; it may come from
    a pipe. The profile is in use from then on, wherever no local stack runs and nothing else is given.

    Examples: tock login; tock --server https://… login work; tock login work < key.txt
    """
    from tock.cli.call.option_names import errors_of_command  # noqa: PLC0415 - other commands start faster
    from tock.client._sync.client import Client  # noqa: PLC0415 - as above
    from tock.client.profiles import Profile, store_profiles, stored_profiles  # noqa: PLC0415 - as above

    given = globals_of(context)
    server = given.server or _asked("Server, such as https://tock-api-123.europe-west1.run.app")
    key = given.key or _asked_secretly("API key, or the admin key (not shown)")
    project = given.project or _project_of(key) or _asked("Project")
    with (
        errors_of_command(context),
        replace(given, server=server, project=project, key=key, profile=None).client(Client) as client,
    ):
        _check(client)
        profile = Profile(server=client.server, project=project, key=key)
        file = store_profiles(stored_profiles().with_profile(name, profile))
    _say(f"The key opens project {project} of {profile.server}.")
    _say(f"Stored as profile {name} in {file}, which only you can read. It is in use now.")


def whoami(context: typer.Context, as_json: AsJson = False) -> None:
    """Say which server, project and key commands use, where each comes from, and whether the key opens the project."""
    from tock.cli.call.option_names import errors_of_command  # noqa: PLC0415 - other commands start faster
    from tock.client._sync.client import Client  # noqa: PLC0415 - as above

    given = globals_of(context)
    with errors_of_command(context):
        connection = given.connection()
        with given.client(Client) as client:
            problem = _problem(client)
    facts = {
        "server": connection.server,
        "project": connection.project or None,
        "key": _described(connection.key),
        "sources": dict(connection.sources),
        "problem": problem,
    }
    if as_json:
        print_json(facts)
    else:
        for part in ("server", "project", "key"):
            source = connection.sources.get(part)
            _say(f"{part:<8} {facts[part] or 'none'}{f'  ({source})' if source else ''}")
        _say(problem or f"It opens project {connection.project}.")
    if problem is not None:
        raise typer.Exit(1)


@profiles.command("list")
def list_profiles(context: typer.Context, as_json: AsJson = False) -> None:
    """List the stored profiles; their keys are not shown."""
    from tock.cli.call.option_names import errors_of_command  # noqa: PLC0415 - other commands start faster
    from tock.client.profiles import stored_profiles  # noqa: PLC0415 - as above

    with errors_of_command(context):
        found = stored_profiles()
    rows = [(name, each.server, each.project, _described(each.key)) for name, each in sorted(found.by_name.items())]
    if as_json:
        fields = ("name", "server", "project", "key")
        return print_json({"in_use": found.in_use, "profiles": [dict(zip(fields, row, strict=True)) for row in rows]})
    marked = (("*" if row[0] == found.in_use else "", *row) for row in rows)
    print_table(("in use", "profile", "server", "project", "key"), marked, empty="No profiles. Create one: tock login")
    return None


@profiles.command("use")
def use_profile(context: typer.Context, name: Name) -> None:
    """Use a profile wherever no local stack runs and nothing else says where Tock is."""
    from tock.cli.call.option_names import errors_of_command  # noqa: PLC0415 - other commands start faster
    from tock.client.profiles import store_profiles, stored_profiles  # noqa: PLC0415 - as above

    with errors_of_command(context):
        store_profiles(stored_profiles().using(name))
    _say(f"Profile {name} is in use.")


@profiles.command("remove")
def remove_profile(context: typer.Context, name: Name) -> None:
    """Remove a profile with its key from this machine; the key itself stays valid."""
    from tock.cli.call.option_names import errors_of_command  # noqa: PLC0415 - other commands start faster
    from tock.client.profiles import store_profiles, stored_profiles  # noqa: PLC0415 - as above

    with errors_of_command(context):
        store_profiles(stored_profiles().without(name))
    _say(f"Profile {name} is removed. To revoke its key: tock keys revoke KEY")


def _check(client: "Client") -> None:
    problem = _problem(client)
    if problem is not None:
        raise CommandError(f"{problem} Nothing was stored.")


def _problem(client: "Client") -> str | None:
    """Return why the key does not open the project, or None if it does."""
    from tock.client.errors import Forbidden, NotFound, TockClientError, Unauthenticated  # noqa: PLC0415 - as above

    if not client.project:
        return "No project is given: --project ID or TOCK_PROJECT=ID."
    try:
        client.projects.get()
    except Unauthenticated:
        return f"{client.server} does not know this key: it is mistyped or revoked."
    except (NotFound, Forbidden):
        return f"The key does not open project {client.project!r}, or {client.server} has no such project."
    except TockClientError as exc:
        return exc.problem
    return None


def _project_of(key: str) -> str:
    """Return the project that an API key names (`tock.PROJECT/KEY/SECRET`); empty for the admin key."""
    return key.removeprefix("tock.").split("/")[0] if _is_api_key(key) else ""


def _described(key: str) -> str:
    if not key:
        return "none"
    return f"API key {key.split('/')[1]}" if _is_api_key(key) else "admin key"


def _is_api_key(key: str) -> bool:
    return key.startswith("tock.") and key.count("/") == 2  # noqa: PLR2004 - project, key and secret


def _asked(question: str) -> str:
    if not sys.stdin.isatty():
        option = question.partition(",")[0].lower()
        raise UsageError(f"The {option} is not given.", details=(f"Give it: --{option} {option.upper()}.",))
    return str(typer.prompt(question, err=True)).strip()


def _asked_secretly(question: str) -> str:
    if not sys.stdin.isatty():
        key = sys.stdin.readline().strip()
        if not key:
            raise UsageError("The key is not given.", details=("Pipe it in, or set TOCK_KEY.",))
        return key
    return str(typer.prompt(question, hide_input=True, err=True)).strip()


def _say(text: str) -> None:
    console().print(text, markup=False, highlight=False, soft_wrap=True)
