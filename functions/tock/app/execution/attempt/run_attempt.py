"""Run the agent of one attempt; stop it at its timeout, a cancellation, a shutdown or the loss of the lease."""

import asyncio
import logging
import traceback
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import anyio

from tock.app.execution.attempt.attempt_host import Host
from tock.app.execution.attempt.leased_attempt import LeasedAttempt
from tock.app.execution.attempt.signs_of_work import evidence_of, progress_every_of, require_signs_of_work
from tock.app.log import log_run_event
from tock.core.agent.agent import Agent
from tock.core.errors import InvalidArgument
from tock.core.run.events.event_kind import EventKind
from tock.core.run.gate import MAX_MESSAGE, message_of, outcome_of
from tock.core.run.masked import masked_outcome
from tock.core.run.outcome import (
    Cancelled,
    Failed,
    HandedBack,
    Outcome,
    Succeeded,
    TimedOut,
)
from tock.core.run.run import Run
from tock.core.run.status import AttemptStatus
from tock.ports.executor import Executor, GivenAnswer, RunContext, WorkspaceExecutor

#: How many pieces of abandoned work an attempt's error names.
_MAX_NAMED = 5


async def work(leased: LeasedAttempt, agent: Agent, *, executor: Executor) -> Outcome | None:
    """Run the agent and return the attempt's outcome; None if the lease was lost, and nothing may be written any more.

    The executor runs beside watchers for its deadline, the heartbeats, the end of the process and, if it must show
    progress every so often, for that; from its first event on also beside the flushing of events. The first of them to
    end cancels the others; a cancelled executor stops the agent's work.
    """
    if leased.is_ending:
        # The process stood still since the claim, so another runner may have the run by now.
        return None
    if leased.services.shutdown.is_set():
        return HandedBack()
    leased.events.watched = evidence_of(leased.run.value, agent).events
    every = progress_every_of(leased.run.value, agent)
    outcome = await _first_to_end(leased, _attempt(leased, agent, executor=executor), progress_every=every)
    if leased.lost:
        return None
    if outcome is None and leased.stopped is None:
        # No watcher has ended, so the cancellation was not Tock's.
        outcome = Failed(type="CancelledError", message="The agent's own work was cancelled.", retryable=True)
    if outcome is None or (isinstance(leased.stopped, HandedBack) and _may_be_due_to_stop(outcome)):
        outcome = leased.stopped
    return _with_abandoned_work(outcome, leased)


async def _first_to_end(
    leased: LeasedAttempt, attempt: Coroutine[Any, Any, Outcome], *, progress_every: timedelta | None
) -> Outcome | None:
    """Return the attempt's outcome, or None if a watcher ended first and the attempt was cancelled for that.

    Price: a run waits for its agent most of its life. A task of a nested anyio group costs five of asyncio's.
    """
    loop = asyncio.get_running_loop()
    at_work = True

    def begin_flushing() -> None:
        if at_work:
            others.append(tasks.create_task(leased.flush_events()))

    def on_first_event() -> None:
        # Agents add events in threads of their own.
        loop.call_soon_threadsafe(begin_flushing)

    async with asyncio.TaskGroup() as tasks:
        working = tasks.create_task(attempt)
        others = [
            tasks.create_task(watcher())
            for watcher in (leased.until_deadline, leased.until_stopped, leased.until_shutdown)
        ]
        if progress_every is not None:
            others.append(tasks.create_task(leased.until_stalled(progress_every)))
        leased.events.on_first = on_first_event
        try:
            await asyncio.wait((working, *others), return_when=asyncio.FIRST_COMPLETED)
        finally:
            # What the agent emits from now on is stored by the settlement.
            at_work = False
        for task in (working, *others):
            task.cancel()
    return None if working.cancelled() else working.result()


