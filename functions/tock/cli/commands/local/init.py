"""`tock init`: writes a project that `tock dev` runs at once."""

import difflib
import shlex
from pathlib import Path
from typing import Annotated

import typer

from tock import packaged_files
from tock.cli.applying.new_project import write_project
from tock.cli.errors import UsageError
from tock.cli.output.printing import say

_FOLDER = typer.Argument(metavar="FOLDER", help="The project's folder. Default: the current one.", show_default=False)


def init(
    folder: Annotated[Path, _FOLDER] = Path(),
    *,
    template: Annotated[
        str,
        typer.Option(
            "--template", "-t", help=f"What the project begins with: {', '.join(packaged_files.templates())}."
        ),
    ] = "python",
) -> None:
    """Write a project that runs at once: an agent, its trigger, a test, tock.toml, .gitignore and a README.

    Nothing is overwritten: if one of the files exists, nothing is written; a README and a .gitignore that exist stay.

    Examples: tock init; tock init my-agents --template approval
    """
    made = write_project(_template(template), folder=folder)
    say(f"{_list(made.written)} written to {folder.absolute()}.")
    for name in made.kept:
        hint = ": add .tock/ to it." if name == ".gitignore" else "."
        say(f"{name} stays as it was{hint}")
    steps = ["tock dev"] if folder == Path() else [f"cd {shlex.quote(str(folder))}", "tock dev"]
    say(f"Next: {' && '.join(steps)}")


def _template(name: str) -> Path:
    known = packaged_files.templates()
    if name not in known:
        similar = difflib.get_close_matches(name, known, n=1)
        meant = f"did you mean {similar[0]}?" if similar else f"give one of {', '.join(known)}"
        raise UsageError(f"--template: there is no template {name!r}: {meant}")
    return known[name]


def _list(names: tuple[str, ...]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
