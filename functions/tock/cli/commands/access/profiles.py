"""`tock profiles`: lists, uses and removes what `tock login` stored."""

from typing import Annotated

import typer

from tock.cli.call.credentials import described
from tock.cli.call.here import here_of
from tock.cli.call.ids import complete_profiles
from tock.cli.call.options import AsJson
from tock.cli.output import lists
from tock.cli.output.forms import AsCsv, AsNdjson, Columns, form_of
from tock.cli.output.listing import print_list
from tock.cli.output.pages import Found
from tock.cli.output.printing import say

app = typer.Typer(no_args_is_help=True, help="List, use and remove the profiles that `tock login` stored.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The profile's name.", autocompletion=complete_profiles)]


@app.command("list")
def list_profiles(
    context: typer.Context,
    columns: Columns = None,
    as_json: AsJson = False,
    as_ndjson: AsNdjson = False,
    as_csv: AsCsv = False,
) -> None:
    """List the stored profiles; their keys are not shown."""
    from tock.cli.call.option_names import errors_of_command  # noqa: PLC0415 - other commands start faster
    from tock.client.profiles import stored_profiles  # noqa: PLC0415 - as above

    form = form_of(as_json=as_json, as_ndjson=as_ndjson, as_csv=as_csv, columns=columns)
    with errors_of_command(context):
        stored = stored_profiles()
    profiles = [
        {
            "name": name,
            "server": each.server,
            "project": each.project,
            "key": described(each.key),
            "in_use": name == stored.in_use,
        }
        for name, each in sorted(stored.by_name.items())
    ]
    here = here_of(context)
    print_list(
        Found({"in_use": stored.in_use, "profiles": profiles}, name="profiles"),
        lists.PROFILES,
        form=form,
        names=columns,
        empty="No profiles. Create one: tock login",
        more="",
        now=here.now,
        zone=here.zone,
    )


@app.command("use")
def use_profile(context: typer.Context, name: Name) -> None:
    """Use a profile wherever no local stack runs and nothing else says where Tock is."""
    from tock.cli.call.option_names import errors_of_command  # noqa: PLC0415 - other commands start faster
    from tock.client.profiles import store_profiles, stored_profiles  # noqa: PLC0415 - as above

    with errors_of_command(context):
        store_profiles(stored_profiles().using(name))
    say(f"Profile {name} is in use.")


@app.command("remove")
def remove_profile(context: typer.Context, name: Name) -> None:
    """Remove a profile with its key from this machine; the key itself stays valid."""
    from tock.cli.call.option_names import errors_of_command  # noqa: PLC0415 - other commands start faster
    from tock.client.profiles import store_profiles, stored_profiles  # noqa: PLC0415 - as above

    with errors_of_command(context):
        store_profiles(stored_profiles().without(name))
    say(f"Profile {name} is removed. To revoke its key: tock keys revoke KEY")
