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
    #: The API answered with a run that has no record, with two runs for one key, or took an answer that has no record.
    WRONG_ANSWER = "wrong answer"
    #: A wait that ended before its deadline, or a leg that began without an answer.
    WRONG_WAIT = "wrong wait"
    #: More runs of an agent worked at once than its limit allows.
    TOO_MANY = "too many"
    #: A slot that is taken although every run has ended.
    LEAKED = "leaked"
    #: A message that agents were given twice.
    HEARD_TWICE = "heard twice"
    #: A run that went on with a conversation, and did not find what was saved.
    FORGOTTEN = "forgotten"
    #: A success whose work the repository does not keep.
    LOST_WORK = "lost work"
    #: A process of a command that outlived its attempt.
    LEFT_BEHIND = "left behind"


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation: its kind, the trigger or agent, a sentence about it, and the runs."""

    fault: Fault
    subject: str
    problem: str
    runs: tuple[str, ...] = ()
