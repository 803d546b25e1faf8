"""The catch-up policy: which late fire times still run, as after an outage."""

from datetime import datetime, timedelta

from tock.core.policies import CatchUpMode
from tock.core.trigger.trigger import Trigger

#: A fire time that is claimed at most this late counts as in time: its run still starts within the promised minute.
PUNCTUAL = timedelta(seconds=60)
#: The most late fire times that `all` runs in one tick, or twice those within the look-ahead if that is more.
#: The others stay due.
CATCH_UP_RATE = 10


def catch_up(
    trigger: Trigger, late: list[datetime], *, now: datetime, rate: int
) -> tuple[list[datetime], list[datetime]]:
    """Return the late fire times that run now, and those after them that stay due for a later tick."""
    if not late:
        return [], []
    match trigger.catch_up.mode:
        case CatchUpMode.LATEST:
            return [late[-1]] if now - late[-1] <= trigger.catch_up.window else [], []
        case CatchUpMode.NONE:
            return [late[-1]] if now - late[-1] <= PUNCTUAL else [], []
        case CatchUpMode.ALL:
            eligible = [fire_time for fire_time in late if now - fire_time <= trigger.catch_up.window]
            return eligible[:rate], eligible[rate:]
