"""Takes what an agent prints and logs: to the structured log and, as events of the kind `log`, to its run."""

import logging
import threading
from collections.abc import Iterator

from tock.ports.executor import AnyRunContext

#: The most bytes of a log record, well under Cloud Logging's 256 KiB per entry; a longer line is logged in pieces.
MAX_LINE = 64 * 1024
#: The most bytes that are logged of what one attempt prints and logs.
MAX_OUTPUT = 10 * 1024 * 1024
#: The most bytes of it that become events of the run.
MAX_EVENTS = 1024 * 1024
#: What an event counts besides its text, and the most that its text counts: 4,000 characters are kept.
_EVENT, _LONGEST = 32, 16_000
STDOUT, STDERR = "stdout", "stderr"
#: In the place of a stream: what was logged.
LOG = "log"
_LEVELS = {STDOUT: "info", STDERR: "error"}
#: The levels of events, with the numbers of Python's logging.
NUMBERS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}

_log = logging.getLogger("tock.agent")


class AgentOutput:
    """The output of one attempt; any thread may add to it.

    Each line becomes a record of the logger `tock.agent`, with run, attempt, agent and stream, and an event of the
    run, cut if it is long. Once a bound is used up, one record or event says so; what comes after it is dropped.
    """

    def __init__(self, context: AnyRunContext) -> None:
        self._host = context.host
        self._extra = {"run": context.run, "attempt": context.attempt, "agent": context.agent}
        self._left, self._events_left = MAX_OUTPUT, MAX_EVENTS
        #: Whether a record, and whether an event, says that its bound is used up.
        self._marked = self._only_logged = False
        #: By stream: the beginning of a line whose end has not come.
        self._pending: dict[str, bytes] = {}
        #: The streams of whose current line the beginning was taken already.
        self._begun: set[str] = set()
        #: Never held while something is logged: the handler of a log may be what prints.
        self._lock = threading.Lock()

    def write(self, chunk: bytes, *, stream: str) -> None:
        """Take what was printed to `stdout` or `stderr`."""
        with self._lock:
            kept, exceeds = self._allowed(chunk)
            lines = list(self._lines(kept, stream=stream, end=exceeds))
        for text, begins in lines:
            self._take_line(text, stream=stream, begins=begins)
        if exceeds:
            self._mark()

    def record(self, text: str, *, level: str, logged: bool = True) -> None:
        """Take what the agent logged; `logged` says whether the structured log gets it from here."""
        given = text.encode(errors="replace")
        with self._lock:
            kept, exceeds = self._allowed(given)
        if logged:
            self._log(kept, number=NUMBERS[level], stream=LOG)
        self._tell(kept, level=level)
        if exceeds:
            self._mark()

    def failure(self, traceback: str) -> None:
        """Take the traceback of the exception that ended the attempt, after what it printed; no bound drops it."""
        self.flush()
        _log.warning("agent_raised", extra={**self._extra, "exception": traceback})
        self._host.log(traceback, level="error")

    def flush(self) -> None:
        """Take the last lines, whose ends will not come."""
        for stream in (STDOUT, STDERR):
            with self._lock:
                lines = list(self._lines(b"", stream=stream, end=True))
            for text, begins in lines:
                self._take_line(text, stream=stream, begins=begins)

    def _allowed(self, chunk: bytes) -> tuple[bytes, bool]:
        """Return what of the chunk the bound allows, and whether that is not all."""
        kept = chunk[: self._left]
        self._left -= len(kept)
        return kept, len(kept) < len(chunk)

    def _lines(self, chunk: bytes, *, stream: str, end: bool) -> Iterator[tuple[bytes, bool]]:
        """Yield the lines, or pieces of them, that are whole now, each with whether it begins a line."""
        *lines, rest = (self._pending.pop(stream, b"") + chunk).split(b"\n")
        for text in lines:
            begins = stream not in self._begun
            self._begun.discard(stream)
            if text or begins:
                yield text, begins
        if rest and (end or len(rest) >= MAX_LINE):
            yield rest, stream not in self._begun
            self._begun.add(stream)
        elif rest:
            self._pending[stream] = rest

    def _take_line(self, text: bytes, *, stream: str, begins: bool) -> None:
        self._log(text, number=logging.INFO, stream=stream)
        if begins:
            self._tell(text, level=_LEVELS[stream], stream=stream)

    def _log(self, text: bytes, *, number: int, **extra: str) -> None:
        for start in range(0, len(text) or 1, MAX_LINE):
            piece = text[start : start + MAX_LINE].decode(errors="replace")
            _log.log(number, "%s", piece, extra={**self._extra, **extra})

    def _tell(self, text: bytes, *, level: str, stream: str | None = None) -> None:
        """Append an event, or the one that says that no further ones follow."""
        cost = min(len(text), _LONGEST) + _EVENT
        with self._lock:
            fits = cost <= self._events_left
            self._events_left = self._events_left - cost if fits else 0
            says_so = not fits and not self._only_logged
            self._only_logged = self._only_logged or not fits
        if fits:
            self._host.log(text.decode(errors="replace"), level=level, stream=stream)
        elif says_so:
            note = (
                f"The attempt has printed more than {MAX_EVENTS // 1024} KiB: the rest is only in the functions' log."
            )
            self._host.log(note, level="warning")

    def _mark(self) -> None:
        with self._lock:
            marked, self._marked = self._marked, True
        if not marked:
            _log.warning("agent_output_truncated", extra={**self._extra, "limit": MAX_OUTPUT})


def level_of(number: int) -> str:
    """Return the level of an event for a number of Python's logging: the highest that is not above it."""
    return max((name for name in NUMBERS if NUMBERS[name] <= number), key=NUMBERS.__getitem__, default="debug")


def log_from_info(module: str) -> None:
    """Let the package of this module log from INFO on, unless it has set a level for itself."""
    logger = logging.getLogger(module.partition(".")[0])
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)
