"""Which unfinished runs end with their trigger."""

from enum import StrEnum


class CancelChoice(StrEnum):
    """Which unfinished runs of its fire times end with a trigger that is disabled or deleted."""

    #: Those that are held, about to start, or waiting for their retry.
    PENDING = "pending"
    #: These, the running ones, which stop within seconds, and those that wait for an answer.
    ALL = "all"
    #: None: they start, and run, as if the trigger were still there.
    NONE = "none"
