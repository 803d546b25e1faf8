"""The catch-up policy: which late fire times still run, as after an outage."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice, takewhile

from tock.core.policies import CatchUpMode
from tock.core.run.admission.lateness import PUNCTUAL
from tock.core.time.instant import just_before
from tock.core.trigger.trigger import Trigger
from tock.core.trigger.undecided import newest_undecided, undecided

#: The most late fire times that `all` runs in one tick, or twice those within the look-ahead if that is more.
#: The others stay due.
CATCH_UP_RATE = 10


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """The late fire times that run now, oldest first; those before them are missed."""

    fires: tuple[datetime, ...]
    #: The first late fire time after them, which stays due for a later tick; None if they are the last.
    still_due: datetime | None = None


def catch_up(trigger: Trigger, *, now: datetime, rate: int) -> CaughtUp:
    """Return which of the undecided fire times up to `now` run; it looks at few of them, however many there are."""
    match trigger.catch_up.mode:
        case CatchUpMode.ALL:
            eligible = undecided(trigger, after=just_before(now - trigger.catch_up.window))
            late = tuple(islice(takewhile(lambda fire_time: fire_time <= now, eligible), rate + 1))
            return CaughtUp(fires=late[:rate], still_due=late[rate] if len(late) > rate else None)
        case CatchUpMode.LATEST | CatchUpMode.NONE as mode:
            window = trigger.catch_up.window if mode is CatchUpMode.LATEST else PUNCTUAL
            newest = newest_undecided(trigger, until=now)
            return CaughtUp(fires=() if newest is None or now - newest > window else (newest,))
