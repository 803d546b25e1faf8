"""Lays out a table so that it fits a width: prose is folded, times and ids get shorter, then columns give way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import chain, zip_longest

from rich.cells import cell_len

from tock.cli.output.columns import Column, Item, Kind, plain
from tock.cli.output.moments import Precision, moment
from tock.cli.output.printing import inert
from tock.web.resources.runs.shown_status import FAILED, shown_word

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

    @property
    def widths(self) -> tuple[int, ...]:
        """How wide each column is with nothing folded."""
        return _widths(self.columns, self.rows)

    def lines(self) -> Iterator[str]:
        """Yield the table as lines with nothing folded, for what is no terminal."""
        widths = self.widths
        for row in (tuple(column.heading for column in self.columns), *self.rows):
            cells = zip_longest(*(text.split("\n") for text in row), fillvalue="")
            for texts in cells:
                shown = zip(self.columns, texts, widths, strict=True)
                yield (" " * GAP).join(_padded(column, text, width) for column, text, width in shown).rstrip()


def laid_out(
    columns: Sequence[Column],
    items: Sequence[Item],
    *,
    width: int | None,
    now: datetime | None,
    zone: tzinfo | None,
    keep: bool = False,
) -> Layout:
    """Return the table in the most precise form that fits the width; None fits everything.

    With `keep` no column gives way, because the user chose them. What does not fit in any form is folded. Without `now`
    times are as the server has them.
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


def _padded(column: Column, text: str, width: int) -> str:
    room = " " * (width - cell_len(text))
    return f"{room}{text}" if column.kind is Kind.NUMBER else f"{text}{room}"


def _text(column: Column, item: Item, now: datetime | None, zone: tzinfo | None, precision: Precision) -> str:
    if column.short is not None and precision is Precision.RELATIVE:
        text = column.short(item)
    elif column.words is not None:
        text = column.words(item)
    elif column.kind is Kind.STATUS and now is not None:
        text = _status(column, item, now)
    elif column.kind is Kind.TIME and now is not None:
        text = moment(column.value(item), now=now, zone=zone, precision=precision)
    else:
        text = plain(column.value(item))
    # Here, because a character that is shown as its code is wider.
    return inert(text)


def _status(column: Column, item: Item, now: datetime) -> str:
    last = item["attempts"][-1:] if "attempts" in item else ()
    retries = any(attempt["status"] in FAILED for attempt in last)
    return shown_word(column.value(item), due_at=datetime.fromisoformat(item["due_at"]), now=now, retries=retries)


def _width(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> int:
    """Return the fewest characters that the table needs, with prose folded."""
    widths = zip(columns, _widths(columns, rows), strict=True)
    needed = (min(width, NARROWEST_PROSE) if column.kind is Kind.PROSE else width for column, width in widths)
    return sum(needed) + GAP * (len(columns) - 1)


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Return how wide each column is with nothing folded."""
    texts = (chain((column.heading,), (row[place] for row in rows)) for place, column in enumerate(columns))
    return tuple(max(cell_len(line) for text in each for line in text.split("\n")) for each in texts)
