"""The options that several commands share, and the global options of one call of `tock`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tock.bootstrap.system_clock import SystemClock
from tock.cli.errors import CommandError
from tock.cli.input.when import Here, zone_of
from tock.core.time import duration_from_text

if TYPE_CHECKING:
    # Commands that ask no server start faster without it.
    from tock.cli.call.client import CommandClient

#: How often a request is sent again at most.
RETRIES = 3
Json = Annotated[bool, typer.Option("--json", help="Print the server's JSON instead of a table.")]
Key = Annotated[
    str | None,
    typer.Option("--idempotency-key", help="A second call with this key returns the first call's run. Default: none."),
]
Model = Annotated[str | None, typer.Option(help="The model name. Default: that of the run, if any.")]
Limit = Annotated[int, typer.Option(min=1, help="The most entries to list, on as many pages as it takes.")]
Wait = Annotated[
    bool,
    typer.Option(
        "--wait", help="Follow the run until it is settled; the exit status says how it ended. Default: return."
    ),
]


def _length(text: str) -> timedelta:
    try:
        return duration_from_text(text)
    except ValueError as exc:
        raise typer.BadParameter(str(exc)) from exc


Timeout = Annotated[
    timedelta | None,
    typer.Option(
        "--timeout",
        parser=_length,
        metavar="LENGTH",
        help="Wait, but no longer than this, such as 10m; then exit 124, and the run goes on. Default: forever.",
    ),
]


@dataclass(frozen=True, slots=True)
class Globals:
    """The values of the global options, wherever they stand; None for those that were not given."""

    server: str | None
    project: str | None
    key: str | None
    identity_token: str | None
    #: The name of a stored profile.
    profile: str | None
    #: How often a request is sent again that got no answer, if a second one does no harm.
    retries: int
    #: The IANA time zone of times that are typed and shown; None for this machine's.
    zone: str | None


@contextmanager
def client_of(context: typer.Context) -> Iterator["CommandClient"]:
    """Give a client with the global options of this call, and close it in the end.

    Raises CommandError for each error of the client, in the words of this command.
    """
    with _client(context, globals_of(context)) as client:
        yield client


@contextmanager
def client_for_completion(context: typer.Context) -> Iterator["CommandClient"]:
    """Give a client while a shell asks for words: then no command is called, and `tock` only knows its options."""
    given = context.find_root().params
    names = ("server", "project", "key", "identity_token", "profile", "zone")
    with _client(context, Globals(**{name: given.get(name) for name in names}, retries=0)) as client:
        yield client


def here_of(context: typer.Context) -> Here:
    """Return when and where this call is made. Raises CommandError."""
    return Here(now=SystemClock().now(), zone=zone_of(globals_of(context).zone, option="--zone (TOCK_ZONE)"))


def globals_of(context: typer.Context) -> Globals:
    """Return the values of the global options of this call."""
    found = context.find_object(Globals)
    if found is None:
        raise CommandError("The subcommand was called without the global options of `tock`.")
    return found


def given(**fields: Any) -> dict[str, Any]:
    """Return the fields that are not None."""
    return {field: value for field, value in fields.items() if value is not None}


@contextmanager
def _client(context: typer.Context, given: Globals) -> Iterator["CommandClient"]:
    from tock.cli.call.client import CommandClient  # noqa: PLC0415 - commands that ask no server start faster
    from tock.cli.call.option_names import errors_of_command  # noqa: PLC0415 - as above
    from tock.cli.call.suggestions import suggesting  # noqa: PLC0415 - as above

    with (
        errors_of_command(context),
        CommandClient(
            server=given.server,
            project=given.project,
            key=given.key,
            identity_token=given.identity_token,
            profile=given.profile,
            retries=given.retries,
        ) as client,
        suggesting(client),
    ):
        yield client
