"""Wrong ways to begin, hold, end and rescue an attempt."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

import simulation.cloud
import tock.app.execution.admission.apply_overlap
import tock.app.execution.cancel
import tock.app.execution.execute
import tock.app.execution.run_commit
import tock.app.execution.settle
import tock.app.manage.triggers.create_trigger
import tock.app.manage.triggers.edit_trigger
import tock.app.start.launch
import tock.app.start.run_now
import tock.app.tick.claim_triggers
import tock.app.tick.sweep
import tock.app.tick.tick
from simulation.observed_parts import ObservedQueue
from tock.app.execution.attempt.leased_attempt import LeasedAttempt
from tock.app.execution.execute import Delivery, Receipt
from tock.app.services import Services
from tock.core.errors import QueueUnavailable, StoreUnavailable
from tock.core.run import transition
from tock.core.run.consumed import Consumed
from tock.core.run.outcome import HandedBack, Outcome
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.run.transition import settlement
from tock.core.run.transition.move import next_attempt
from tock.core.timing import Timing
from tock.ports.queue import Task
from tock.ports.store import Change, Versioned


def settle_without_fence(patch: pytest.MonkeyPatch) -> None:
    """The outcome is written to whichever attempt is running by then, however late."""
    settle = tock.app.execution.settle._try

    async def take(leased: LeasedAttempt) -> bool:
        store: Any = leased.services.store
        found = await store.at_once.run(leased.run.value.project, leased.run.value.id)
        if found is None or found.value.status is not RunStatus.RUNNING:
            leased.lost = True
            return False
        leased.run = found
        return True

    async def unfenced(leased: LeasedAttempt, outcome: Outcome, **given: Any) -> Any:
        return await settle(leased, outcome, **given) if await take(leased) else None

    patch.setattr(tock.app.execution.settle, "_try", unfenced)
    patch.setattr(LeasedAttempt, "reread", take)
    # A runner that stops at the end of its lease seldom gets this far.
    patch.setattr(LeasedAttempt, "_lease_left", lambda _: timedelta(days=1))


def usage_is_counted_apart(patch: pytest.MonkeyPatch) -> None:
    """What an attempt consumed is added to the day by a Commit of its own, before the one that settles it."""
    settle, counted = tock.app.execution.settle._try, tock.app.execution.settle._usage

    async def apart(leased: LeasedAttempt, outcome: Outcome, *, consumed: Consumed, **given: Any) -> Any:
        if added := counted(leased.run.value, consumed, now=leased.services.clock.now()):
            await leased.services.store.commit(added)
        return await settle(leased, outcome, consumed=consumed, **given)

    patch.setattr(tock.app.execution.settle, "_try", apart)
    patch.setattr(tock.app.execution.settle, "_usage", lambda *_, **__: [])


def rescue_without_new_attempt(patch: pytest.MonkeyPatch) -> None:
    """A lost attempt starts again under its own number."""

    def same(run: Run, *, due_at: datetime, timing: Timing) -> Run:
        changes = {"status": RunStatus.QUEUED, "dispatch": run.dispatch + 1, "due_at": due_at, "lease": None}
        return run.model_copy(update=changes | {"check_at": due_at + timing.grace})

    patch.setattr(settlement, "next_attempt", same)


def rescue_of_a_live_lease(patch: pytest.MonkeyPatch) -> None:
    """The sweep treats runs as overdue that will be overdue in half a minute."""
    sweep = tock.app.tick.sweep.sweep

    async def impatient(services: Services, *, deadline: datetime) -> Counter[str]:
        class Ahead:
            def now(self) -> datetime:
                return services.clock.now() + timedelta(seconds=30)

            async def sleep(self, length: timedelta) -> None:
                await services.clock.sleep(length)

        return await sweep(replace(services, clock=Ahead()), deadline=deadline)

    patch.setattr(tock.app.tick.tick, "sweep", impatient)


def runner_outlives_its_lease(patch: pytest.MonkeyPatch) -> None:
    """A runner that cannot extend its lease works on."""

    async def unaware(leased: LeasedAttempt) -> None:
        await leased._extend()

    patch.setattr(LeasedAttempt, "_lease_left", lambda _: timedelta(days=1))

    async def heartbeat(leased: LeasedAttempt) -> None:
        with suppress(StoreUnavailable):
            await unaware(leased)

    patch.setattr(LeasedAttempt, "_heartbeat", heartbeat)


def retries_without_end(patch: pytest.MonkeyPatch) -> None:
    """Failed attempts are retried without a limit."""

    def endless(run: Run, _final: RunStatus, _error: Any, **given: Any) -> Run:
        failed = run.model_copy(update={"failures": run.failures + 1})
        return next_attempt(failed, due_at=given["now"], timing=given["timing"])

    patch.setattr(settlement, "_after_failure", endless)


def claim_of_an_attempt_without_compare(patch: pytest.MonkeyPatch) -> None:
    """Two deliveries both claim the attempt; the last one to write has it."""

    async def taken(services: Services, run: Versioned[Run], agent: Any, *, now: datetime, **_: Any) -> Any:
        owner = services.random.token()
        found = await services.store.run(run.value.project, run.value.id)
        assert found is not None
        fresh = found.value
        if fresh.status is RunStatus.RUNNING:
            fresh = run.value
        started = transition.start(fresh, now=now, owner=owner, agent_revision=agent.revision, timing=services.timing)
        version = await services.store.commit([Change(before=Versioned(found.value, found.version), after=started)])
        events = tock.app.execution.execute.EventBuffer(
            run=started, clock=services.clock, retention=services.timing.retention
        )
        return LeasedAttempt(
            services=services, run=Versioned(started, version), owner=owner, events=events, kind=agent.kind
        )

    patch.setattr(tock.app.execution.execute, "_claim", taken)


def cancelled_run_starts(patch: pytest.MonkeyPatch) -> None:
    """A delivery starts a run that was cancelled."""
    patch.setattr(tock.app.execution.execute, "_is_current", lambda run, delivery: run.attempt == delivery.attempt)
    start = transition.start

    def whatever(run: Run, **given: Any) -> Run:
        return start(run.model_copy(update={"status": RunStatus.QUEUED}), **given)

    patch.setattr(transition, "start", whatever)


def sweep_skips_queued_runs(patch: pytest.MonkeyPatch) -> None:
    """The sweep does not send the tasks of queued runs again."""
    repair = tock.app.tick.sweep._repair

    async def unless_queued(services: Services, run: Versioned[Run], **given: Any) -> None:
        if run.value.status is not RunStatus.QUEUED:
            await repair(services, run, **given)

    patch.setattr(tock.app.tick.sweep, "_repair", unless_queued)


def heartbeats_extend_nothing(patch: pytest.MonkeyPatch) -> None:
    """Heartbeats do not extend the lease."""

    async def nothing(_tenure: LeasedAttempt) -> bool:
        return True

    patch.setattr(LeasedAttempt, "_extend", nothing)


def runner_ignores_cancellation(patch: pytest.MonkeyPatch) -> None:
    """A runner extends its lease without noticing a cancellation."""
    extend = LeasedAttempt._extend

    async def again_and_again(leased: LeasedAttempt) -> None:
        with suppress(StoreUnavailable):
            if not await extend(leased) and await leased.reread():
                await extend(leased)

    patch.setattr(LeasedAttempt, "_heartbeat", again_and_again)


def timeout_comes_early(patch: pytest.MonkeyPatch) -> None:
    """An attempt is stopped after half of its time."""

    time_left = LeasedAttempt._time_left

    def soon(leased: LeasedAttempt) -> timedelta:
        return time_left(leased) - leased.run.value.timeout / 2

    patch.setattr(LeasedAttempt, "_time_left", soon)


def runs_start_early(patch: pytest.MonkeyPatch) -> None:
    """Tasks come a minute early, and their runs start at once."""
    enqueue, carry_out = ObservedQueue.enqueue, simulation.cloud.execute

    async def early(queue: ObservedQueue, tasks: Sequence[Task]) -> Mapping[Task, QueueUnavailable]:
        return await enqueue(queue, [replace(task, due_at=task.due_at - timedelta(minutes=1)) for task in tasks])

    async def at_once(services: Services, delivery: Delivery) -> Receipt:
        timing = replace(services.timing, early_tolerance=timedelta(minutes=2))
        return await carry_out(replace(services, timing=timing), delivery)

    patch.setattr(ObservedQueue, "enqueue", early)
    patch.setattr(simulation.cloud, "execute", at_once)


async def _never(leased: LeasedAttempt) -> None:
    await leased.services.clock.sleep(timedelta(days=1))


def runner_ignores_sigterm(patch: pytest.MonkeyPatch) -> None:
    """A process that gets SIGTERM does not hand its runs back."""
    patch.setattr(LeasedAttempt, "until_shutdown", _never)


def hand_back_without_new_attempt(patch: pytest.MonkeyPatch) -> None:
    """A run that is handed back starts again under the number of the attempt that was stopped."""
    settle = transition.settle

    def same(run: Run, outcome: Outcome, **given: Any) -> Run:
        after = settle(run, outcome, **given)
        return after.model_copy(update={"attempt": run.attempt}) if isinstance(outcome, HandedBack) else after

    patch.setattr(transition, "settle", same)
