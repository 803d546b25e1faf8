"""Markdown of what stands in docstrings, comments and help texts."""

import inspect
import re
from collections.abc import Iterable

#: What HTML or Markdown would take for a tag or for emphasis.
_SPECIAL = re.compile(r"[<>*_|]|\{(?=\{)")
_CODE = re.compile(r"(`[^`]*`)")


def prose(text: str) -> str:
    """Return the text so that Markdown shows it as it is, and without the indentation of a docstring."""
    return "".join(
        part if part.startswith("`") else _SPECIAL.sub(lambda found: f"\\{found[0]}", part)
        for part in _CODE.split(inspect.cleandoc(text))
    )


def line(text: str) -> str:
    """Return the text as prose on one line, as a cell of a table needs it."""
    in_cells = _CODE.sub(lambda found: found[0].replace("|", "\\|"), " ".join(prose(text).split()))
    return in_cells.replace("\n", " ")


def code(text: str) -> str:
    """Return the text as code, also in a cell of a table; nothing for no text."""
    escaped = text.replace("|", "\\|")
    return f"`{escaped}`" if text else ""


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table; its cells are Markdown already. Nothing without rows."""
    lines = ["| " + " | ".join(cells) + " |" for cells in rows]
    names = list(head)
    return "\n".join(["| " + " | ".join(names) + " |", "|---" * len(names) + "|", *lines, ""]) if lines else ""


def fenced(text: str, language: str = "text") -> str:
    """Return the text as a block of code."""
    return f"```{language}\n{text.rstrip()}\n```\n"


def joined(*parts: str) -> str:
    """Return the parts that say something, with an empty line between them."""
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"
