"""`tock login`: stores where Tock is and as whom to call it, under a name."""

import sys
from dataclasses import replace
from typing import Annotated

import typer

from tock.cli.call.credentials import problem_of, project_of
from tock.cli.call.options import globals_of
from tock.cli.errors import CommandError, UsageError
from tock.cli.output.printing import say

#: The name of a profile if none is given.
DEFAULT = "default"


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
    project = given.project or project_of(key) or _asked("Project")
    with (
        errors_of_command(context),
        replace(given, server=server, project=project, key=key, profile=None).client(Client) as client,
    ):
        if (problem := problem_of(client)) is not None:
            raise CommandError(f"{problem} Nothing was stored.")
        profile = Profile(server=client.server, project=project, key=key)
        file = store_profiles(stored_profiles().with_profile(name, profile))
    say(f"The key opens project {project} of {profile.server}.")
    say(f"Stored as profile {name} in {file}, which only you can read. It is in use now.")


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
