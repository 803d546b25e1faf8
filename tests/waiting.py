"""How tests wait for other processes, and when they give up: on however slow a machine, only if something hangs."""

import time
from collections.abc import Callable
from typing import TypeVar

import anyio

T = TypeVar("T")
#: Seconds after which what a test waits for counts as hanging. Nothing that works takes as long, however busy the
#: machine is: a single step of a test takes a second or two on an idle one.
TIMEOUT = 120.0
_PAUSE = 0.02


async def until(condition: Callable[[], object]) -> None:
    """Return once the condition holds. Raises TimeoutError if it never does."""
    with anyio.fail_after(TIMEOUT):
        while not condition():
            await anyio.sleep(_PAUSE)


def result_of(look: Callable[[], T], *, after: float = 0) -> T:
    """Look again and again, without an event loop; return the first result that is true.

    `after` is how many seconds it takes on any machine, because a clock decides. Raises TimeoutError, with the last
    result, if none is true.
    """
    deadline = time.monotonic() + after + TIMEOUT
    while not (result := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"still {result!r}")
        time.sleep(_PAUSE)
    return result
