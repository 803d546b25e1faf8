"""A terminal at which somebody has typed an answer."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

#: Type a text: it is what the next questions get as their answers.
Type = Callable[[str], None]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Type]:
    with ExitStack() as opened:

        def write(text: str) -> None:
            keyboard, screen = os.openpty()
            opened.callback(os.close, keyboard)
            os.write(keyboard, text.encode())
            monkeypatch.setattr(sys, "stdin", opened.enter_context(os.fdopen(screen)))

        yield write
