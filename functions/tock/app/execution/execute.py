"""Execute one delivery: claim the attempt, run the agent under its lease, settle."""

import logging
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from tock.app.enqueue import enqueue
from tock.app.execution.event_buffer import EventBuffer
from tock.app.execution.leased_attempt import LeasedAttempt, holds
from tock.app.execution.overlap import apply_overlap, decide_overlap
from tock.app.execution.run_attempt import work
from tock.app.execution.run_commit import run_commit
from tock.app.execution.settle import settle
from tock.app.log import log_run_event
from tock.app.services import Services
from tock.core.agent import Agent
from tock.core.errors import CommitConflict, StoreUnavailable
from tock.core.run import transition
from tock.core.run.overlap import Start
from tock.core.run.run import Run, RunError
from tock.core.run.status import RunStatus
from tock.ports.store import Change, Versioned

#: How often a delivery decides anew when the runs around it keep changing.
MAX_DECISIONS = 5


class Delivery(BaseModel):
    """What Cloud Tasks delivers: one attempt of one run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    project: str = Field(min_length=1)
    run: str = Field(min_length=1)
    attempt: int = Field(ge=1)
    dispatch: int = Field(ge=1)


class Receipt(StrEnum):
    """What became of a delivery; only `early`, `contended` and `shutdown` ask for another."""

    #: The attempt's outcome is durable.
    SETTLED = "settled"
    #: The run waits, or was skipped, or cannot be attempted; that is durable.
    NOT_STARTED = "not_started"
    #: The run, or this attempt of it, is no longer to be started, or is another runner's.
    NOTHING_TO_DO = "nothing_to_do"
    #: The lease was lost while the agent worked; whoever has the run now settles it.
    LOST = "lost"
    #: The delivery came before its time.
    EARLY = "early"
    #: The runs around it changed each time it was about to be decided.
    CONTENDED = "contended"
    #: This process was told to end: another one is to begin what it would.
    SHUTTING_DOWN = "shutting_down"

    @property
    def deliver_again(self) -> bool:
        """Whether Cloud Tasks is to deliver the task again."""
        return self in {Receipt.EARLY, Receipt.CONTENDED, Receipt.SHUTTING_DOWN}


async def execute(services: Services, delivery: Delivery) -> Receipt:
    """Return what became of the delivery, once it is durable.

    1. Read the run; a delivery of anything but its current, unclaimed attempt has nothing to do.
    2. Decide the overlap with earlier runs. It comes first, so that a run that is refused answers for all before it.
    3. Check what must hold for a start: the agent exists and is enabled.
    4. Claim the attempt by compare-and-set.
    5. Run the agent under a timeout, with a heartbeat.
    6. Settle.

    StoreUnavailable before the claim means: deliver again. A second delivery while the lease is alive does nothing.
    """
    for _ in range(MAX_DECISIONS):
        if services.shutdown.is_set():
            return Receipt.SHUTTING_DOWN
        run = await services.store.run(delivery.project, delivery.run)
        if run is None or not _is_current(run.value, delivery):
            return Receipt.NOTHING_TO_DO
        if services.clock.now() < run.value.due_at - services.timing.early_tolerance:
            return Receipt.EARLY
        decision, seen = await decide_overlap(services, run.value)
        try:
            if isinstance(decision, Start):
                return await _start(services, run)
            if await apply_overlap(services, run, decision, seen) is not None:
                return Receipt.NOT_STARTED
        except CommitConflict:
            continue
    return Receipt.CONTENDED


def _is_current(run: Run, delivery: Delivery) -> bool:
    return run.status is RunStatus.QUEUED and run.attempt == delivery.attempt


async def _start(services: Services, run: Versioned[Run]) -> Receipt:
    """Execute a run that nothing is in the way of, or refuse it, if no attempt can be made."""
    found = await services.agent_cache.find(
        services.store, project=run.value.project, agent=run.value.agent, now=services.clock.now()
    )
    agent = _startable(services, run.value, found)
    if isinstance(agent, RunError):
        await _refuse(services, run, agent)
        return Receipt.NOT_STARTED
    if services.shutdown.is_set():
        return Receipt.SHUTTING_DOWN
    leased = await _claim(services, run, agent)
    return Receipt.NOTHING_TO_DO if leased is None else await _carry_out(services, leased, agent)


def _startable(services: Services, run: Run, agent: Agent | None) -> Agent | RunError:
    """Return the agent, or why no attempt can be made."""
    if agent is None:
        message = f"There is no agent {run.agent!r} any more: create it, then retry the run."
        return RunError(type="agent_missing", message=message, retryable=False)
    if not agent.enabled:
        message = f"The agent {run.agent!r} is disabled: enable it, then retry the run."
        return RunError(type="agent_disabled", message=message, retryable=False)
    if agent.kind not in services.executors:
        known = ", ".join(sorted(services.executors))
        message = f"This deployment has no executor {agent.kind!r}, only: {known}."
        return RunError(type="executor_missing", message=message, retryable=False)
    return agent


async def _refuse(services: Services, run: Versioned[Run], problem: RunError) -> None:
    after = transition.refuse(run.value, problem, now=services.clock.now(), timing=services.timing)
    commit = await run_commit(services, run, after)
    await services.store.commit(commit.writes)
    log_run_event("run_refused", after, level=logging.WARNING, error=problem.type)
    await enqueue(services, commit.queued)


async def _claim(services: Services, run: Versioned[Run], agent: Agent) -> LeasedAttempt | None:
    """Take the attempt by compare-and-set; a loser looks once whether the winner was itself.

    Raises CommitConflict when the attempt is still to be had: another wrote to the run without taking it.
    """
    owner = services.random.token()
    started = transition.start(
        run.value, now=services.clock.now(), owner=owner, agent_revision=agent.revision, timing=services.timing
    )
    try:
        version = await services.store.commit([Change(before=run, after=started)])
        mine = Versioned(value=started, version=version)
    except (CommitConflict, StoreUnavailable):
        current = await services.store.run(run.value.project, run.value.id)
        if current is None or not holds(current.value, owner=owner):
            if current is not None and current.value.status is RunStatus.QUEUED:
                raise
            return None
        mine = current
    log_run_event("run_started", mine.value, lateness=_lateness(mine.value))
    events = EventBuffer(run=mine.value, clock=services.clock, retention=services.timing.retention)
    return LeasedAttempt(services=services, run=mine, owner=owner, events=events)


def _lateness(run: Run) -> float | None:
    return None if run.lateness is None else run.lateness.total_seconds()


async def _carry_out(services: Services, leased: LeasedAttempt, agent: Agent) -> Receipt:
    outcome = await work(leased, agent, executor=services.executors[agent.kind])
    if outcome is None:
        log_run_event("lease_lost", leased.run.value, level=logging.WARNING)
        return Receipt.LOST
    settled = await settle(leased, outcome)
    return Receipt.LOST if settled is None else Receipt.SETTLED
