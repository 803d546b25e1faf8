"""The word that people read for a run's status: its own, or `scheduled` or `retrying` until its time comes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from tock.core.run.status import AttemptStatus, RunStatus

#: It starts when its time comes: a run that is claimed already, or a fire time that no tick has claimed yet.
SCHEDULED = "scheduled"
#: Its last attempt failed, and the next one starts when the wait between them is over.
RETRYING = "retrying"
#: The words of what starts later; everybody who shows one says when.
LATER = frozenset({SCHEDULED, RETRYING})
#: The statuses of attempts that the retry policy tries again.
FAILED = frozenset({AttemptStatus.FAILED, AttemptStatus.TIMED_OUT})
_TO_COME = "to_come"


class _Attempt(Protocol):
    @property
    def status(self) -> AttemptStatus: ...


class _Run(Protocol):
    """What decides the word: of a stored run, and of one as readers see it."""

    @property
    def status(self) -> RunStatus: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def attempts(self) -> Sequence[_Attempt]: ...


def shown_status(run: _Run, *, now: datetime) -> str:
    """Return the word for the status of a run at this time."""
    retries = bool(run.attempts) and run.attempts[-1].status in FAILED
    return shown_word(run.status, due_at=run.due_at, retries=retries, now=now)


def shown_word(status: str, *, due_at: datetime, now: datetime, retries: bool = False) -> str:
    """Return the word for a status of a run, or of what comes next, that is due at `due_at`.

    `queued` says that it may start at any moment, which is wrong as long as its time has not come.
    """
    if status == _TO_COME:
        return SCHEDULED
    if status == RunStatus.QUEUED and due_at > now:
        return RETRYING if retries else SCHEDULED
    return str(status)
