"""Puts the entries of a list in the order that was asked for."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from tock.cli.output.columns import Column, Item, chosen, plain, require_fields

Sort = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="Order them by a column or a field, the smallest or earliest first; all pages are read. "
        "Default: the newest first.",
    ),
]
Reverse = Annotated[bool, typer.Option("--reverse", help="List them in the opposite order; all pages are read.")]
Arrange = Callable[[Sequence[Item]], list[Item]]


def arranging(columns: Sequence[Column], *, sort: str | None, reverse: bool) -> Arrange | None:
    """Return what orders entries by the column or field, those without a value last; None if nothing is asked for.

    Raises UsageError for what is no column.
    """
    if sort is None and not reverse:
        return None
    by = None if sort is None else chosen(columns, sort, option="--sort")[0]

    def arrange(items: Sequence[Item]) -> list[Item]:
        if by is None:
            return list(reversed(items))
        require_fields([by], items, known=columns, option="--sort")
        empty = [item for item in items if by.value(item) is None]
        others = [item for item in items if by.value(item) is not None]
        return [*sorted(others, key=lambda item: _rank(by.value(item)), reverse=reverse), *empty]

    return arrange


def _rank(value: Any) -> tuple[bool, Any]:
    """Return what values of all kinds are compared by: numbers as such, everything else as text."""
    is_number = isinstance(value, bool | int | float)
    # Without its Z, a time to the second comes before one that goes on with a fraction.
    return (not is_number, value if is_number else plain(value).removesuffix("Z"))
