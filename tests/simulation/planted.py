"""Wrong versions of the protocols, each a small substitution: the simulation must find every one of them."""

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

import tock.app.cancel
import tock.app.claim
import tock.app.create_trigger
import tock.app.edit_trigger
import tock.app.execute
import tock.app.finish
import tock.app.launch
import tock.app.overlap
import tock.app.run_now
import tock.app.settle
import tock.app.sweep
import tock.app.tick
from tock.app.enqueue import enqueue
from tock.app.finish import Finish, finish
from tock.app.parts import Parts
from tock.app.tenure import Tenure
from tock.core import transition
from tock.core.claim import Claim, claim
from tock.core.errors import StoreUnavailable
from tock.core.identity import keyed_run_id
from tock.core.outcome import Outcome
from tock.core.overlap import Hold, Start, decide
from tock.core.plan import Plan, plan
from tock.core.run import Run
from tock.core.schedule import next_fire_time
from tock.core.status import RunStatus
from tock.core.timing import Timing
from tock.core.trigger import Trigger
from tock.ports.store import Change, Delete, Versioned, Write

Plant = Callable[[pytest.MonkeyPatch], None]


def claim_without_precondition(patch: pytest.MonkeyPatch) -> None:
    """The trigger is moved on as it is now, not as it was read."""
    commit = tock.app.claim._commit

    async def unconditional(parts: Parts, claims: Sequence[tuple[Versioned[Trigger], Claim]], **given: Any) -> Any:
        at_once: Any = parts.store
        now = [await at_once.at_once.trigger(before.value.project, before.value.id) for before, _ in claims]
        current = [
            (Versioned(before.value, found.version), made)
            for (before, made), found in zip(claims, now, strict=True)
            if found is not None
        ]
        return await commit(parts, current, **given)

    patch.setattr(tock.app.claim, "_commit", unconditional)


def enqueue_before_commit(patch: pytest.MonkeyPatch) -> None:
    """Tasks are created for what is not committed yet."""
    commit = tock.app.claim._commit

    async def hasty(parts: Parts, claims: Sequence[tuple[Versioned[Trigger], Claim]], **given: Any) -> Any:
        for _, made in claims:
            await enqueue(parts, made.queued)
        return await commit(parts, claims, **given)

    patch.setattr(tock.app.claim, "_commit", hasty)


def settle_without_fence(patch: pytest.MonkeyPatch) -> None:
    """The outcome is written to whatever attempt is running by now."""
    settle = tock.app.settle._try

    async def take(tenure: Tenure) -> bool:
        store: Any = tenure.parts.store
        found = await store.at_once.run(tenure.run.value.project, tenure.run.value.id)
        if found is None or found.value.status is not RunStatus.RUNNING:
            tenure.lost = True
            return False
        tenure.run = found
        return True

    async def unfenced(tenure: Tenure, outcome: Outcome, **given: Any) -> Any:
        return await settle(tenure, outcome, **given) if await take(tenure) else None

    patch.setattr(tock.app.settle, "_try", unfenced)
    patch.setattr(Tenure, "reread", take)


def rescue_without_new_attempt(patch: pytest.MonkeyPatch) -> None:
    """A lost attempt is begun again under its own number."""

    def same(run: Run, *, due_at: datetime, timing: Timing) -> Run:
        changes = {"status": RunStatus.QUEUED, "dispatch": run.dispatch + 1, "due_at": due_at, "lease": None}
        return run.model_copy(update=changes | {"check_at": due_at + timing.grace})

    patch.setattr(transition, "_next_attempt", same)


def rescue_of_a_live_lease(patch: pytest.MonkeyPatch) -> None:
    """The sweep takes what will be overdue in half a minute for overdue."""
    sweep = tock.app.sweep.sweep

    async def impatient(parts: Parts, *, deadline: datetime) -> Counter[str]:
        class Ahead:
            def now(self) -> datetime:
                return parts.clock.now() + timedelta(seconds=30)

            async def sleep(self, length: timedelta) -> None:
                await parts.clock.sleep(length)

        return await sweep(replace(parts, clock=Ahead()), deadline=deadline)

    patch.setattr(tock.app.tick, "sweep", impatient)


