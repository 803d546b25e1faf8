"""Picks the lines of the Firestore emulator's output that say something to a person."""

import re
from collections.abc import Callable

#: Lines with this prefix are not logged: the emulator writes one for each connection and each snapshot.
_INFO = "INFO: "
#: A read of a document that is not there, or an update of it: what the caller makes of it, the caller says.
_NOT_FOUND = re.compile(r"WARNING: Operation failed: Document \(.*\) not found\.")
#: The lines of a Java exception: its class, its frames, its causes. The warning before them says what failed.
_TRACE = re.compile(r"\s+at |\s+\.\.\. \d|Caused by: |[a-z][\w.$]*\.\w*Exception\b")


class EmulatorLog:
    """Passes the emulator's warnings on, without traces of Java, and a repeated one once."""

    def __init__(self, log: Callable[[str, str], None]) -> None:
        self._log = log
        self._before = ""

    def __call__(self, name: str, text: str) -> None:
        """Log the line, unless it says nothing new."""
        if not text or text.startswith(_INFO) or _TRACE.match(text) or _NOT_FOUND.fullmatch(text):
            return
        if text != self._before:
            self._before = text
            self._log(name, text)
