"""What every command that lists resources does: read the pages, and print them as its options say."""

import shlex
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperArgument

from tock.cli.call.here import here_of
from tock.cli.output.arranging import arranging
from tock.cli.output.columns import Column
from tock.cli.output.forms import form_of
from tock.cli.output.listing import print_list
from tock.cli.output.pages import Keep, found

if TYPE_CHECKING:
    from tock.cli.call.client import CommandClient

#: Options of `tock` itself that are repeated in a command that is shown: none that is secret.
_SHOWN = ("server", "project", "profile", "zone")
#: How many times as many entries the command shows that lists more.
_MORE = 10


def print_listed(
    context: typer.Context,
    client: "CommandClient",
    listing: Callable[..., Any],
    columns: Sequence[Column],
    *,
    name: str,
    empty: str,
    limit: int,
    names: str | None,
    as_json: bool,
    as_ndjson: bool,
    as_csv: bool,
    keep: Keep | None = None,
    sort: str | None = None,
    reverse: bool = False,
) -> None:
    """Print what `listing(page_size=…, page_token=…)` finds; `name` is the member of a page that holds the entries.

    `keep` chooses among them what the API cannot choose; `sort` and `reverse` order them.
    """
    form = form_of(as_json=as_json, as_ndjson=as_ndjson, as_csv=as_csv, columns=names)
    arrange = arranging(columns, sort=sort, reverse=reverse)

    def read(size: int, token: str | None) -> Any:
        listing(page_size=size, page_token=token).page()
        return client.sent

    here = here_of(context)
    print_list(
        found(read, name=name, limit=limit, keep=keep, arrange=arrange),
        columns,
        form=form,
        names=names,
        empty=empty,
        more=again(context, limit=limit * _MORE),
        now=here.now,
        zone=here.zone,
    )


def again(context: typer.Context, *, limit: int) -> str:
    """Return the command as it was called, with another limit, and without secrets."""
    root = context.find_root()
    shared = [word for each in root.command.params if each.name in _SHOWN for word in _words(root, each)]
    own = [word for each in context.command.params if each.name != "limit" for word in _words(context, each)]
    path = context.command_path.split()[1:]
    return shlex.join(["tock", *shared, *path, *own, "--limit", str(limit)])


def _words(context: Any, parameter: Any) -> list[str]:
    """Return the words by which a parameter was given on the command line; none if it was not."""
    source = context.get_parameter_source(parameter.name)
    if source is None or source.name != "COMMANDLINE":
        return []
    value = context.params[parameter.name]
    values = value if isinstance(value, list | tuple) else [value]
    if isinstance(parameter, TyperArgument):
        return [str(each) for each in values]
    if parameter.is_flag:
        return [parameter.opts[0] if value else parameter.secondary_opts[0]]
    return [word for each in values for word in (parameter.opts[-1], str(each))]
