"""The one place where a run's status changes, with what the transitions share."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from tock.core.errors import IllegalTransition
from tock.core.run.outcome import Usage, Workspace
from tock.core.run.run import Run, RunError, RunUsage, RunWorkspace
from tock.core.run.status import LEGAL_MOVES, AttemptStatus, RunStatus
from tock.core.timing import Timing


def move(run: Run, status: RunStatus, **changes: Any) -> Run:
    """Return the run with this status and these changes. Raises IllegalTransition if the run may not go there."""
    if status not in LEGAL_MOVES[run.status]:
        raise IllegalTransition(run.id, source=run.status, target=status)
    return run.model_copy(update={"status": status, **changes})


def require(run: Run, source: RunStatus, *, target: str) -> None:
    """Raise IllegalTransition unless the run has this status; LEGAL_MOVES alone would allow other transitions too."""
    if run.status is not source:
        raise IllegalTransition(run.id, source=run.status, target=target)


def end(run: Run, status: RunStatus, *, now: datetime, timing: Timing, **changes: Any) -> Run:
    """Return the run as ended, with nothing left that only an active run needs."""
    return move(
        run,
        status,
        finished=now,
        lease=None,
        check_at=None,
        state=None,
        in_line=None,
        slots=(),
        expire_at=now + timing.retention,
        **changes,
    )


def end_attempt(run: Run, status: AttemptStatus, *, now: datetime, error: RunError | None = None) -> Run:
    """Return the run with its current attempt ended."""
    ended = run.attempts[-1].model_copy(update={"status": status, "ended": now, "error": error})
    return run.model_copy(update={"attempts": (*run.attempts[:-1], ended)})


def spend(run: Run, usage: Usage) -> Run:
    """Return the run with what its current attempt consumed noted there, and added to the run's usage."""
    if usage == Usage():
        return run
    attempt = run.attempts[-1].model_copy(update={"usage": _stored(usage)})
    total = _stored(Usage(**dict(run.usage)) + usage)
    return run.model_copy(update={"attempts": (*run.attempts[:-1], attempt), "usage": total})


def leave(run: Run, workspace: Workspace | None) -> Run:
    """Return the run with what its current attempt left in its workspace, if it has one."""
    return run if workspace is None else run.model_copy(update={"workspace": RunWorkspace(**asdict(workspace))})


def next_attempt(run: Run, *, due_at: datetime, timing: Timing) -> Run:
    """Return the run as queued for its next attempt, with its due time noted at the attempt before it."""
    last = [attempt.model_copy(update={"next_at": due_at}) for attempt in run.attempts[-1:]]
    return move(
        run,
        RunStatus.QUEUED,
        attempts=(*run.attempts[:-1], *last),
        attempt=run.attempt + 1,
        dispatch=1,
        slots=(),
        due_at=due_at,
        lease=None,
        check_at=due_at + timing.grace,
    )


def _stored(usage: Usage) -> RunUsage:
    return RunUsage(**asdict(usage))