def _with_abandoned_work(outcome: Outcome | None, leased: LeasedAttempt) -> Outcome | None:
    """Return the outcome with a sentence about what of the run's work could not be stopped, if there is any."""
    run = leased.run.value
    alive = leased.services.drain.abandoned.of(project=run.project, run=run.id)
    if not alive:
        return outcome
    named = ", ".join([*alive[:_MAX_NAMED], *([f"{len(alive) - _MAX_NAMED} more"] if len(alive) > _MAX_NAMED else [])])
    note = f"Nothing could stop {named}: this process takes no other run and is replaced."
    match outcome:
        case Failed():
            return replace(outcome, message=message_of(outcome.message)[: MAX_MESSAGE - len(note) - 1] + f" {note}")
        case TimedOut() | Cancelled() | HandedBack():
            return replace(outcome, note=note)
    return outcome


def _may_be_due_to_stop(outcome: Outcome) -> bool:
    """Return whether the agent may have failed only because it was stopped; then this must not use up a retry."""
    return isinstance(outcome, Failed) and outcome.retryable


async def _attempt(leased: LeasedAttempt, agent: Agent, *, executor: Executor) -> Outcome:
    try:
        config = _config(leased.run.value, agent, executor=executor)
    except InvalidArgument as exc:
        return masked_outcome(Failed(type="invalid_config", message=str(exc), retryable=False), leased.services.mask)
    try:
        outcome = masked_outcome(outcome_of(await executor.execute(config, _context(leased))), leased.services.mask)
    except (KeyboardInterrupt, SystemExit, anyio.get_cancelled_exc_class()):
        raise
    except BaseException as exc:  # noqa: BLE001 - a defect of an executor must fail the attempt, not lose the run
        log_run_event(
            "executor_error", leased.run.value, level=logging.ERROR, problem="".join(traceback.format_exception(exc))
        )
        return masked_outcome(
            Failed(type=type(exc).__name__, message=message_of(exc), retryable=True), leased.services.mask
        )
    if isinstance(outcome, Succeeded):
        for warning in outcome.warnings:
            log_run_event("agent_warning", leased.run.value, level=logging.WARNING, problem=warning)
            leased.events.add(EventKind.WARNING, {"text": warning})
    return await require_signs_of_work(outcome, leased, agent)


def _config(run: Run, agent: Agent, *, executor: Executor) -> Mapping[str, Any]:
    """Return what the run executes: its agent's configuration, or that of its command. Raises InvalidArgument."""
    if run.follow_up is None:
        return agent.config
    if not isinstance(executor, WorkspaceExecutor):
        remedy = f"the agent {agent.id!r} is of kind {agent.kind!r} now, whose runs have no workspaces"
        raise InvalidArgument(field="command", value=run.follow_up.command, remedy=remedy)
    return executor.command_config(run.follow_up, project=run.project)


def _context(leased: LeasedAttempt) -> RunContext:
    run = leased.run.value
    return RunContext(
        project=run.project,
        run=run.id,
        trigger=run.trigger,
        agent=run.agent,
        message=run.input.message,
        input=run.input.payload,
        model=run.input.model,
        ref=run.input.ref,
        source=run.source.value,
        attempt=run.attempt,
        scheduled_for=run.scheduled_for,
        time_zone=run.input.time_zone,
        deadline=run.attempts[-1].started + run.timeout,
        host=Host(leased),
        state=run.state,
        answer=_answer(run),
        session=run.session,
        resumed_from=run.resumed_from,
        start_commit=run.start_commit,
        workspace_of=None if run.follow_up is None else run.follow_up.of,
    )


def _answer(run: Run) -> GivenAnswer | None:
    """Return the answer to the newest wait before the current attempt, or None."""
    failed = False
    for attempt in reversed(run.attempts[:-1]):
        if attempt.wait is not None:
            given = attempt.wait.answer
            return None if given is None else GivenAnswer(**dict(given), value=run.answer, failed_since=failed)
        failed = failed or attempt.status in {AttemptStatus.FAILED, AttemptStatus.TIMED_OUT}
    return None
