"""What a run that has stopped waits for: an answer, an earlier run, or a free slot."""

from typing import TYPE_CHECKING

from tock.core.run.status import RunStatus

if TYPE_CHECKING:
    # Commands that show no run start faster without these.
    from tock.core.run.messages.wait import Wait
    from tock.web.resources.runs.run import RunResource


def open_question(run: "RunResource") -> "Wait | None":
    """Return what a waiting run waits for; None for another run."""
    return run.attempts[-1].wait if run.status is RunStatus.WAITING and run.attempts else None


def held_for(run: "RunResource") -> str | None:
    """Return what a held run waits for, in words; None for another run."""
    if run.status is not RunStatus.HELD:
        return None
    if run.in_line:
        return f"a free slot of {run.in_line}"
    return f"the end of run {run.blocked_by}" if run.blocked_by else None