def sweep_forgets_the_held(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks after runs that wait for another."""

    async def nothing(_parts: Parts, _run: Versioned[Run], **_given: Any) -> None:
        return

    patch.setattr(tock.app.sweep, "_look_after_held", nothing)


def sweep_forgets_the_queued(patch: pytest.MonkeyPatch) -> None:
    """A run whose task is lost is left where it is."""
    repair = tock.app.sweep._repair

    async def unless_queued(parts: Parts, run: Versioned[Run], **given: Any) -> None:
        if run.value.status is not RunStatus.QUEUED:
            await repair(parts, run, **given)

    patch.setattr(tock.app.sweep, "_repair", unless_queued)


def loser_does_not_look(patch: pytest.MonkeyPatch) -> None:
    """Whoever loses a claim takes it for another's."""

    async def nothing(_parts: Parts, _before: Versioned[Trigger], _made: Claim, **_given: Any) -> list[Claim]:
        return []

    patch.setattr(tock.app.claim, "_look", nothing)


def edit_leaves_claimed_runs(patch: pytest.MonkeyPatch) -> None:
    """Runs claimed for the former version stay."""

    async def nothing(_parts: Parts, _trigger: Trigger, **_given: Any) -> Any:
        return tock.app.edit_trigger._Cancelled(runs=(), writes=(), queued=(), used=None)

    patch.setattr(tock.app.edit_trigger, "_cancel_claimed", nothing)


def edit_by_its_own_clock(patch: pytest.MonkeyPatch) -> None:
    """A decision may take an earlier time than the one before it."""
    patch.setattr(Trigger, "time_to_decide", lambda _trigger, now: now)


def edit_drops_the_past(patch: pytest.MonkeyPatch) -> None:
    """Fire times that nobody ticked before an edit are forgotten."""

    def nothing(_parts: Parts, before: Trigger, **_given: Any) -> Claim:
        return Claim(trigger=before, runs=())

    patch.setattr(tock.app.edit_trigger, "_past", nothing)


def pause_leaves_it_due(patch: pytest.MonkeyPatch) -> None:
    """A disabled trigger keeps its next fire time."""
    anew = tock.app.edit_trigger.scheduled_anew

    def due(trigger: Trigger, **given: Any) -> Trigger:
        after = anew(trigger, **given)
        if trigger.enabled:
            return after
        return after.model_copy(update={"next_run_at": next_fire_time(trigger.schedule, after=given["now"])})

    patch.setattr(tock.app.edit_trigger, "scheduled_anew", due)


def lock_is_never_released(patch: pytest.MonkeyPatch) -> None:
    """A run that ends keeps its lock."""

    async def keeping(parts: Parts, before: Versioned[Run], after: Run) -> Finish:
        finished = await finish(parts, before, after)
        return replace(finished, writes=tuple(write for write in finished.writes if not isinstance(write, Delete)))

    _everywhere(patch, keeping)


def launch_without_lock(patch: pytest.MonkeyPatch) -> None:
    """A run by hand does not keep others off its subject."""
    writes = tock.app.launch._writes

    def unlocked(run: Run, **given: Any) -> list[Write]:
        return writes(run.model_copy(update={"lock": None}), **given)

    patch.setattr(tock.app.launch, "_writes", unlocked)


def keys_are_ignored(patch: pytest.MonkeyPatch) -> None:
    """An idempotency key does not decide which run is meant."""
    numbers = iter(range(10**9))

    def fresh(*, project: str, key: str) -> str:
        return keyed_run_id(project=project, key=f"{key} {next(numbers)}")

    patch.setattr(tock.app.run_now, "keyed_run_id", fresh)


def skip_follows_one_pointer(patch: pytest.MonkeyPatch) -> None:
    """Only the run just before is looked at."""

    def near(run: Run, earlier: Sequence[Run | None]) -> Any:
        if earlier and earlier[0] is not None and earlier[0].status.terminal:
            return Start()
        return decide(run, earlier)

    patch.setattr(tock.app.overlap, "decide", near)


def queue_without_depth(patch: pytest.MonkeyPatch) -> None:
    """Any number may wait."""

    def deep(run: Run, earlier: Sequence[Run | None]) -> Any:
        return decide(run.model_copy(update={"queue_depth": 100}), earlier)

    patch.setattr(tock.app.overlap, "decide", deep)


def replace_does_not_wait(patch: pytest.MonkeyPatch) -> None:
    """The new run starts although the one it replaces is still at work."""

    def at_once(run: Run, earlier: Sequence[Run | None]) -> Any:
        decision = decide(run, earlier)
        return Start() if isinstance(decision, Hold) and decision.replace else decision

    patch.setattr(tock.app.overlap, "decide", at_once)


def settlement_promotes_nobody(patch: pytest.MonkeyPatch) -> None:
    """The run that waits is left to the sweep."""

    async def alone(_parts: Parts, before: Versioned[Run], after: Run) -> Finish:
        writes: list[Write] = [Change(before=before, after=after)]
        queued = (after,) if after.status is RunStatus.QUEUED else ()
        return Finish(writes=tuple(writes), queued=queued)

    _everywhere(patch, alone)


def catch_up_from_now(patch: pytest.MonkeyPatch) -> None:
    """After an outage the schedule goes on from now: what was late is forgotten."""

    def forgetful(trigger: Trigger, *, now: datetime, look_ahead: timedelta) -> Plan:
        if trigger.next_run_at is not None and trigger.next_run_at <= now:
            following = next_fire_time(trigger.schedule, after=now)
            trigger = trigger.model_copy(update={"next_run_at": following})
        return plan(trigger, now=now, look_ahead=look_ahead)

    patch.setattr(tock.app.claim, "plan", forgetful)


def misses_leave_no_record(patch: pytest.MonkeyPatch) -> None:
    """What is let go is not written down."""

    def silent(trigger: Trigger, decided: Plan, **given: Any) -> Claim:
        return claim(trigger, replace(decided, missed=None), **given)

    patch.setattr(tock.app.claim, "claim", silent)


def misses_have_no_reason(patch: pytest.MonkeyPatch) -> None:
    """What is let go does not say why."""

    def terse(trigger: Trigger, decided: Plan, **given: Any) -> Claim:
        made = claim(trigger, decided, **given)
        runs = tuple(run.model_copy(update={"reason": None}) if run.missed else run for run in made.runs)
        return replace(made, runs=runs)

    patch.setattr(tock.app.claim, "claim", terse)


def runner_outlives_its_lease(patch: pytest.MonkeyPatch) -> None:
    """A runner that cannot reach the store works on."""

    async def never(tenure: Tenure) -> None:
        await tenure.parts.clock.sleep(timedelta(days=1))

    async def unaware(tenure: Tenure) -> None:
        await tenure._extend()

    patch.setattr(Tenure, "until_lease_ends", never)

    async def beat(tenure: Tenure) -> None:
        with suppress(StoreUnavailable):
            await unaware(tenure)

    patch.setattr(Tenure, "_beat", beat)


def retries_without_end(patch: pytest.MonkeyPatch) -> None:
    """The number of retries is not counted."""

    def endless(run: Run, _final: RunStatus, _error: Any, **given: Any) -> Run:
        failed = run.model_copy(update={"failures": run.failures + 1})
        return transition._next_attempt(failed, due_at=given["now"], timing=given["timing"])

    patch.setattr(transition, "_after_failure", endless)


def claim_of_an_attempt_without_compare(patch: pytest.MonkeyPatch) -> None:
    """Two deliveries both take the attempt: whoever writes last has it."""

    async def taken(parts: Parts, run: Versioned[Run], agent: Any) -> Any:
        owner = parts.chance.token()
        found = await parts.store.run(run.value.project, run.value.id)
        assert found is not None
        fresh = found.value
        if fresh.status is RunStatus.RUNNING:
            fresh = run.value
        started = transition.start(
            fresh, now=parts.clock.now(), owner=owner, agent_revision=agent.revision, timing=parts.timing
        )
        version = await parts.store.commit([Change(before=Versioned(found.value, found.version), after=started)])
        events = tock.app.execute.EventLog(run=started, clock=parts.clock, retention=parts.timing.retention)
        return Tenure(parts=parts, run=Versioned(started, version), owner=owner, events=events)

    patch.setattr(tock.app.execute, "_claim", taken)


def cancelled_run_starts(patch: pytest.MonkeyPatch) -> None:
    """A run that was cancelled is started by its delivery all the same."""
    patch.setattr(tock.app.execute, "_is_current", lambda run, delivery: run.attempt == delivery.attempt)
    start = transition.start

    def whatever(run: Run, **given: Any) -> Run:
        return start(run.model_copy(update={"status": RunStatus.QUEUED}), **given)

    patch.setattr(transition, "start", whatever)


def _everywhere(patch: pytest.MonkeyPatch, substitute: Callable[..., Any]) -> None:
    for module in (tock.app.settle, tock.app.sweep, tock.app.cancel, tock.app.execute, tock.app.overlap):
        patch.setattr(module, "finish", substitute)
    patch.setattr(tock.app.edit_trigger, "finish", substitute)


def backlog_is_not_shared(patch: pytest.MonkeyPatch) -> None:
    """A tick takes the oldest first, whosever they are."""

    async def oldest_first(parts: Parts, *, until: datetime, shards: Any, size: int) -> AsyncGenerator[Any, None]:
        cursor = None
        while True:
            page = await parts.store.due_triggers(until=until, limit=size, shards=shards, cursor=cursor)
            yield page.triggers
            if (cursor := page.cursor) is None:
                return

    patch.setattr(tock.app.tick, "due_pages", oldest_first)


def backlog_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A tick takes one page and believes that it was all."""

    async def one_page(parts: Parts, *, until: datetime, shards: Any, size: int) -> AsyncGenerator[Any, None]:
        page = await parts.store.due_triggers(until=until, limit=size, shards=shards)
        yield page.triggers

    patch.setattr(tock.app.tick, "due_pages", one_page)


PLANTED: tuple[Plant, ...] = (
    claim_without_precondition,
    enqueue_before_commit,
    settle_without_fence,
    rescue_without_new_attempt,
    rescue_of_a_live_lease,
    sweep_forgets_the_held,
    sweep_forgets_the_queued,
    loser_does_not_look,
    edit_leaves_claimed_runs,
    edit_by_its_own_clock,
    edit_drops_the_past,
    pause_leaves_it_due,
    lock_is_never_released,
    launch_without_lock,
    keys_are_ignored,
    skip_follows_one_pointer,
    queue_without_depth,
    replace_does_not_wait,
    settlement_promotes_nobody,
    catch_up_from_now,
    misses_leave_no_record,
    misses_have_no_reason,
    runner_outlives_its_lease,
    retries_without_end,
    claim_of_an_attempt_without_compare,
    cancelled_run_starts,
    backlog_is_not_shared,
    backlog_is_forgotten,
)
