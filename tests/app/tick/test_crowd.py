"""A crowd: more triggers come due within ten minutes than one tick had better claim. Its shards share the work."""

import json
from collections import Counter
from datetime import timedelta

import pytest

from app.backlog import (
    SECOND,
    claimed_occurrences,
    deliver_continuations,
    due_triggers,
    occurrences,
    slow_claims,
    ticks_queue,
    waiting_continuations,
)
from app.rig import Rig
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.app.services import Services
from tock.app.tick.tick import tick
from tock.core.run.status import RunStatus
from tock.core.timing import Timing

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)
CROWD = 40


def _services(rig: Rig) -> Services:
    return rig.services(timing=Timing(crowd=CROWD))


async def test_a_tick_hands_a_crowd_over_and_claims_none_of_it(rig: Rig) -> None:
    triggers = await due_triggers(rig, "p", CROWD + 1, after=5 * MINUTE)
    process = rig.process()

    counters = await rig.tick(rig.services(process, timing=Timing(crowd=CROWD)))

    assert (counters.due, counters.claimed, counters.failed, counters.unfinished) == (0, 0, 0, False)
    assert process.effects == ["continue_tick"] * rig.timing.shards + ["record_tick"]
    bodies = [json.loads(task.http_request.body) for task in await waiting_continuations(rig)]
    assert sorted(body["shards"] for body in bodies) == [[shard] for shard in range(rig.timing.shards)]
    ticks = await deliver_continuations(rig, services=lambda: _services(rig))
    assert Counter(await claimed_occurrences(rig, "p")) == Counter(occurrences(triggers))
    assert sum(counters.enqueued for counters in ticks) == len(triggers)


async def test_what_is_no_crowd_is_claimed_by_the_tick_and_90_seconds_ahead(rig: Rig) -> None:
    soon = await due_triggers(rig, "soon", CROWD - 5)
    await due_triggers(rig, "later", 5, after=5 * MINUTE)

    counters = await rig.tick(_services(rig))

    assert (counters.due, counters.claimed, counters.unfinished) == (CROWD - 5, CROWD - 5, False)
    assert await waiting_continuations(rig) == []
    assert Counter(await claimed_occurrences(rig, "soon", "later")) == Counter(occurrences(soon))


async def test_a_crowd_is_claimed_ten_minutes_before_it_is_due(rig: Rig) -> None:
    triggers = await due_triggers(rig, "p", CROWD + 1, after=10 * MINUTE)
    beyond = await due_triggers(rig, "q", 3, after=10 * MINUTE + SECOND)

    await rig.tick(_services(rig))
    await deliver_continuations(rig, services=lambda: _services(rig))

    assert Counter(await claimed_occurrences(rig, "p", "q")) == Counter(occurrences(triggers))
    assert {task.schedule_time for task in await rig.waiting()} == {triggers[0].next_run_at}
    assert [await rig.store.trigger("q", trigger.id) is not None for trigger in beyond] == [True] * 3


async def test_nobody_looks_less_far_ahead_than_the_configured_look_ahead(rig: Rig) -> None:
    triggers = await due_triggers(rig, "p", 1, after=15 * MINUTE)
    others = await due_triggers(rig, "q", 1, after=15 * MINUTE, shard=(triggers[0].shard + 1) % rig.timing.shards)
    far = rig.services(timing=Timing(look_ahead=20 * MINUTE))

    continued = await tick(far, shards=(triggers[0].shard,))
    counters = await rig.tick(far)

    assert (continued.claimed, counters.claimed) == (1, 1)
    assert Counter(await claimed_occurrences(rig, "p", "q")) == Counter(occurrences([*triggers, *others]))


async def test_a_tick_hands_a_late_crowd_over_once_and_before_it_claims_any_of_it(rig: Rig) -> None:
    await due_triggers(rig, "p", 400)
    process = rig.process(before_effect=slow_claims(rig, 36 * SECOND, times=1))

    counters = await rig.tick(rig.services(process, timing=Timing(crowd=CROWD)))

    assert counters.unfinished
    assert process.effects[: rig.timing.shards] == ["continue_tick"] * rig.timing.shards
    assert "continue_tick" not in process.effects[rig.timing.shards :]


async def test_a_crowd_whose_continuations_are_never_delivered_is_claimed_by_the_ticks_before_it_is_due(
    rig: Rig,
) -> None:
    triggers = await due_triggers(rig, "p", CROWD + 1, after=5 * MINUTE)

    for _ in range(4):
        await rig.tick(_services(rig))
        await rig.advance(MINUTE)
    counters = await rig.tick(_services(rig))

    assert rig.clock.now() < triggers[0].next_run_at
    assert Counter(await claimed_occurrences(rig, "p")) == Counter(occurrences(triggers))
    assert (counters.lag, counters.unfinished) == (0.0, False)


async def test_a_queue_that_accepts_no_continuation_is_counted_and_holds_nothing_back(rig: Rig) -> None:
    triggers = await due_triggers(rig, "p", CROWD + 1)
    await rig.tasks.delete_queue(name=ticks_queue(rig))

    counters = await rig.tick(_services(rig))

    assert (counters.claimed, counters.failed, counters.refused) == (len(triggers), *[rig.timing.shards] * 2)
    assert Counter(await claimed_occurrences(rig, "p")) == Counter(occurrences(triggers))


async def test_an_edit_cancels_what_was_claimed_early(rig: Rig) -> None:
    triggers = await due_triggers(rig, "p", CROWD + 1, after=9 * MINUTE)
    await rig.tick(_services(rig))
    await deliver_continuations(rig, services=lambda: _services(rig))
    changes = {"enabled": False}

    await edit_trigger(rig.services(), project="p", trigger=triggers[0].id, changes=changes, by="somebody")

    [run] = [run for run in await rig.runs("p") if run.trigger == triggers[0].id]
    assert run.status is RunStatus.CANCELLED


async def test_a_tick_that_hands_a_crowd_over_says_how_late_it_is(rig: Rig) -> None:
    await due_triggers(rig, "p", CROWD + 1)
    await rig.advance(3 * MINUTE)

    counters = await rig.tick(_services(rig))

    assert round(counters.lag) == (3 * MINUTE - SECOND).total_seconds()
