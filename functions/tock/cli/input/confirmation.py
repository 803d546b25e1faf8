"""Asks before what cannot be undone."""

import sys
from typing import Annotated

import typer

from tock.cli.errors import CommandError, UsageError

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
_YES = frozenset({"y", "yes"})


def confirm(
    question: str, *, yes: bool, number: int | None = None, as_json: bool = False, look: str | None = None
) -> None:
    """Ask on the error output, unless the user said yes beforehand; with a number, that is the answer to give.

    `look` is what only shows what would be done. With `as_json` nothing of it was shown, so nobody is asked. Raises
    typer.Exit after a no, CommandError after another number, UsageError if nobody can be asked.
    """
    if yes:
        return
    if as_json or not sys.stdin.isatty():
        problem = "With --json nobody is asked." if as_json else "Nobody can be asked here."
        only_look = () if look is None else (f"Only look: {look}.",)
        raise UsageError(f"{question} {problem}", details=("Say it beforehand: --yes.", *only_look))
    if number is None:
        if _answer(f"{question} [y/N]:").lower() not in _YES:
            raise typer.Exit(1)
        return
    answer = _answer(f"{question} Type their number, {number}:")
    if answer != str(number):
        raise CommandError(f"{answer!r} is not {number}: nothing was done.")


def _answer(question: str) -> str:
    """Ask, and return the line that was typed. The output may be a file, so nothing of this is written there."""
    sys.stderr.write(f"{question} ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()
