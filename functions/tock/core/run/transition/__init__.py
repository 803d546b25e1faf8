"""The transitions of a run from status to status; each returns a new run with its next `check_at`.

All of them raise IllegalTransition if the run's status does not allow the transition.
"""

from tock.core.run.transition.queueing import (
    LINE_RECHECK,
    LONGEST_GRACE,
    cancel,
    give_up,
    heartbeat,
    hold,
    hold_in_line,
    keep_held,
    miss,
    promote,
    redispatch,
    refuse,
    skip,
    start,
)
from tock.core.run.transition.settlement import HANDED_BACK, MAX_ATTEMPTS, WORK_ABANDONED, rescue, settle
from tock.core.run.transition.waiting import DEADLINE, UNANSWERED, answer, end_wait

__all__ = [
    "DEADLINE",
    "HANDED_BACK",
    "LINE_RECHECK",
    "LONGEST_GRACE",
    "MAX_ATTEMPTS",
    "UNANSWERED",
    "WORK_ABANDONED",
    "answer",
    "cancel",
    "end_wait",
    "give_up",
    "heartbeat",
    "hold",
    "hold_in_line",
    "keep_held",
    "miss",
    "promote",
    "redispatch",
    "refuse",
    "rescue",
    "settle",
    "skip",
    "start",
]
