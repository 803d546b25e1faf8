"""`tock keys`: lists, issues and revokes the API keys of a project."""

from typing import Annotated

import typer

from tock.cli.call.ids import KeyId
from tock.cli.call.list_command import print_listed
from tock.cli.call.options import Json, Limit, client_of
from tock.cli.input.confirmation import Yes, confirm
from tock.cli.output import lists
from tock.cli.output.arranging import Reverse, Sort
from tock.cli.output.forms import AsCsv, AsNdjson, Columns
from tock.cli.output.printing import print_json, say

app = typer.Typer(no_args_is_help=True, help="List, issue and revoke the API keys of a project.")


@app.command("list")
def list_keys(
    context: typer.Context,
    sort: Sort = None,
    reverse: Reverse = False,
    limit: Limit = 50,
    columns: Columns = None,
    as_json: Json = False,
    as_ndjson: AsNdjson = False,
    as_csv: AsCsv = False,
) -> None:
    """List the project's API keys; their secrets are not stored and cannot be shown again."""
    with client_of(context) as client:
        print_listed(
            context,
            client,
            client.keys.list,
            lists.KEYS,
            name="api_keys",
            empty="No API keys.",
            limit=limit,
            names=columns,
            as_json=as_json,
            as_ndjson=as_ndjson,
            as_csv=as_csv,
            sort=sort,
            reverse=reverse,
        )


@app.command("create")
def create_key(
    context: typer.Context,
    name: Annotated[str, typer.Option(help="What the key is for.")] = "",
    as_json: Json = False,
) -> None:
    """Issue an API key and print it; it is never shown again."""
    with client_of(context) as client:
        made = client.keys.issue(name=name)
        print_json(client.sent) if as_json else say(made.token)


@app.command("revoke")
def revoke_key(context: typer.Context, key: KeyId, yes: Yes = False) -> None:
    """Revoke an API key; the API refuses it from now on."""
    confirm(f"Revoke the API key {key}? Whoever has it is refused from then on.", yes=yes)
    with client_of(context) as client:
        client.keys.revoke(key)
    say(f"Key {key} revoked.")
