"""Wrong ways to claim what is due."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

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
from model.store import ModelStore
from tock.app.enqueue import enqueue
from tock.app.services import Services
from tock.core.run.run import Run
from tock.core.schedule.schedule import next_fire_time
from tock.core.trigger.claim import Claim, claim
from tock.core.trigger.plan import Plan, plan
from tock.core.trigger.trigger import Trigger
from tock.ports.store import Change, Create, Versioned, Write


def claim_without_precondition(patch: pytest.MonkeyPatch) -> None:
    """A tick claims a trigger although somebody has written to it since the tick read it."""
    commit = ModelStore.commit

    async def unconditional(store: ModelStore, writes: Sequence[Write]) -> Any:
        claimed = any(isinstance(write, Create) and _by_a_tick(write.value) for write in writes)
        return await commit(store, [await _as_it_is(store, write) if claimed else write for write in writes])

    patch.setattr(ModelStore, "commit", unconditional)


def _by_a_tick(value: object) -> bool:
    return isinstance(value, Run) and (value.claimed_by or "").startswith("tick-")


async def _as_it_is(store: ModelStore, write: Write) -> Write:
    if not isinstance(write, Change) or not isinstance(write.before.value, Trigger):
        return write
    found = await store.trigger(write.before.value.project, write.before.value.id)
    return write if found is None else replace(write, before=replace(write.before, version=found.version))


def enqueue_before_commit(patch: pytest.MonkeyPatch) -> None:
    """Tasks are created before their runs are committed."""
    commit = tock.app.tick.claim_triggers._commit

    async def hasty(services: Services, claims: Sequence[tuple[Versioned[Trigger], Claim]], **given: Any) -> Any:
        for _, made in claims:
            await enqueue(services, made.queued)
        return await commit(services, claims, **given)

    patch.setattr(tock.app.tick.claim_triggers, "_commit", hasty)


def loser_does_not_look(patch: pytest.MonkeyPatch) -> None:
    """A tick whose Commit conflicts does not check whether the winner was an earlier try of its own."""

    async def nothing(_services: Services, _before: Versioned[Trigger], _made: Claim, **_given: Any) -> list[Claim]:
        return []

    patch.setattr(tock.app.tick.claim_triggers, "_look", nothing)


def catch_up_from_now(patch: pytest.MonkeyPatch) -> None:
    """After an outage the schedule continues from now; fire times before that get no record."""

    def forgetful(trigger: Trigger, *, now: datetime, look_ahead: timedelta) -> Plan:
        if trigger.next_run_at is not None and trigger.next_run_at <= now:
            following = next_fire_time(trigger.schedule, after=now)
            trigger = trigger.model_copy(update={"next_run_at": following})
        return plan(trigger, now=now, look_ahead=look_ahead)

    patch.setattr(tock.app.tick.claim_triggers, "plan", forgetful)


def misses_leave_no_record(patch: pytest.MonkeyPatch) -> None:
    """Missed fire times get no record."""

    def silent(trigger: Trigger, decided: Plan, **given: Any) -> Claim:
        return claim(trigger, replace(decided, missed=None), **given)

    patch.setattr(tock.app.tick.claim_triggers, "claim", silent)


def misses_have_no_reason(patch: pytest.MonkeyPatch) -> None:
    """Records of missed fire times have no reason."""

    def terse(trigger: Trigger, decided: Plan, **given: Any) -> Claim:
        made = claim(trigger, decided, **given)
        runs = tuple(run.model_copy(update={"reason": None}) if run.missed else run for run in made.runs)
        return replace(made, runs=runs)

    patch.setattr(tock.app.tick.claim_triggers, "claim", terse)


def backlog_is_not_shared(patch: pytest.MonkeyPatch) -> None:
    """A tick claims the oldest triggers first, even if all of them belong to one project."""

    async def oldest_first(services: Services, *, until: datetime, shards: Any, size: int) -> AsyncGenerator[Any, None]:
        cursor = None
        while True:
            page = await services.store.due_triggers(until=until, limit=size, shards=shards, cursor=cursor)
            yield page.triggers
            if (cursor := page.cursor) is None:
                return

    patch.setattr(tock.app.tick.tick, "due_pages", oldest_first)


def tick_claims_one_page(patch: pytest.MonkeyPatch) -> None:
    """A tick claims one page of due triggers and stops."""

    async def one_page(services: Services, *, until: datetime, shards: Any, size: int) -> AsyncGenerator[Any, None]:
        page = await services.store.due_triggers(until=until, limit=size, shards=shards)
        yield page.triggers

    patch.setattr(tock.app.tick.tick, "due_pages", one_page)


def crowd_is_left_to_its_continuations(patch: pytest.MonkeyPatch) -> None:
    """A tick that hands a crowd over claims none of it, also when the queue delivers no continuation."""
    claim_due = tock.app.tick.tick._claim_due

    async def no_crowd(services: Services, *, shards: Sequence[int] | None = None, **given: Any) -> Any:
        until = services.clock.now() + services.timing.crowd_look_ahead
        coming = await services.store.due_count(until=until, most=services.timing.crowd + 1)
        if shards is None and coming > services.timing.crowd:
            return tock.app.tick.tick._Claimed(lag=0.0, unfinished=True)
        return await claim_due(services, shards=shards, **given)

    patch.setattr(tock.app.tick.tick, "_claim_due", no_crowd)
