"""Answer a run that waits: approve, reject, give what it asked for, or call back."""

from contextlib import suppress
from typing import Any

from tock.app.abilities import require_ability
from tock.app.enqueue import enqueue
from tock.app.execution.run_commit import run_commit
from tock.app.log import log_run_event
from tock.app.services import Services
from tock.core.errors import CommitConflict, InvalidArgument, NotFound, RunNotWaiting, RunSettled, StoreUnavailable
from tock.core.run import transition
from tock.core.run.messages.wait import Answer, Wait
from tock.core.run.outcome import WaitFor
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.executor import Ability

#: How often an answer is tried again when the run was changed meanwhile.
MAX_TRIES = 10


async def answer(
    services: Services,
    *,
    project: str,
    run: str,
    wait_for: WaitFor,
    by: str,
    approved: bool | None = None,
    note: str = "",
    value: Any = None,
    attempt: int | None = None,
) -> Run:
    """End the wait of the run, which then starts its next leg, and return the run; a second answer changes nothing.

    A callback may come before the attempt that waits for it has ended. A second answer that differs from the first is
    an error, so whoever comes second knows. `attempt` is the one that asked or called the service, so that an answer
    meets no later question; None answers what is asked now.

    Raises NotFound, RunNotWaiting (it waits for nothing, for something else, or was answered differently), RunSettled,
    AbilityMissing (agents of this kind never wait), StoreUnavailable.
    """
    for _ in range(MAX_TRIES):
        found = await services.store.run(project, run)
        if found is None:
            raise NotFound("run", run)
        before = found.value
        if _is_answered(before, attempt=attempt, approved=approved, note=note, by=by, value=value):
            return before
        if before.status.terminal:
            raise RunSettled(run, status=before.status, verb="answer")
        if not _waits_for(before, wait_for) or not _is_meant(before, wait_for, attempt):
            if before.status is not RunStatus.WAITING:
                await _require_may_wait(services, before)
            raise RunNotWaiting(
                run, status=before.status, wanted=wait_for, waits_for=open_wait(before), attempt=attempt
            )
        now, timing = services.clock.now(), services.timing
        given = Answer(approved=approved, note=note, by=by, at=now)
        after = transition.answer(before, given, value, now=now, timing=timing)
        commit = await run_commit(services, found, after)
        try:
            await services.store.commit(commit.writes)
        except CommitConflict:
            # A heartbeat, another answer or the deadline came first, or this write was not acknowledged: read again.
            continue
        log_run_event("run_answered", after, by=by, approved=approved)
        await enqueue(services, commit.queued)
        return after
    raise StoreUnavailable(f"Run {run} keeps changing: try again.")


def open_wait(run: Run) -> WaitFor | None:
    """Return whose answer the run waits for; None if it waits for none."""
    asked = _last_wait(run)
    return None if asked is None or run.status is not RunStatus.WAITING else asked.wait_for


async def _require_may_wait(services: Services, run: Run) -> None:
    """Raise AbilityMissing if agents of the run's kind never wait; nobody knows that of an agent that is gone."""
    with suppress(NotFound, InvalidArgument):
        await require_ability(services, run, Ability.WAIT, verb="wait")


def _waits_for(run: Run, wait_for: WaitFor) -> bool:
    if run.status is RunStatus.WAITING:
        return open_wait(run) is wait_for
    # The service may call back before the agent's own answer "accepted" is stored.
    return run.status is RunStatus.RUNNING and wait_for is WaitFor.CALLBACK and run.attempts[-1].wait is None


def _is_meant(run: Run, wait_for: WaitFor, attempt: int | None) -> bool:
    """Whether the wait of the newest attempt is that of `attempt`: a callback may come for one before it, if lost."""
    if attempt is None:
        return True
    if wait_for is WaitFor.CALLBACK:
        since = [each.wait for each in run.attempts if each.number >= attempt and each.wait is not None]
        return all(wait.answer is None for wait in since)
    return run.attempts[-1].number == attempt


def _last_wait(run: Run) -> Wait | None:
    return next((each.wait for each in reversed(run.attempts) if each.wait is not None), None)


def _is_answered(run: Run, *, attempt: int | None, approved: bool | None, note: str, by: str, value: Any) -> bool:
    """Whether the wait that is meant has ended with this very answer; the value of an earlier one is not kept."""
    asked = _meant_wait(run, attempt)
    if asked is None or asked.answer is None:
        return False
    if asked.wait_for is not WaitFor.APPROVAL and (asked is not _last_wait(run) or run.answer != value):
        return False
    return asked.answer == Answer(approved=approved, note=note, by=by, at=asked.answer.at)


def _meant_wait(run: Run, attempt: int | None) -> Wait | None:
    if attempt is None:
        return _last_wait(run)
    return next((each.wait for each in run.attempts if each.number >= attempt and each.wait is not None), None)
