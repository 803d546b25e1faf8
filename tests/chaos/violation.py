"""What must not be, and one finding of it."""

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What must not be."""

    #: An occurrence without any record.
    LOST = "lost"
    #: An occurrence or a request with two records, or an attempt started twice or without need.
    DOUBLED = "doubled"
    #: A record of an occurrence that nobody owed.
    EXTRA = "extra"
    #: A record without a reason, or one that nobody will look at.
    UNEXPLAINED = "unexplained"
    #: A run that does not come to its end, or a trigger whose past fire times nobody decides.
    STUCK = "stuck"
    #: Work that no record knows of.
    UNRECORDED = "unrecorded"
    #: A record of success without the work.
    UNWORKED = "unworked"
    #: Two at work at once, although nothing had stopped the first.
    OVERLAPPING = "overlapping"
    #: An attempt taken from its runner, although nothing had happened to it, or before its lease was over.
    TAKEN = "taken"
    #: A start before its time.
    EARLY = "early"
    #: A failure of an agent that never fails.
    FAILING = "failing"
    #: An answer that people were given and the records do not bear out.
    UNKEPT = "unkept"


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that must not be: the trigger or agent, the runs, and a sentence."""

    fault: Fault
    subject: str
    problem: str
    runs: tuple[str, ...] = ()
