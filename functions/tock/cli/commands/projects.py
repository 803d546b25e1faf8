"""`tock projects` and `tock keys`: lists, creates and changes projects, and issues and revokes their API keys."""

from typing import Annotated

import typer

from tock.cli.options import Json, Limit, changes_of, client_of, given
from tock.cli.tables import console, moment, print_json, print_resource, print_table, print_unreadable

app = typer.Typer(no_args_is_help=True, help="List, create and change projects.")
keys = typer.Typer(no_args_is_help=True, help="List, issue and revoke the API keys of a project.")


@app.command("list")
def list_projects(context: typer.Context, limit: Limit = 50, as_json: Json = False) -> None:
    """List the projects that the key opens."""
    with client_of(context) as client:
        page = client.projects.list(page_size=limit).page()
        if as_json:
            return print_json(client.sent)
    rows = ((project.id, project.name, moment(project.created.at)) for project in page.projects)
    print_table(("project", "name", "created"), rows, empty="No projects.")
    print_unreadable(page)
    return None


@app.command("create")
def create_project(
    context: typer.Context,
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="The project's id.")],
    name: Annotated[str | None, typer.Option(help="The project's title. Default: none.")] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(help="How many runs of all its agents may work at once: 1 to 100. Default: any number."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Create a project; needs the admin key."""
    with client_of(context) as client:
        client.projects.create(project, **given(name=name, concurrency=concurrency))
        print_json(client.sent) if as_json else console().print(f"Project {project} created.", markup=False)


@app.command("edit")
def edit_project(
    context: typer.Context,
    changes: Annotated[
        str, typer.Argument(help='The fields to change, a JSON object or @FILE, such as {"concurrency": 5}.')
    ],
    as_json: Json = False,
) -> None:
    """Change fields of the project."""
    fields = changes_of(changes, kind="project")
    with client_of(context) as client:
        found = client.projects.update(**fields)
        print_json(client.sent) if as_json else print_resource(found)


@keys.command("list")
def list_keys(context: typer.Context, as_json: Json = False) -> None:
    """List the project's API keys; their secrets are not stored and cannot be shown again."""
    with client_of(context) as client:
        page = client.keys.list().page()
        if as_json:
            return print_json(client.sent)
    rows = ((key.id, key.name, key.created.by, moment(key.created.at)) for key in page.api_keys)
    print_table(("key", "name", "issued by", "issued"), rows, empty="No API keys.")
    print_unreadable(page)
    return None


@keys.command("create")
def create_key(
    context: typer.Context,
    name: Annotated[str, typer.Option(help="What the key is for.")] = "",
    as_json: Json = False,
) -> None:
    """Issue an API key and print it; it is never shown again."""
    with client_of(context) as client:
        made = client.keys.issue(name=name)
        print_json(client.sent) if as_json else console().print(made.token, markup=False, soft_wrap=True)


@keys.command("revoke")
def revoke_key(
    context: typer.Context, key: Annotated[str, typer.Argument(metavar="KEY", help="The key's id.")]
) -> None:
    """Revoke an API key; the API refuses it from now on."""
    with client_of(context) as client:
        client.keys.revoke(key)
    console().print(f"Key {key} revoked.", markup=False)
