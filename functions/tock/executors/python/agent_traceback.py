"""The traceback of an agent's exception, as the agent's author wants to read it: without Tock's own frames."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from traceback import StackSummary, TracebackException

import tock
from tock.core.json.value import text_of

#: The most bytes that are sent to the function; what becomes an event is shorter.
MAX_TRACEBACK = 128 * 1024
_PACKAGE = Path(tock.__file__).parent
#: The parts of Tock that import and call agents, and those that agents call; agents of its demo are agents.
_OWN = tuple(f"{_PACKAGE / room}/" for room in ("app", "core", "executors", "manifest", "ports"))
#: What Python imports modules with.
_IMPORT = ("<frozen importlib.", f"{importlib.__file__}")
#: The files whose frames are the last before the agent's own.
_ENTRIES = {
    str(_PACKAGE / "executors" / "python" / "own_process" / "worker.py"),
    str(_PACKAGE / "executors" / "python" / "shared_process" / "coroutine.py"),
    str(_PACKAGE / "testing" / "in_process.py"),
}


def traceback_of(exc: BaseException) -> str:
    """Return the lines of the exception's traceback, with what caused it; never raises."""
    try:
        whole = TracebackException.from_exception(exc)
        for each in _chain(whole):
            each.stack = _agents_part(each.stack)
        return "".join(whole.format()).rstrip("\n")[-MAX_TRACEBACK:]
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as problem:  # noqa: BLE001 - the exception may be an object with code of its own
        return f"{type(exc).__name__}, whose traceback cannot be read: {text_of(problem)[:200]}"


def _chain(exc: TracebackException) -> Iterator[TracebackException]:
    """Yield the exception, what caused it, what it came up in, and the members of a group."""
    yield exc
    for inner in (exc.__cause__, exc.__context__, *(exc.exceptions or ())):
        if inner is not None:
            yield from _chain(inner)


def _agents_part(stack: StackSummary) -> StackSummary:
    """Return the frames after the one in which Tock called the agent, without those of Tock and of Python's imports."""
    entries = [place for place, frame in enumerate(stack) if frame.filename in _ENTRIES]
    inner = stack[entries[-1] + 1 :] if entries else stack
    return StackSummary.from_list([frame for frame in inner if not frame.filename.startswith(_OWN + _IMPORT)])
