"""Lays out a table so that it fits a width: prose is folded, times and ids get shorter, then columns give way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import chain

from rich.cells import cell_len

from tock.cli.output.columns import Column, Item, Kind, plain
from tock.cli.output.moments import Precision, moment

#: The characters between two columns.
GAP = 2
#: The fewest characters of a column that is folded.
NARROWEST_PROSE = 16


@dataclass(frozen=True, slots=True)
class Layout:
    """A table that was laid out: its columns, their texts row by row, and the columns that gave way.

    It `fits` if only prose has to be folded.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    hidden: tuple[Column, ...]
    fits: bool


def laid_out(
    columns: Sequence[Column],
    items: Sequence[Item],
    *,
    width: int | None,
    now: datetime,
    zone: tzinfo | None,
    keep: bool = False,
) -> Layout:
    """Return the table in the most precise form that fits the width; None fits everything.

    With `keep` no column gives way, because the user chose them. What does not fit in any form is folded.
    """
    left = list(columns)
    while True:
        for precision in Precision:
            rows = tuple(tuple(_text(each, item, now, zone, precision) for each in left) for item in items)
            fits = width is None or _width(left, rows) <= width
            if fits:
                break
        droppable = [] if keep else [each for each in left if each.rank]
        if fits or not droppable:
            return Layout(tuple(left), rows, tuple(each for each in columns if each not in left), fits=fits)
        left.remove(max(droppable, key=lambda each: each.rank))


def _text(column: Column, item: Item, now: datetime, zone: tzinfo | None, precision: Precision) -> str:
    if column.short is not None and precision is Precision.RELATIVE:
        return column.short(item)
    if column.words is not None:
        return column.words(item)
    value = column.value(item)
    if column.kind is Kind.TIME:
        return moment(value, now=now, zone=zone, precision=precision)
    return plain(value)


def _width(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> int:
    widths = []
    for place, column in enumerate(columns):
        texts = chain((column.heading,), (row[place] for row in rows))
        widest = max(cell_len(line) for text in texts for line in (text.splitlines() or [""]))
        widths.append(min(widest, NARROWEST_PROSE) if column.kind is Kind.PROSE else widest)
    return sum(widths) + GAP * (len(columns) - 1)
