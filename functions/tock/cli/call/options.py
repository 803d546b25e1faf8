"""The options that several commands share, and the global options of one call of `tock`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from tock.cli.errors import CommandError
from tock.cli.input.when import length_option

if TYPE_CHECKING:
    # Commands that ask no server start faster without these.
    from tock.cli.call.client import CommandClient
    from tock.client.connection import Connection

_Client = TypeVar("_Client")
#: How often a request is sent again at most.
RETRIES = 3
Json = Annotated[bool, typer.Option("--json", help="Print the server's JSON instead of a table.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
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


Timeout = Annotated[
    timedelta | None,
    typer.Option(
        "--timeout",
        parser=length_option,
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

    def client(self, kind: Callable[..., _Client]) -> _Client:
        """Return a client of this kind, such as AsyncClient, of the server and the caller that these values say.

        Raises NotConfigured, InvalidArgument.
        """
        return kind(**self._caller, retries=self.retries)

    def connection(self) -> "Connection":
        """Return the server and the caller that these values say, as each of their clients has them.

        Raises NotConfigured, InvalidArgument.
        """
        from tock.client.connection import Connection  # noqa: PLC0415 - commands that ask no server start faster

        return Connection.found(**self._caller)

    @property
    def _caller(self) -> dict[str, Any]:
        names = ("server", "project", "key", "identity_token", "profile")
        return {name: getattr(self, name) for name in names}


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


def globals_of(context: typer.Context) -> Globals:
    """Return the values of the global options of this call."""
    found = context.find_object(Globals)
    if found is None:
        raise CommandError("The subcommand was called without the global options of `tock`.")
    return found


@contextmanager
def _client(context: typer.Context, given: Globals) -> Iterator["CommandClient"]:
    from tock.cli.call.client import CommandClient  # noqa: PLC0415 - commands that ask no server start faster
    from tock.cli.call.option_names import errors_of_command  # noqa: PLC0415 - as above
    from tock.cli.call.suggestions import suggesting  # noqa: PLC0415 - as above

    with (
        errors_of_command(context),
        given.client(CommandClient) as client,
        suggesting(client),
    ):
        yield client
