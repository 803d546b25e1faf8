"""Prints a list of resources in the form that was asked for."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tock.cli.output.columns import Column, Item, Kind, chosen, plain, require_fields
from tock.cli.output.fitting import NARROWEST_PROSE, Layout, laid_out
from tock.cli.output.forms import Form
from tock.cli.output.pages import Found
from tock.cli.output.printing import STYLES, console, inert, print_json, say

#: What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_UNREADABLE = (Column("id", "id"), Column("problem", "problem", Kind.PROSE))


def print_list(
    found: Found,
    columns: Sequence[Column],
    *,
    form: Form,
    names: str | None,
    empty: str,
    more: str,
    now: datetime,
    zone: tzinfo | None = None,
    notes: Sequence[str] = (),
) -> None:
    """Print a list: `names` chooses the columns, `more` is the command that shows what is behind the limit.

    JSON lines and CSV hold resources only; what cannot be read, and the notes, are said on standard error. Raises
    CommandError.
    """
    shown = chosen(columns, names)
    require_fields(shown, found.items, known=columns)
    sentences = (*notes, *_more(found, more=more))
    match form:
        case Form.JSON:
            print_json(found.page)
            if found.is_cut:
                # No token of a next page says it.
                _say_aside(_more(found, more=more))
        case Form.NDJSON:
            for item in found.items:
                print_json(item, indent=None)
            _say_aside((*_unreadable(found), *sentences))
        case Form.CSV:
            print(csv_text(shown, found.items), end="")  # noqa: T201 - programs read it
            _say_aside((*_unreadable(found), *sentences))
        case Form.TABLE:
            keep, hint = names is not None, "--columns chooses."
            print_table(shown, found.items, now=now, zone=zone, keep=keep, empty=empty, hint=hint)
            if found.unreadable:
                say("\nStored, but cannot be read:")
                print_table(_UNREADABLE, found.unreadable, now=now, zone=zone)
            for sentence in sentences:
                say(sentence)


def print_table(
    columns: Sequence[Column],
    items: Sequence[Item],
    *,
    now: datetime | None = None,
    zone: tzinfo | None = None,
    keep: bool = False,
    empty: str = "",
    hint: str = "A wider terminal shows more.",
) -> None:
    """Print a table that fits the terminal, and which columns gave way; into a pipe or a file all of it, in full.

    With `keep` no column gives way. Without `now` times are as the server has them. Without items it prints `empty`, or
    nothing.
    """
    if not items:
        return say(empty) if empty else None
    out = console()
    layout = laid_out(columns, items, width=out.width if out.is_terminal else None, now=now, zone=zone, keep=keep)
    if not out.is_terminal:
        for line in layout.lines():
            print(line)  # noqa: T201 - programs read it
        return None
    out.print(table_of(layout))
    if layout.hidden:
        names = ", ".join(column.name for column in layout.hidden)
        say(f"Not shown, for want of room: {names}. {hint}", style="dim")
    return None


def csv_text(columns: Sequence[Column], items: Sequence[Item]) -> str:
    """Return the values as CSV (RFC 4180), but with line breaks of one character."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    writer.writerows([_csv_value(column.value(item)) for column in columns] for item in items)
    return text.getvalue()


def table_of(layout: Layout) -> Table:
    """Return what was laid out as a table for a terminal."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column, width in zip(layout.columns, layout.widths, strict=True):
        is_prose = column.kind is Kind.PROSE
        table.add_column(
            column.heading,
            overflow="fold",
            no_wrap=layout.fits and not is_prose,
            justify="right" if column.kind is Kind.NUMBER else "left",
            min_width=min(width, NARROWEST_PROSE) if is_prose else None,
        )
    for row in layout.rows:
        # A Text, so that rich does not interpret markup in users' texts.
        table.add_row(*(Text(text, style=STYLES.get(text, "")) for text in row))
    return table


def _more(found: Found, *, more: str) -> Iterator[str]:
    if not found.has_more:
        return
    if found.total is not None:
        yield f"These are {len(found.items)} of {found.total}: {more}"
    else:
        yield f"There are more than these {len(found.items)}: {more}"


def _unreadable(found: Found) -> Iterator[str]:
    return (f"{each['id']} is stored, but cannot be read: {each['problem']}" for each in found.unreadable)


def _say_aside(sentences: Iterable[str]) -> None:
    """Say on standard error what the form cannot hold."""
    err = Console(stderr=True)
    for sentence in sentences:
        err.print(Text(inert(sentence)), soft_wrap=True)


def _csv_value(value: object) -> str:
    text = "true" if value is True else "false" if value is False else plain(value)
    # A number is never a formula; a text that begins like one would be run by a spreadsheet.
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text
