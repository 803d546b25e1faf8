"""Why a run is as it is, in one phrase for the row of a list."""

from typing import Protocol

from tock.core.run.run import CancelRequest
from tock.core.run.status import RunStatus
from tock.web.resources.authors import author_text
from tock.web.resources.runs.verb_request import NO_REASON

#: What cancels runs by itself, and writes a reason that says all.
_POLICIES = frozenset({"overlap"})


class _Error(Protocol):
    @property
    def type(self) -> str: ...
    @property
    def message(self) -> str: ...


class _Run(Protocol):
    """What decides the phrase: of a stored run, and of one as readers see it."""

    @property
    def status(self) -> RunStatus: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def error(self) -> _Error | None: ...
    @property
    def cancel_requested(self) -> CancelRequest | None: ...


def why(run: _Run) -> str | None:
    """Return why the run ended as it did, or what keeps it; None if its status says all.

    Of a cancelled run that is who cancelled it: the error of an attempt before that is not why it ended.
    """
    asked = run.cancel_requested
    if run.status is RunStatus.CANCELLED:
        return run.reason if asked is None else _cancelled(asked, reason=run.reason)
    if run.status.terminal and run.error is not None:
        return f"{run.error.type}: {run.error.message}"
    if asked is not None and not run.status.terminal:
        return f"asked to stop by {author_text(asked.by)}"
    return run.reason


def _cancelled(asked: CancelRequest, *, reason: str | None) -> str:
    if asked.by in _POLICIES and reason:
        return reason
    said = f": {reason}" if reason and reason != NO_REASON else ""
    return f"cancelled by {author_text(asked.by)}{said}"
