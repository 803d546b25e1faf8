"""Prints what the command line answers: tables and facts for people, JSON for programs."""

import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from pydantic import BaseModel

STYLES = {
    "succeeded": "green",
    "running": "cyan",
    "queued": "blue",
    "scheduled": "blue",
    "retrying": "blue",
    "held": "blue",
    "waiting": "blue",
    "failed": "red",
    "timed_out": "red",
    "lost": "red",
    "unreadable": "red",
    "cancelled": "yellow",
    "skipped": "yellow",
    "missed": "yellow",
}

#: The width, in characters, of sentences if standard output is not a terminal.
PIPE_WIDTH = 200


def console() -> Console:
    """Return a console for standard output."""
    plain = Console()
    return plain if plain.is_terminal else Console(width=PIPE_WIDTH)


def print_json(value: object, *, indent: int | None = 2) -> None:
    r"""Print JSON without colour or wrapping; what standard output cannot encode is written as \uXXXX."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=indent)
    # At once: a program at the other end of a pipe may wait for each line.
    print(text, flush=True)  # noqa: T201 - programs read it from standard output


def say(text: str, *, style: str | None = None) -> None:
    """Print a text as it is, in whole lines, because a reader of the output may search in them."""
    console().print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def print_resource(resource: "BaseModel") -> None:
    """Print the fields of a resource as the API writes them, without empty ones."""
    print_facts(resource.model_dump(mode="json", by_alias=True))


def print_facts(facts: Mapping[str, Any]) -> None:
    """Print one name and value per line, without empty values; into a pipe or a file nothing is folded."""
    shown = [(name.replace("_", " "), _cell(value)) for name, value in facts.items() if value not in (None, "", [], {})]
    out = console()
    if not out.is_terminal:
        widest = max((len(name) for name, _ in shown), default=0)
        for name, cell in shown:
            for place, line in enumerate(cell.plain.split("\n")):
                print(f"{'' if place else name:<{widest}}  {line}".rstrip())  # noqa: T201 - programs read it
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, cell in shown:
        table.add_row(name, cell)
    out.print(table)


def schedule_words(schedule: Mapping[str, Any]) -> str:
    """Return a schedule as one line of text."""
    if "cron" in schedule:
        return f"{schedule['cron']} ({schedule.get('time_zone', 'UTC')})"
    if "every" in schedule:
        return f"every {schedule['every']}"
    return f"once at {schedule.get('at')}"


def inert(text: str) -> str:
    r"""Return a text in which a control character is shown as its code, so that no terminal obeys it: `\x1b`."""
    return "".join(each if each.isprintable() or each in "\n " else ascii(each)[1:-1] for each in text)


def _cell(value: object) -> Text:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return Text(inert("\n".join(value)))
    if isinstance(value, dict | list):
        return Text(json.dumps(value, ensure_ascii=False, indent=2))
    # A Text, so that rich does not interpret markup in users' texts.
    text = "" if value is None else inert(str(value))
    return Text(text, style=STYLES.get(text, ""))
