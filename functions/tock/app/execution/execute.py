"""Execute one delivery: claim the attempt, run the agent under its lease, settle."""

import logging
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from tock.app.enqueue import enqueue
from tock.app.execution.event_buffer import EventLog
from tock.app.execution.leased_attempt import Tenure, holds
from tock.app.execution.overlap import give_way, look_at_overlap
from tock.app.execution.run_attempt import work
from tock.app.execution.run_commit import finish
from tock.app.execution.settle import settle
from tock.app.log import record_run
from tock.app.services import Parts
from tock.core.agent import Agent
from tock.core.errors import CommitConflict, StoreUnavailable
from tock.core.run import transition
from tock.core.run.overlap import Start
from tock.core.run.run import Run, RunError
from tock.core.run.status import RunStatus
from tock.ports.store import Change, Versioned

#: How often a delivery decides anew when the runs around it keep changing.
MOST_DECISIONS = 5


class Delivery(BaseModel):
    """What Cloud Tasks delivers: one attempt of one run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    project: str = Field(min_length=1)
    run: str = Field(min_length=1)
    attempt: int = Field(ge=1)
    dispatch: int = Field(ge=1)


class Receipt(StrEnum):
    """What became of a delivery; only `early`, `contended` and `closing` ask for another."""

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
    CLOSING = "closing"

    @property
    def deliver_again(self) -> bool:
        """Whether Cloud Tasks is to deliver the task again."""
        return self in {Receipt.EARLY, Receipt.CONTENDED, Receipt.CLOSING}


async def execute(parts: Parts, delivery: Delivery) -> Receipt:
    """Return what became of the delivery, once it is durable.

    1. Read the run; a delivery of anything but its current, unclaimed attempt has nothing to do.
    2. Decide the overlap with earlier runs. It comes first, so that a run that is refused answers for all before it.
    3. Check what must hold for a start: the agent exists and is enabled.
    4. Claim the attempt by compare-and-set.
    5. Run the agent under a timeout, with a heartbeat.
    6. Settle.

    StoreUnavailable before the claim means: deliver again. A second delivery while the lease is alive does nothing.
    """
    for _ in range(MOST_DECISIONS):
        if parts.closing.is_set():
            return Receipt.CLOSING
        run = await parts.store.run(delivery.project, delivery.run)
        if run is None or not _is_current(run.value, delivery):
            return Receipt.NOTHING_TO_DO
        if parts.clock.now() < run.value.due_at - parts.timing.earliness:
            return Receipt.EARLY
        decision, seen = await look_at_overlap(parts, run.value)
        try:
            if isinstance(decision, Start):
                return await _start(parts, run)
            if await give_way(parts, run, decision, seen) is not None:
                return Receipt.NOT_STARTED
        except CommitConflict:
            continue
    return Receipt.CONTENDED


def _is_current(run: Run, delivery: Delivery) -> bool:
    return run.status is RunStatus.QUEUED and run.attempt == delivery.attempt


async def _start(parts: Parts, run: Versioned[Run]) -> Receipt:
    """Execute a run that nothing is in the way of, or refuse it, if no attempt can be made."""
    found = await parts.recent_agents.find(
        parts.store, project=run.value.project, agent=run.value.agent, now=parts.clock.now()
    )
    agent = _startable(parts, run.value, found)
    if isinstance(agent, RunError):
        await _refuse(parts, run, agent)
        return Receipt.NOT_STARTED
    if parts.closing.is_set():
        return Receipt.CLOSING
    tenure = await _claim(parts, run, agent)
    return Receipt.NOTHING_TO_DO if tenure is None else await _carry_out(parts, tenure, agent)


def _startable(parts: Parts, run: Run, agent: Agent | None) -> Agent | RunError:
    """Return the agent, or why no attempt can be made."""
    if agent is None:
        message = f"There is no agent {run.agent!r} any more: create it, then retry the run."
        return RunError(type="agent_missing", message=message, retryable=False)
    if not agent.enabled:
        message = f"The agent {run.agent!r} is disabled: enable it, then retry the run."
        return RunError(type="agent_disabled", message=message, retryable=False)
    if agent.kind not in parts.executors:
        known = ", ".join(sorted(parts.executors))
        message = f"This deployment has no executor {agent.kind!r}, only: {known}."
        return RunError(type="executor_missing", message=message, retryable=False)
    return agent


async def _refuse(parts: Parts, run: Versioned[Run], problem: RunError) -> None:
    after = transition.refuse(run.value, problem, now=parts.clock.now(), timing=parts.timing)
    finished = await finish(parts, run, after)
    await parts.store.commit(finished.writes)
    record_run("run_refused", after, level=logging.WARNING, error=problem.type)
    await enqueue(parts, finished.queued)


async def _claim(parts: Parts, run: Versioned[Run], agent: Agent) -> Tenure | None:
    """Take the attempt by compare-and-set; a loser looks once whether the winner was itself.

    Raises CommitConflict when the attempt is still to be had: another wrote to the run without taking it.
    """
    owner = parts.chance.token()
    started = transition.start(
        run.value, now=parts.clock.now(), owner=owner, agent_revision=agent.revision, timing=parts.timing
    )
    try:
        version = await parts.store.commit([Change(before=run, after=started)])
        mine = Versioned(value=started, version=version)
    except (CommitConflict, StoreUnavailable):
        current = await parts.store.run(run.value.project, run.value.id)
        if current is None or not holds(current.value, owner=owner):
            if current is not None and current.value.status is RunStatus.QUEUED:
                raise
            return None
        mine = current
    record_run("run_started", mine.value, lateness=_lateness(mine.value))
    events = EventLog(run=mine.value, clock=parts.clock, retention=parts.timing.retention)
    return Tenure(parts=parts, run=mine, owner=owner, events=events)


def _lateness(run: Run) -> float | None:
    return None if run.lateness is None else run.lateness.total_seconds()


async def _carry_out(parts: Parts, tenure: Tenure, agent: Agent) -> Receipt:
    outcome = await work(tenure, agent, executor=parts.executors[agent.kind])
    if outcome is None:
        record_run("lease_lost", tenure.run.value, level=logging.WARNING)
        return Receipt.LOST
    settled = await settle(tenure, outcome)
    return Receipt.LOST if settled is None else Receipt.SETTLED
