"""The kinds of violations, and one violation."""

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """The guarantee that is violated."""

    #: An occurrence without any record.
    LOST = "lost"
    #: An occurrence or a request with two records, or an attempt started twice or without need.
    DOUBLED = "doubled"
    #: A record of an occurrence that no revision demands.
    EXTRA = "extra"
    #: A record without a reason, or one that the sweep will never look at.
    UNEXPLAINED = "unexplained"
    #: A run that does not end, or a trigger with past fire times that no tick claims.
    STUCK = "stuck"
    #: Work without a record.
    UNRECORDED = "unrecorded"
    #: A record of a success without work in the log.
    WITHOUT_WORK = "without work"
    #: Two attempts or runs worked at once that should not have, and no process was stopped meanwhile.
    OVERLAPPING = "overlapping"
    #: An attempt is recorded as lost although its lease was valid, or nothing had happened to its runner.
    WRONGLY_LOST = "wrongly lost"
    #: A start before its time.
    EARLY = "early"
    #: A failure of an agent that never fails.
    FAILING = "failing"
    #: The API answered with a run that has no record, or with two runs for one key.
    WRONG_ANSWER = "wrong answer"


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation: its kind, the trigger or agent, a sentence about it, and the runs."""

    fault: Fault
    subject: str
    problem: str
    runs: tuple[str, ...] = ()
