"""What a listing of runs is ordered by."""

from enum import StrEnum


class RunOrder(StrEnum):
    """What a listing of runs is ordered by, the largest first."""

    #: The latest fire time or request first, which an index holds.
    SCHEDULED_FOR = "scheduled_for"
    #: The latest start first; runs that have not started are left out.
    STARTED = "started"
    #: The longest first, from the first attempt's start to the settlement; others are left out.
    DURATION = "duration"
    #: The most expensive first.
    COST = "cost"
