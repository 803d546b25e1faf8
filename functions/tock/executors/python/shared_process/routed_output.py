"""Routes what async agents print and log in the process that they share to their attempts; other output stays as it is.

`sys.stdout`, `sys.stderr` and the handlers of the root logger belong to the whole process: what stands here looks for
the attempt in whose context, or in whose thread, something is printed or logged.
"""

import logging
import sys
import threading
from typing import Any, TextIO

from tock.executors.python.agent_output import STDERR, STDOUT, level_of
from tock.executors.python.shared_process.agent_task import AgentTask
from tock.executors.python.shared_process.start_audit import owner

_here = threading.local()


def route_output() -> None:
    """Route from now on what attempts print and log; ask again before each, because streams may be replaced."""
    for name in (STDOUT, STDERR):
        stream: Any = getattr(sys, name)
        if stream is not None and not isinstance(stream, RoutedStream):
            setattr(sys, name, RoutedStream(stream, name=name))
    root = logging.getLogger()
    if not any(isinstance(handler, AttemptHandler) for handler in root.handlers):
        root.addHandler(AttemptHandler())


class RoutedStream:
    """A text stream that takes what attempts write; everything else is the given stream's."""

    def __init__(self, given: TextIO, *, name: str) -> None:
        self._given = given
        self._name = name

    def write(self, text: str) -> int:
        """Write the text, as print() does."""
        attempt = _attempt()
        if attempt is None or not isinstance(text, str):
            return self._given.write(text)
        with _Routing():
            attempt.output.write(text.encode(errors="backslashreplace"), stream=self._name)
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write each of the texts."""
        for text in lines:
            self.write(text)

    def __getattr__(self, name: str) -> Any:
        """Return what the given stream has of this name."""
        return getattr(self._given, name)


class AttemptHandler(logging.Handler):
    """Takes the records that attempts log."""

    def handle(self, record: logging.LogRecord) -> bool:
        """Take the record without a lock: what takes it may log itself, and has one of its own."""
        self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """Take the record if an attempt logged it; otherwise do what happens without this handler."""
        handled = _is_handled(record, beside=self)
        attempt = _attempt()
        if attempt is None or record.name.partition(".")[0] == "tock":
            last = logging.lastResort
            if not handled and last is not None and record.levelno >= last.level:
                last.handle(record)
            return
        try:
            text = self.format(record)
        except Exception:  # noqa: BLE001 - as every handler does: the arguments may be objects with code of their own
            self.handleError(record)
        else:
            with _Routing():
                attempt.output.record(text, level=level_of(record.levelno), logged=not handled)


class _Routing:
    """While output is taken, the current thread's own output is not."""

    def __enter__(self) -> None:
        _here.routing = True

    def __exit__(self, *_: object) -> None:
        _here.routing = False


def _attempt() -> AgentTask | None:
    return None if getattr(_here, "routing", False) else owner()


def _is_handled(record: logging.LogRecord, *, beside: logging.Handler) -> bool:
    """Whether the record has a handler besides this one."""
    logger: logging.Logger | None = logging.getLogger(record.name)
    while logger is not None:
        if any(handler is not beside for handler in logger.handlers):
            return True
        logger = logger.parent if logger.propagate else None
    return False
