"""The forms in which a list is printed, as the options of a command choose them."""

from enum import StrEnum
from typing import Annotated

import typer

from tock.cli.errors import UsageError

Columns = Annotated[
    str | None,
    typer.Option(
        metavar="A,B",
        help="The columns of the table or of the CSV, in this order; also any field, such as usage.cost. "
        "Default: those that fit.",
    ),
]
AsNdjson = Annotated[bool, typer.Option("--ndjson", help="Print one JSON object a line.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print comma-separated values with a line of headings (RFC 4180).")]


class Form(StrEnum):
    """How a list is printed."""

    #: For people: columns that fit the terminal.
    TABLE = "table"
    #: The server's answer as it is; several pages as one.
    JSON = "json"
    #: Each resource as the server has it, on a line of its own.
    NDJSON = "ndjson"
    #: The values of the columns, times as the server has them.
    CSV = "csv"


def form_of(*, as_json: bool, as_ndjson: bool, as_csv: bool, columns: str | None) -> Form:
    """Return the form that the options choose. Raises UsageError for options that exclude each other."""
    options = {"--json": as_json, "--ndjson": as_ndjson, "--csv": as_csv}
    wanted = [name for name, is_wanted in options.items() if is_wanted]
    if len(wanted) > 1:
        raise UsageError(f"{' and '.join(wanted)} exclude each other: give one of them.")
    if columns is not None and (as_json or as_ndjson):
        raise UsageError(f"--columns is for tables and --csv, and {wanted[0]} prints whole resources: leave one out.")
    return Form(wanted[0].removeprefix("--")) if wanted else Form.TABLE
