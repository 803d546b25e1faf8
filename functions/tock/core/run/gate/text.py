"""Texts from an agent, bounded and of whole characters."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from tock.core.json.value import text_of, whole_characters

#: The most characters of an error's message: enough for a person, few enough to store one with every attempt.
MAX_MESSAGE = 4_000
#: The most characters of a line among several of a log event, and how many characters of its first lines are kept.
_MAX_LOG_LINE, _LOG_HEAD = 1_000, 1_000
#: The room for the line that says how many are left out.
_LEFT_OUT = 64
#: The most characters of a value that an error quotes.
_MAX_QUOTED = 64


def message_of(text: object) -> str:
    """Return a text as an error's message: at most 4,000 whole characters."""
    return whole_characters(text_of(text)[:MAX_MESSAGE])


def log_text_of(text: str) -> tuple[str, bool]:
    """Return the text of a log event, of at most 4,000 whole characters, and whether something was left out.

    Of a longer text with several lines, such as a traceback, lines from its middle are left out: its end says most.
    """
    if len(text) <= MAX_MESSAGE:
        return whole_characters(text), False
    lines = [_shortened(each) for each in text.split("\n")]
    if len(lines) == 1:
        return whole_characters(text[:MAX_MESSAGE]), True
    head = _fitting(lines, at_most=_LOG_HEAD)
    tail = _fitting(lines[head:][::-1], at_most=MAX_MESSAGE - _LOG_HEAD - _LEFT_OUT)
    left_out = len(lines) - head - tail
    middle = [f"… {left_out} lines are left out …"] if left_out else []
    return whole_characters("\n".join([*lines[:head], *middle, *lines[head + left_out :]])), True


def quoted(value: Any) -> str:
    """Return a value of any kind as an error quotes it."""
    match value:
        case None | bool() | int() | float():
            text = text_of(value)
        case str():
            text = f"'{whole_characters(value[:_MAX_QUOTED])}'"
        case _:
            text = f"a {type(value).__name__}"
    return text if len(text) <= _MAX_QUOTED else f"{text[:_MAX_QUOTED]}…"


def _shortened(line: str) -> str:
    return line if len(line) <= _MAX_LOG_LINE else line[: _MAX_LOG_LINE - 1] + "…"


def _fitting(lines: Sequence[str], *, at_most: int) -> int:
    """Return how many of the first lines have so many characters together, their ends included."""
    sizes = accumulate(len(each) + 1 for each in lines)
    return sum(1 for size in sizes if size <= at_most)
