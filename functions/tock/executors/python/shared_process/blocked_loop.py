"""Notices when an agent blocks the event loop that it shares with others, and names it."""

import logging
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from tock.core.run.events.event_kind import EventKind

if TYPE_CHECKING:
    from tock.executors.python.shared_process.agent_loop import AgentLoop

#: Seconds without an answer of the loop after which it counts as blocked; then it is said again at each doubling.
BLOCKED_AFTER = 5.0
#: Seconds between two questions to the loop.
_ASK_EVERY = 1.0

_log = logging.getLogger("tock.executors.python")


def watch(agents: "AgentLoop") -> None:
    """Ask the loop once a second, while attempts are under way, whether it still answers; this runs in a thread."""
    while True:
        agents.wait_until_busy()
        answered = threading.Event()
        asked = time.monotonic()
        agents.call_soon(answered.set)
        report_after = BLOCKED_AFTER
        while not answered.wait(asked + report_after - time.monotonic()):
            _report(agents, seconds=report_after)
            report_after *= 2
        time.sleep(_ASK_EVERY)


def _report(agents: "AgentLoop", *, seconds: float) -> None:
    """Log where the loop stands still; tell the runs in it, but the place only to the one that blocks it."""
    blocker, thread = agents.current()
    frame = sys._current_frames().get(thread)  # noqa: SLF001 - the documented way to look at another thread's stack
    where = "an unknown place" if frame is None else _place(frame)
    run = {} if blocker is None else {"run": blocker.context.run, "attempt": blocker.context.attempt}
    _log.error("event_loop_blocked", extra={**run, "seconds": seconds, "where": where})
    for attempt in agents.under_way():
        if attempt is blocker:
            attempt.context.host.notice(EventKind.LOOP_BLOCKED, {"seconds": seconds, "where": where})
        elif seconds == BLOCKED_AFTER:
            attempt.context.host.notice(EventKind.LOOP_WAITING, {"seconds": seconds})


def _place(frame: FrameType) -> str:
    code = frame.f_code
    return f"{'/'.join(Path(code.co_filename).parts[-2:])}:{frame.f_lineno} in {code.co_qualname}"
