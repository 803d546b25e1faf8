"""Asks before what cannot be undone."""

import sys
from typing import Annotated

import typer

from tock.cli.errors import UsageError

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def confirm(question: str, *, yes: bool) -> None:
    """Ask, unless the user said yes beforehand. Raises typer.Exit after a no, CommandError if nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Nobody can be asked here.", details=("Say it beforehand: --yes.",))
    if not typer.confirm(question, err=True):
        raise typer.Exit(1)
