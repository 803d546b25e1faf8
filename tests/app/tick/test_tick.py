"""Ticks on real parts: each occurrence is claimed once, whatever happens at the same time."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from app.checks import checked_runs
from app.faults import Fault, Kind
from app.random_source import SeededRandomSource
from app.rig import AGENT, AUTHOR, Rig
from tock.app.services import Services
from tock.app.tick.tick import GROUP
from tock.core.errors import StoreUnavailable
from tock.core.health.scheduler_state import TickCounters
from tock.core.ids.derived import shard_of
from tock.core.run.status import RunStatus
from tock.core.time.stamp import Stamp
from tock.core.trigger.claim import claim
from tock.core.trigger.plan import first_fire_time, plan
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import PauseReason, Trigger, TriggerSpec
from tock.ports.store import Create

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


async def due_triggers(rig: Rig, *, projects: int, each: int) -> list[Trigger]:
    """Triggers as they are stored, due within the look-ahead and not claimed yet."""
    stamp = Stamp(at=rig.clock.now(), by=AUTHOR)
    made = []
    for project in range(projects):
        await rig.create_project(f"p{project}")
        for number in range(each):
            schedule = {"every": "1m", "anchor": rig.clock.present + (30 + number % 20) * SECOND}
            spec = TriggerSpec.model_validate(
                {"agent": AGENT, "schedule": schedule, "end": rig.clock.present + 110 * SECOND, "overlap": "parallel"}
            )
            identity = {"project": f"p{project}", "id": f"t{number}", "created": stamp, "updated": stamp}
            shard = shard_of(f"p{project}/t{number}", shards=rig.timing.shards)
            trigger = Trigger(**dict(spec), **identity, shard=shard)
            following = first_fire_time(trigger, after=rig.clock.present)
            made.append(trigger.model_copy(update={"next_run_at": following}))
    documents = [each for trigger in made for each in (trigger, Revision.of(trigger, valid_from=stamp.at))]
    for first in range(0, len(documents), 250):
        await rig.store.commit([Create(document) for document in documents[first : first + 250]])
    return made


@pytest.mark.slow
async def test_eight_ticks_at_once_claim_each_of_five_hundred_triggers_once(rig: Rig) -> None:
    triggers = await due_triggers(rig, projects=5, each=100)
    expected = sum(len(plan(each, now=rig.clock.present, look_ahead=rig.timing.look_ahead).fires) for each in triggers)
    horizon = rig.clock.present + rig.timing.look_ahead
    tickers = [rig.services() for _ in range(8)]

    ticks = await asyncio.gather(*(rig.attempt(rig.tick(services)) for services in tickers))

    # A tick that Firestore does not answer leaves its rest to the next one. What it claimed counts all the same.
    while not (isinstance(ticks[-1], TickCounters) and ticks[-1].due == 0):
        tickers.append(rig.services())
        ticks.append(await rig.attempt(rig.tick(tickers[-1])))
        assert len(ticks) < 20, ticks
    assert all(isinstance(ended, TickCounters | StoreUnavailable) for ended in ticks), ticks
    runs = await rig.runs()
    assert Counter((run.project, run.trigger, run.scheduled_for) for run in runs).most_common(1)[0][1] == 1
    claimed = Counter(run.claimed_by for run in runs)
    assert sum(claimed[claimant(services)] for services in tickers) == len(runs) == expected
    for services, ended in zip(tickers, ticks, strict=True):
        if isinstance(ended, TickCounters):
            counts_what_it_did(ended, claimed=claimed[claimant(services)])
    enqueued = sum(ended.enqueued for ended in ticks if isinstance(ended, TickCounters))
    assert enqueued <= len(await rig.waiting()) <= expected
    assert all(each.next_run_at is None or each.next_run_at > horizon for each in await rig.triggers())


def claimant(services: Services) -> str:
    """The name under which the tick of this process claims: what it stored, whether it was answered or not."""
    assert isinstance(services.random, SeededRandomSource)
    return f"tick-{services.random.tokens[0]}"


def counts_what_it_did(counters: TickCounters, *, claimed: int) -> None:
    """A tick counts the runs that it stored, unless it could not learn whether a Commit of its own was applied."""
    unanswered = counters.failed - counters.refused
    assert counters.claimed == claimed or (unanswered and counters.claimed < claimed), counters
    assert counters.enqueued == counters.claimed - counters.refused, counters


async def test_what_eight_ticks_claimed_at_once_runs_once(rig: Rig) -> None:
    triggers = await due_triggers(rig, projects=2, each=12)

    await asyncio.gather(*(rig.attempt(rig.tick()) for _ in range(8)))
    await rig.recover()

    for trigger in triggers:
        runs = await checked_runs(rig, trigger)
        assert {run.status for run in runs} == {RunStatus.SUCCEEDED}
    assert set(rig.executor.starts.values()) == {1}


async def test_a_claim_that_conflicts_leaves_the_rest_of_its_group_claimed(rig: Rig) -> None:
    triggers = await due_triggers(rig, projects=1, each=GROUP)
    other = triggers[7]
    found = await rig.store.trigger(other.project, other.id)
    assert found is not None
    taken = claim(
        other,
        plan(other, now=rig.clock.present, look_ahead=rig.timing.look_ahead),
        now=rig.clock.present,
        claimed_by="another tick",
        timing=rig.timing,
    )
    await rig.store.commit([Create(taken.runs[0])])

    counters = await rig.tick()

    assert (counters.due, counters.skipped, counters.failed) == (GROUP, 1, 0)
    claimed = {run.trigger for run in await rig.runs() if run.claimed_by != "another tick"}
    assert claimed == {each.id for each in triggers} - {other.id}


async def test_an_unreadable_trigger_is_disabled_with_the_reason_and_stops_no_other(rig: Rig) -> None:
    triggers = await due_triggers(rig, projects=1, each=51)
    document = rig.firestore.document("projects", "p0", "triggers", "t13")
    await document.update({"schedule": {"cron": "not a schedule"}, "overlap": 7})

    counters = await rig.tick()

    assert (counters.disabled, counters.failed) == (1, 0)
    assert {run.trigger for run in await rig.runs()} == {each.id for each in triggers} - {"t13"}
    stored = (await document.get()).to_dict()
    assert stored is not None
    assert (stored["enabled"], stored.get("next_run_at"), stored["paused"]["reason"]) == (
        False,
        None,
        PauseReason.INVALID,
    )
    assert "schedule" in stored["paused"]["note"]
    again = await rig.tick()
    assert (again.due, again.disabled) == (0, 0)


async def test_an_unreadable_run_stops_no_other_repair(rig: Rig) -> None:
    await rig.create_project("p")
    first = await rig.create_trigger("p", "first", lasts=15 * SECOND, overlap="parallel")
    second = await rig.create_trigger("p", "second", lasts=15 * SECOND, overlap="parallel")
    for task in await rig.waiting():
        await rig.tasks.delete_task(name=task.name)
    unreadable = next(run for run in await rig.runs() if run.trigger == first.id)
    await rig.firestore.document("projects", "p", "runs", unreadable.id).update({"attempt": "many"})

    await rig.advance(MINUTE)
    counters = await rig.tick()
    await rig.deliver()

    assert (counters.rescued, counters.failed) == (2, 0)
    assert [run.status for run in await rig.runs() if run.trigger == second.id] == [RunStatus.SUCCEEDED]


async def test_a_group_too_large_for_one_commit_is_claimed_all_the_same(rig: Rig) -> None:
    await rig.create_project("p")
    payload = {"text": "x" * 60_000}
    later = rig.clock.present + 2 * MINUTE
    made = [
        await rig.create_trigger("p", f"t{number}", lasts=5 * MINUTE, start=later, input={"payload": payload})
        for number in range(10)
    ]
    await rig.advance(2 * MINUTE - SECOND)

    counters = await rig.tick()

    assert counters.failed == 0
    assert {run.trigger for run in await rig.runs()} == {each.id for each in made}


@pytest.mark.parametrize(
    ("catch_up", "ran", "missed"),
    [
        pytest.param({"mode": "latest"}, 1, 59, id="latest"),
        pytest.param({"mode": "latest", "window": "1m"}, 1, 59, id="latest, within its window"),
        pytest.param({"mode": "all"}, 60, 0, id="all"),
        pytest.param({"mode": "all", "window": "20m"}, 20, 40, id="all, within its window"),
        pytest.param({"mode": "none"}, 0, 60, id="none"),
    ],
)
@pytest.mark.slow
async def test_an_outage_is_caught_up_by_the_policy(rig: Rig, catch_up: dict[str, str], ran: int, missed: int) -> None:
    await rig.create_project("p")
    start = rig.clock.present.replace(second=0, microsecond=0) + 3 * MINUTE
    # An end a little behind the outage; the last occurrence is a minute and a half late, which `none` drops.
    trigger = await rig.create_trigger(
        "p",
        lasts=63 * MINUTE - 4 * SECOND,
        schedule={"every": "1m"},
        start=start,
        overlap="parallel",
        catch_up={"window": "2h"} | catch_up,
    )
    outage_ends = start + 59 * MINUTE + (30 if catch_up.get("window") else 90) * SECOND
    await rig.advance(outage_ends - rig.clock.present)

    await rig.recover()

    runs = await checked_runs(rig, trigger)
    by_status = Counter(run.status for run in runs)
    assert by_status[RunStatus.SUCCEEDED] == ran
    assert sum(run.missed.count for run in runs if run.missed is not None) == missed
    assert all(run.reason for run in runs if run.missed is not None)


async def test_a_tick_that_conflicts_with_itself_knows_its_own_claim(rig: Rig) -> None:
    triggers = await due_triggers(rig, projects=1, each=3)

    counters = await rig.tick(rig.services(rig.process(Fault(1, Kind.REPEATED))))

    runs = await rig.runs()
    assert {run.trigger for run in runs} == {trigger.id for trigger in triggers}
    assert (counters.claimed, counters.enqueued, counters.skipped) == (len(runs), len(runs), 0)
    assert len(await rig.waiting()) == len(runs)


async def test_no_task_is_in_the_queue_before_its_run_is_stored(rig: Rig) -> None:
    await due_triggers(rig, projects=1, each=3)
    waiting: list[int] = []

    async def before_effect(text: str) -> None:
        if text.startswith("commit"):
            waiting.append(len(await rig.waiting()))

    counters = await rig.tick(rig.services(rig.process(before_effect=before_effect)))

    assert counters.enqueued > 0
    assert waiting == [0]


async def test_a_doubled_tick_in_the_same_second_does_nothing_more(rig: Rig) -> None:
    await due_triggers(rig, projects=1, each=3)
    first = await rig.tick()

    second = await rig.tick()

    assert first.claimed > 0
    assert (second.due, second.claimed, second.enqueued) == (0, 0, 0)
