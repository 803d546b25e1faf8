"""How tests wait, and when they give up: only if something hangs, however slow the machine is."""

import time
from collections.abc import Callable
from typing import TypeVar

import anyio

T = TypeVar("T")
#: Seconds after which a test gives up. What it waits for takes a second or two on an idle machine, so that even a very
#: busy one needs this long only if something hangs.
TIMEOUT = 120.0
_PAUSE = 0.02


async def until(condition: Callable[[], object]) -> None:
    """Return once the condition holds. Raises TimeoutError after TIMEOUT seconds."""
    with anyio.fail_after(TIMEOUT):
        while not condition():
            await anyio.sleep(_PAUSE)


def result_of(look: Callable[[], T], *, after: float = 0) -> T:
    """Call `look` again and again, without an event loop; return the first result that is true.

    `after` is how many seconds that takes on any machine, because it depends on a clock. Raises TimeoutError, with the
    last result, TIMEOUT seconds later.
    """
    deadline = time.monotonic() + after + TIMEOUT
    while not (result := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"still {result!r}")
        time.sleep(_PAUSE)
    return result
