"""Prints a list of resources in the form that was asked for."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime, tzinfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tock.cli.output.columns import Column, Item, Kind, chosen, plain, require_fields
from tock.cli.output.fitting import NARROWEST_PROSE, Layout, laid_out
from tock.cli.output.forms import Form
from tock.cli.output.pages import Found
from tock.cli.output.tables import STYLES, console, inert, print_json

#: What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
) -> None:
    """Print a list: `names` chooses the columns, `more` is the command that shows what is behind the limit.

    JSON lines and CSV hold resources only; what cannot be read is named on standard error. Raises CommandError.
    """
    shown = chosen(columns, names)
    require_fields(shown, found.items, known=columns)
    match form:
        case Form.JSON:
            print_json(found.page)
        case Form.NDJSON:
            for item in found.items:
                print_json(item, indent=None)
            _note(found, more=more)
        case Form.CSV:
            print(csv_text(shown, found.items), end="")  # noqa: T201 - programs read it
            _note(found, more=more)
        case Form.TABLE:
            _print_table(found, shown, keep=names is not None, empty=empty, more=more, now=now, zone=zone)


def csv_text(columns: Sequence[Column], items: Sequence[Item]) -> str:
    """Return the values as CSV (RFC 4180), but with line breaks of one character."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    writer.writerows([_csv_value(column.value(item)) for column in columns] for item in items)
    return text.getvalue()


def table_of(layout: Layout) -> Table:
    """Return what was laid out as a table."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in layout.columns:
        is_prose = column.kind is Kind.PROSE
        table.add_column(
            column.heading,
            overflow="fold",
            no_wrap=layout.fits and not is_prose,
            justify="right" if column.kind is Kind.NUMBER else "left",
            min_width=NARROWEST_PROSE if is_prose else None,
        )
    for row in layout.rows:
        # A Text, so that rich does not interpret markup in users' texts.
        table.add_row(*(Text(inert(text), style=STYLES.get(text, "")) for text in row))
    return table


def _print_table(
    found: Found,
    columns: Sequence[Column],
    *,
    keep: bool,
    empty: str,
    more: str,
    now: datetime,
    zone: tzinfo | None,
) -> None:
    out = console()
    layout = laid_out(columns, found.items, width=out.width if out.is_terminal else None, now=now, zone=zone, keep=keep)
    out.print(table_of(layout) if found.items else Text(empty))
    if layout.hidden and found.items:
        names = ", ".join(column.name for column in layout.hidden)
        out.print(Text(f"Not shown, for want of room: {names}. --columns chooses.", style="dim"))
    if found.unreadable:
        out.print("\nStored, but cannot be read:", markup=False)
        known = (Column("id", "id"), Column("problem", "problem", Kind.PROSE))
        out.print(table_of(laid_out(known, found.unreadable, width=None, now=now, zone=zone)))
    if found.has_more:
        out.print(Text(f"There are more than these {len(found.items)}: {more}"), soft_wrap=True)


def _note(found: Found, *, more: str) -> None:
    """Say on standard error what the form cannot hold."""
    err = Console(stderr=True)
    for each in found.unreadable:
        err.print(Text(inert(f"{each['id']} is stored, but cannot be read: {each['problem']}")), soft_wrap=True)
    if found.has_more:
        err.print(Text(f"There are more than these {len(found.items)}: {more}"), soft_wrap=True)


def _csv_value(value: object) -> str:
    text = "true" if value is True else "false" if value is False else plain(value)
    # A number is never a formula; a text that begins like one would be run by a spreadsheet.
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text
