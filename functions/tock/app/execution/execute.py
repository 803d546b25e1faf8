"""Execute one delivery: claim the attempt, run the agent under the lease, and settle the run."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from tock.app.abilities import require_version
from tock.app.enqueue import enqueue
from tock.app.execution.admission.apply_overlap import apply_overlap, decide_overlap
from tock.app.execution.admission.miss_late import miss_late
from tock.app.execution.admission.take_slots import free_slots, wait_in_line
from tock.app.execution.attempt.event_buffer import EventBuffer
from tock.app.execution.attempt.leased_attempt import LeasedAttempt, holds
from tock.app.execution.attempt.run_attempt import work
from tock.app.execution.run_commit import run_commit
from tock.app.execution.settle import settle
from tock.app.find_run import find_run
from tock.app.lock_holder import lock_holder
from tock.app.log import log_run_event
from tock.app.services import Services
from tock.core.agent.agent import Agent
from tock.core.errors import CommitConflict, DocumentUnreadable, FailedPrecondition, StoreUnavailable
from tock.core.run import transition
from tock.core.run.admission.lateness import is_late
from tock.core.run.admission.lock import Lock
from tock.core.run.admission.overlap import Start
from tock.core.run.admission.slot import Slot
from tock.core.run.events.event_kind import EventKind
from tock.core.run.run import Run, RunError
from tock.core.run.status import RunStatus
from tock.ports.executor import Ability
from tock.ports.store import Change, Create, Versioned, Write

#: How often a delivery decides again when its run, or an earlier one, was changed meanwhile.
MAX_DECISIONS = 5
#: A decision to start that is older than this is made again: the process may have stood still since.
STALE_DECISION = timedelta(seconds=10)


class Delivery(BaseModel):
    """What Cloud Tasks delivers: one attempt of one run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    project: str = Field(min_length=1)
    run: str = Field(min_length=1)
    attempt: int = Field(ge=1)
    dispatch: int = Field(ge=1)


class Receipt(StrEnum):
    """The result of a delivery; all but the first four make Cloud Tasks deliver it again."""

    #: The attempt's outcome is stored.
    SETTLED = "settled"
    #: The run was held, skipped, missed or refused, and this is stored.
    NOT_STARTED = "not_started"
    #: The run is gone or not queued, its current attempt is another one, or another runner claimed the attempt.
    NOTHING_TO_DO = "nothing_to_do"
    #: The runner lost the lease while the agent worked. Another runner, or the sweep, settles the run.
    LOST = "lost"
    #: The delivery came before the attempt was due.
    EARLY = "early"
    #: The run, or an earlier one, was changed during every try.
    CONTENDED = "contended"
    #: This process was told to end, so another one must execute the delivery.
    SHUTTING_DOWN = "shutting_down"
    #: Work of an ended attempt goes on in this process, which is therefore being replaced.
    DRAINING = "draining"

    @property
    def deliver_again(self) -> bool:
        """Whether Cloud Tasks must deliver the task again."""
        return self in {Receipt.EARLY, Receipt.CONTENDED, Receipt.SHUTTING_DOWN, Receipt.DRAINING}


async def execute(services: Services, delivery: Delivery) -> Receipt:
    """Execute the delivery, and return its receipt once the result is stored.

    1. Read the run; if the delivery is not of its current, queued attempt, there is nothing to do.
    2. Settle it as missed if its start deadline or its catch-up policy no longer lets it start.
    3. Decide the overlap with earlier runs. This comes before step 4, so that a later run need not look past a refused
       one.
    4. Check that an attempt can be made: the agent exists, is enabled, has an executor and takes the run's ref.
    5. Take a slot of each limit that the agent or the trigger sets, or wait in line for one; claim the attempt by
       compare-and-set.
    6. Run the agent under a timeout, with a heartbeat.
    7. Settle the run.

    Raises StoreUnavailable: before the claim, Cloud Tasks must deliver again; after it, a new delivery finds nothing to
    do, and the sweep rescues the run.
    """
    refusal = _refusal(services)
    if refusal is not None:
        return refusal
    with services.drain.delivery_under_way():
        return await _execute(services, delivery)


def _refusal(services: Services) -> Receipt | None:
    """Return why this process takes no delivery; None if it does."""
    if services.shutdown.is_set():
        return Receipt.SHUTTING_DOWN
    return Receipt.DRAINING if services.drain.refuses(now=services.clock.now()) else None


async def _execute(services: Services, delivery: Delivery) -> Receipt:
    for _ in range(MAX_DECISIONS):
        if services.shutdown.is_set():
            return Receipt.SHUTTING_DOWN
        run = await find_run(services, project=delivery.project, run=delivery.run)
        if run is None or not _is_current(run.value, delivery):
            return Receipt.NOTHING_TO_DO
        if services.clock.now() < run.value.due_at - services.timing.early_tolerance:
            return Receipt.EARLY
        with suppress(CommitConflict):
            receipt = await _decide(services, run)
            if receipt is not None:
                return receipt
    return Receipt.CONTENDED


async def _decide(services: Services, run: Versioned[Run]) -> Receipt | None:
    """Start the run, or apply the decision not to; None if the caller must decide again.

    None means that an earlier run has just ended, or that time passed until the decision was stale. Raises
    CommitConflict when the run, or an earlier one, was changed meanwhile.
    """
    decided_at = services.clock.now()
    if await miss_late(services, run) is not None:
        return Receipt.NOT_STARTED
    decision, seen = await decide_overlap(services, run.value)
    if isinstance(decision, Start):
        return await _start(services, run, decided_at=decided_at)
    applied = await apply_overlap(services, run, decision, seen)
    return None if applied is None else Receipt.NOT_STARTED


