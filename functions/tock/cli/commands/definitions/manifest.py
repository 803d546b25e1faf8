"""`tock plan`, `tock apply`, `tock export` and `tock schema`: a project as modules and files define it."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tock.cli.applying.sources import sources_of
from tock.cli.call.here import here_of
from tock.cli.call.options import AsJson, client_of
from tock.cli.errors import CommandError
from tock.cli.exit_status import ExitStatus
from tock.cli.input.confirmation import Yes, confirm
from tock.cli.output.printing import print_json, say
from tock.cli.output.progress import progress
from tock.manifest.comparison.ownership import OWNER

if TYPE_CHECKING:
    # Other commands start faster without these.
    from tock import Client
    from tock.cli.applying.apply_changes import Applied
    from tock.manifest.comparison.difference import Difference
    from tock.manifest.entry import Entry

Sources = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="MODULE|FILE",
        help="Python modules, such as acme.agents, and files that end in .yaml, .yml or .json. Modules are imported "
        "from the current folder, its folder src and PYTHONPATH. Default: the definitions of tock.toml in this folder.",
        show_default=False,
    ),
]
Owner = Annotated[
    str,
    typer.Option(
        envvar="TOCK_OWNER",
        help="Who owns what these definitions create (its label managed-by). Give each repository one of its own if "
        "several apply to one project.",
    ),
]
Prune = Annotated[
    bool,
    typer.Option("--prune", help="Delete what this owner created and no definition names. Default: keep it."),
]


def plan(
    context: typer.Context,
    sources: Sources = None,
    owner: Owner = OWNER,
    *,
    prune: Prune = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 8 if anything differs, for continuous integration. Default: exit 0.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what `tock apply` would change, field by field, and how the fire times of the next 30 days differ.

    Examples: tock plan acme.agents; tock plan tock.yaml --prune --check
    """
    from tock.cli.applying.difference_text import print_difference  # noqa: PLC0415 - other commands start faster

    with client_of(context) as client:
        found = _difference(context, client, sources, owner=owner, prune=prune)
    print_json(_as_json(found)) if as_json else print_difference(found)
    if found.refused:
        raise typer.Exit(1)
    if check and found.changes:
        raise typer.Exit(ExitStatus.DIFFERS)


def apply(
    context: typer.Context,
    sources: Sources = None,
    owner: Owner = OWNER,
    *,
    prune: Prune = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Make the project as the definitions say: create, change and, with --prune, delete agents and triggers.

    Each resource is changed as a whole, and only if nobody changed it meanwhile. Applying again changes nothing. Exit 1
    if something was refused.

    Examples: tock apply acme.agents; tock apply tock.yaml --prune --yes
    """
    from tock.cli.applying.apply_changes import applied  # noqa: PLC0415 - other commands start faster
    from tock.cli.applying.difference_text import print_difference  # noqa: PLC0415 - as above
    from tock.manifest.comparison.difference import Action  # noqa: PLC0415 - as above

    results: list[Applied] = []
    with client_of(context) as client:
        found = _difference(context, client, sources, owner=owner, prune=prune)
        if not as_json:
            print_difference(found)
        deletions = sum(change.action is Action.DELETE for change in found.changes)
        if deletions:
            what = "1 resource" if deletions == 1 else f"{deletions} resources"
            confirm(f"Delete {what}?", yes=yes, as_json=as_json, look="tock plan --prune")
        for each in progress(applied(client, found.changes), doing="Applying", total=len(found.changes)):
            results.append(each)
            if not as_json:
                _print_applied(each)
    if as_json:
        print_json(_as_json(found) | {"applied": [_result(each) for each in results]})
    if found.refused or any(each.failure is not None for each in results):
        raise typer.Exit(1)


def export(context: typer.Context, owner: Owner = OWNER) -> None:
    """Print the project's agents and triggers as a YAML file, which `tock plan` finds unchanged.

    Example: tock export > tock.yaml
    """
    from tock.cli.applying.deployed import deployed  # noqa: PLC0415 - other commands start faster
    from tock.manifest.export import exported  # noqa: PLC0415 - as above

    with client_of(context) as client:
        found = deployed(client)
    unreadable = sorted(f"{kind} {identifier}" for kind, ids in found.unreadable.items() for identifier in ids)
    if unreadable:
        raise CommandError("Stored, but cannot be read, so not exported: " + ", ".join(unreadable))
    sys.stdout.write(exported(found, owner=owner))


def schema() -> None:
    """Print the JSON Schema of files of definitions, for editors.

    Example: tock schema > tock.schema.json; then begin tock.yaml with
    `# yaml-language-server: $schema=tock.schema.json`.
    """
    from tock.manifest.file_schema import file_schema  # noqa: PLC0415 - other commands start faster

    print_json(file_schema())


def _difference(
    context: typer.Context, client: "Client", sources: Sequence[str] | None, *, owner: str, prune: bool
) -> "Difference":
    from tock.cli.applying.deployed import deployed  # noqa: PLC0415 - other commands start faster
    from tock.manifest.comparison.difference import difference  # noqa: PLC0415 - as above

    wanted = definitions(sources_of(sources))
    return difference(wanted, deployed(client), owner=owner, prune=prune, now=here_of(context).now)


def definitions(sources: Sequence[str]) -> "tuple[Entry, ...]":
    """Return what modules and files define; modules come from the current folder first. Raises CommandError."""
    from tock.manifest.code.import_folders import import_folders  # noqa: PLC0415 - other commands start faster
    from tock.manifest.problem import DefinitionsRefused  # noqa: PLC0415 - as above
    from tock.manifest.read import read_definitions  # noqa: PLC0415 - as above

    for folder in reversed(import_folders(Path.cwd())):
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
    try:
        return read_definitions(sources)
    except DefinitionsRefused as exc:
        raise CommandError(str(exc), details=tuple(problem.sentence for problem in exc.problems)) from exc


def _print_applied(each: "Applied") -> None:
    say(each.sentence, style=None if each.failure is None else "red")
    for detail in each.details:
        say(f"    {detail}")


def _as_json(found: "Difference") -> dict[str, Any]:
    from pydantic_core import to_jsonable_python  # noqa: PLC0415 - other commands start faster

    plain: dict[str, Any] = to_jsonable_python(found)
    return plain


def _result(each: "Applied") -> dict[str, Any]:
    return {
        "kind": each.change.kind,
        "id": each.change.id,
        "action": each.change.action,
        "failure": each.failure,
        "details": list(each.details),
    }
