"""How tests wait for other processes, and when they give up: on however slow a machine, only if something hangs."""

import time
from collections.abc import Callable
from typing import TypeVar

import anyio

T = TypeVar("T")
#: Seconds after which what a test waits for counts as hanging. Nothing that works takes as long, however busy the
#: machine is: a single step of a test takes a second or two on an idle one.
TIMEOUT = 120.0
_PAUSE = 0.01


async def until(condition: Callable[[], object]) -> None:
    """Return once the condition holds. Raises TimeoutError if it never does."""
    with anyio.fail_after(TIMEOUT):
        while not condition():
            await anyio.sleep(_PAUSE)


def result_of(look: Callable[[], T]) -> T:
    """Look again and again, without an event loop; return the first result that is true.

    Raises TimeoutError, with the last result, if none is.
    """
    deadline = time.monotonic() + TIMEOUT
    while not (result := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"still {result!r} after {TIMEOUT:g} s")
        time.sleep(_PAUSE)
    return result