def _is_current(run: Run, delivery: Delivery) -> bool:
    return run.status is RunStatus.QUEUED and run.attempt == delivery.attempt


async def _start(services: Services, run: Versioned[Run], *, decided_at: datetime) -> Receipt | None:
    """Claim and run an attempt that no earlier run blocks, or refuse the run if no attempt can be made.

    Return None, and claim nothing, if the decision to start is stale: it is some seconds old, or the run has become a
    late one since, which takes turns.
    """
    agent = await _agent_of(services, run.value)
    if isinstance(agent, RunError):
        await _refuse(services, run, agent)
        return Receipt.NOT_STARTED
    slots = await free_slots(services, run.value, agent)
    if isinstance(slots, str):
        await wait_in_line(services, run, agent, scope=slots)
        return Receipt.NOT_STARTED
    if services.shutdown.is_set():
        return Receipt.SHUTTING_DOWN
    now = services.clock.now()
    if now - decided_at > STALE_DECISION or is_late(run.value, now=now) != is_late(run.value, now=decided_at):
        return None
    leased = await _claim(services, run, agent, now=now, slots=slots)
    return Receipt.NOTHING_TO_DO if leased is None else await _run_and_settle(services, leased, agent)


async def _agent_of(services: Services, run: Run) -> Agent | RunError:
    """Return the run's agent, or the error that says why no attempt can be made."""
    try:
        agent = await services.agent_cache.find(
            services.store, project=run.project, agent=run.agent, now=services.clock.now()
        )
    except DocumentUnreadable as exc:
        return RunError(type="agent_unreadable", message=f"{exc} Then retry the run.", retryable=False)
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
    if run.follow_up is None:
        try:
            require_version(services, agent, ref=run.input.ref)
        except FailedPrecondition as exc:
            return RunError(type="ref_unsupported", message=str(exc), retryable=False)
    return agent


async def _refuse(services: Services, run: Versioned[Run], problem: RunError) -> None:
    after = transition.refuse(run.value, problem, now=services.clock.now(), timing=services.timing)
    commit = await run_commit(services, run, after)
    await services.store.commit(commit.writes)
    log_run_event("run_refused", after, level=logging.WARNING, error=problem.type)
    await enqueue(services, commit.queued)


async def _claim(
    services: Services, run: Versioned[Run], agent: Agent, *, now: datetime, slots: Sequence[Slot]
) -> LeasedAttempt | None:
    """Claim the attempt, its slots and the lock of a conversation that it goes on with, by compare-and-set; return it.

    Return None if another runner claimed it or the run is not queued.

    After a conflict, or if the store did not answer, read once to see whether the claim was applied nevertheless.
    Raises the error again if the run is still queued: somebody else changed it, or the claim was not applied.
    """
    owner = services.random.token()
    able = services.executors[agent.kind].abilities(agent.config)
    has_session = Ability.RESUME in able and run.value.follow_up is None
    started = transition.start(
        run.value,
        now=now,
        owner=owner,
        agent_revision=agent.revision,
        timing=services.timing,
        slots=tuple(slot.name for slot in slots),
        has_session=has_session,
    )
    try:
        locked = await _session_lock(services, started) if run.value.awaits_session else ()
        version = await services.store.commit([Change(before=run, after=started), *map(Create, slots), *locked])
        mine = Versioned(value=started, version=version)
    except (CommitConflict, StoreUnavailable):
        current = await find_run(services, project=run.value.project, run=run.value.id)
        if current is None or not holds(current.value, owner=owner):
            if current is not None and current.value.status is RunStatus.QUEUED:
                raise
            return None
        mine = current
    log_run_event("run_started", mine.value, lateness=_lateness(mine.value))
    events = EventBuffer(run=mine.value, clock=services.clock, retention=services.timing.retention, mask=services.mask)
    if started.session is not None and not has_session:
        text = f"Agents of kind {agent.kind!r} have no conversation, so this run does not go on with its trigger's."
        events.add(EventKind.WARNING, {"text": text})
    return LeasedAttempt(services=services, run=mine, owner=owner, events=events, kind=agent.kind)


async def _session_lock(services: Services, run: Run) -> tuple[Write, ...]:
    """Return the write that takes the lock of the run's conversation. Raises CommitConflict if another run has it."""
    lock = Lock(project=run.project, id=run.lock or "", subject=run.subject or "", run=run.id)
    left, holder = await lock_holder(services, project=run.project, lock=lock.id)
    if holder is not None:
        raise CommitConflict(f"Run {holder.value.id} goes on with the conversation of run {run.id}.")
    return (Create(lock),) if left is None else (Change(before=left, after=lock),)


def _lateness(run: Run) -> float | None:
    return None if run.lateness is None else run.lateness.total_seconds()


async def _run_and_settle(services: Services, leased: LeasedAttempt, agent: Agent) -> Receipt:
    outcome = await work(leased, agent, executor=services.executors[agent.kind])
    if outcome is None:
        log_run_event("lease_lost", leased.run.value, level=logging.WARNING)
        return Receipt.LOST
    settled = await settle(leased, outcome)
    return Receipt.LOST if settled is None else Receipt.SETTLED
