"""Colours and styles are for terminals: neither a pipe nor a file gets any."""

import io
import os
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import UTC, datetime

import pytest

from tock.cli.output.columns import Column
from tock.cli.output.listing import print_table
from tock.cli.output.printing import print_facts, say

NOW = datetime(2027, 1, 1, tzinfo=UTC)
ESCAPE = "\x1b["
SAYS: list[Callable[[], None]] = [
    lambda: print_table((Column("run", "id"), Column("status", "status")), [{"id": "a", "status": "failed"}], now=NOW),
    lambda: print_facts({"run": "a", "status": "failed"}),
    lambda: say("1 deleted", style="red"),
]


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("says", SAYS, ids=["a table", "facts", "a sentence"])
def test_colours_appear_on_a_terminal_only(says: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    on_terminal, in_pipe = _on_terminal(says), _in_pipe(says)

    assert ESCAPE in on_terminal
    assert ESCAPE not in in_pipe
    assert in_pipe.strip()
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[31m" in on_terminal
    assert "\x1b[31m" not in _on_terminal(says)


def _on_terminal(says: Callable[[], None]) -> str:
    """Return what is written to a pseudo terminal."""
    reader, writer = os.openpty()
    with os.fdopen(reader, "rb", buffering=0) as shown, os.fdopen(writer, "w", encoding="utf-8") as screen:
        with redirect_stdout(screen):
            says()
        screen.flush()
        return shown.read(65536).decode()


def _in_pipe(says: Callable[[], None]) -> str:
    text = io.StringIO()
    with redirect_stdout(text):
        says()
    return text.getvalue()
