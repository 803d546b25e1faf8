"""`tock projects`: lists, shows, creates, changes and deletes projects."""

from typing import Annotated, Any

import typer

from tock.cli.call.here import here_of
from tock.cli.call.ids import ProjectId, SomeProject
from tock.cli.call.list_command import print_listed
from tock.cli.call.options import Json, Limit, client_of
from tock.cli.errors import UsageError
from tock.cli.input.changes import Changes, changes_from
from tock.cli.input.confirmation import Yes, confirm
from tock.cli.input.fields import takes, written
from tock.cli.input.resource_fields import PROJECT
from tock.cli.output import lists
from tock.cli.output.arranging import Reverse, Sort
from tock.cli.output.forms import AsCsv, AsNdjson, Columns
from tock.cli.output.printing import print_json, print_resource, say

app = typer.Typer(no_args_is_help=True, help="List, show, create, change and delete projects.")


@app.command("list")
def list_projects(
    context: typer.Context,
    sort: Sort = None,
    reverse: Reverse = False,
    limit: Limit = 50,
    columns: Columns = None,
    as_json: Json = False,
    as_ndjson: AsNdjson = False,
    as_csv: AsCsv = False,
) -> None:
    """List the projects that the key opens."""
    with client_of(context) as client:
        print_listed(
            context,
            client,
            client.projects.list,
            lists.PROJECTS,
            name="projects",
            empty="No projects.",
            limit=limit,
            names=columns,
            as_json=as_json,
            as_ndjson=as_ndjson,
            as_csv=as_csv,
            sort=sort,
            reverse=reverse,
        )


@app.command("show")
def show_project(context: typer.Context, project: ProjectId = None, as_json: Json = False) -> None:
    """Show one project."""
    with client_of(context) as client:
        found = client.projects.get(project)
        print_json(client.sent) if as_json else print_resource(found)


@app.command("create")
@takes(PROJECT, creating=True)
def create_project(
    context: typer.Context,
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="The project's id.")],
    as_json: Json = False,
    **given: Any,
) -> None:
    """Create a project; needs the admin key."""
    fields = written(PROJECT, given, here=here_of(context))
    with client_of(context) as client:
        client.projects.create(project, **fields)
        print_json(client.sent) if as_json else say(f"Project {project} created.")


@app.command("edit")
@takes(PROJECT, creating=False)
def edit_project(
    context: typer.Context, project: SomeProject, changes: Changes = None, as_json: Json = False, **given: Any
) -> None:
    """Change fields of a project."""
    fields = changes_from(changes, PROJECT, given, here=here_of(context), kind="project")
    with client_of(context) as client:
        found = client.projects.update(project, **fields)
        print_json(client.sent) if as_json else print_resource(found)


@app.command("rename")
def rename_project(
    context: typer.Context,
    project: SomeProject,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new title; the id stays as it is.")],
    as_json: Json = False,
) -> None:
    """Give a project another title."""
    with client_of(context) as client:
        found = client.projects.update(project, name=name)
        print_json(client.sent) if as_json else say(f"Project {found.id} is named {name}.")


@app.command("delete")
def delete_project(context: typer.Context, project: ProjectId = None, yes: Yes = False) -> None:
    """Delete a project without agents, triggers and active runs, and its API keys."""
    with client_of(context) as client:
        deleted = project or client.project
        if not deleted:
            raise UsageError("No project is given.", details=("Give its id: tock projects delete PROJECT.",))
        confirm(f"Delete the project {deleted} and its API keys?", yes=yes)
        client.projects.delete(deleted)
    say(f"Project {deleted} deleted.")
