"""No project starves another: in a backlog each project gets a share of every round."""

from collections import Counter
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from app.backlog import PAGE, SECOND, claimed_occurrences, continued_tick, due_triggers, occurrences, slow_claims
from app.rig import Rig
from tock.app.tick.due_triggers import LEAST_SHARE, Due, due_pages
from tock.app.tick.tick import GROUP
from tock.core.timing import Timing
from tock.ports.store import DuePage, Versioned

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("small_pages")]


async def test_a_small_project_waits_for_one_page_and_one_round_at_most(rig: Rig) -> None:
    large = await due_triggers(rig, "large", 800)
    small = [await due_triggers(rig, f"small-{number}", 1, after=60 * SECOND) for number in range(3)]

    await rig.tick()

    order = [project for project, _, _ in await claimed_occurrences(rig, *await rig.projects())]
    assert len(order) == len(large) + len(small)
    for number in range(3):
        # The page and a quarter of the round, in groups that are claimed beside each other.
        assert order.index(f"small-{number}") < PAGE + PAGE


async def test_a_small_project_is_claimed_although_the_budget_ends_long_before_the_backlog(rig: Rig) -> None:
    await due_triggers(rig, "large", 600)
    await due_triggers(rig, "small", 1, after=60 * SECOND)
    process = rig.process(before_effect=slow_claims(rig, SECOND))
    # A page has 15 groups; the round after it, which begins with the small project, gets a second and more.
    timing = Timing(tick_budget=25 * SECOND)

    counters = await rig.tick(rig.services(process, timing=timing))

    assert counters.unfinished
    assert counters.due < 600
    assert len(await rig.runs("small")) == 1


async def test_who_was_not_in_the_first_page_comes_before_all_who_were(rig: Rig) -> None:
    for number in range(70):
        await due_triggers(rig, f"p{number:02d}", 8, apart=SECOND)
    await due_triggers(rig, "small", 1, after=60 * SECOND)
    process = rig.process(before_effect=slow_claims(rig, SECOND))

    counters = await rig.tick(rig.services(process, timing=Timing(tick_budget=25 * SECOND)))

    assert counters.unfinished
    assert len(await rig.runs("small")) == 1


async def test_no_project_is_always_the_last(rig: Rig) -> None:
    await due_triggers(rig, "large", PAGE)
    for number in range(8):
        await due_triggers(rig, f"p{number}", 1, after=60 * SECOND)
    last = set()

    for _ in range(8):
        until = rig.clock.present + rig.timing.look_ahead
        async with aclosing(due_pages(rig.services(), until=until, shards=None, size=PAGE)) as pages:
            await anext(pages)
            shared = [_project(trigger) for trigger in await anext(pages)]
        last.add([project for project in shared if project != "large"][-1])

    assert len(last) > 1


@pytest.mark.slow
async def test_projects_with_backlogs_are_served_alike(rig: Rig) -> None:
    await due_triggers(rig, "a", PAGE + 200)
    await due_triggers(rig, "b", 200, after=2 * SECOND)
    await due_triggers(rig, "c", 200, after=3 * SECOND)
    process = rig.process(before_effect=slow_claims(rig, SECOND))

    counters = await rig.tick(rig.services(process, timing=Timing(tick_budget=40 * SECOND)))

    assert counters.unfinished
    served = {name: len(await rig.runs(name)) for name in ("a", "b", "c")}
    # The first page is the oldest's alone; what comes after it is shared.
    after = {name: count - (PAGE if name == "a" else 0) for name, count in served.items()}
    assert min(after.values()) > 0
    assert max(after.values()) - min(after.values()) <= GROUP


@pytest.mark.slow
async def test_many_projects_are_claimed_to_the_last_and_each_trigger_is_read_once(rig: Rig) -> None:
    triggers = await due_triggers(rig, "large", 320)
    for number in range(70):
        triggers += await due_triggers(rig, f"p{number}", 7 if number % 2 else 0, after=60 * SECOND)
    process = rig.process()

    counters = await rig.tick(rig.services(process))

    assert (counters.due, counters.unfinished, counters.failed) == (len(triggers), False, 0)
    assert process.reads["due_triggers"] == len(triggers)
    assert Counter(await claimed_occurrences(rig, *await rig.projects())) == Counter(occurrences(triggers))


async def test_triggers_of_a_project_without_a_document_are_claimed_too(rig: Rig) -> None:
    triggers = await due_triggers(rig, "large", 320)
    triggers += await due_triggers(rig, "gone", 330, after=60 * SECOND, exists=False)

    counters = await rig.tick()

    assert (counters.due, counters.unfinished, counters.failed) == (len(triggers), False, 0)
    assert Counter(await claimed_occurrences(rig, "large", "gone")) == Counter(occurrences(triggers))


async def test_without_a_backlog_no_project_is_asked_for(rig: Rig) -> None:
    await due_triggers(rig, "a", PAGE // 2)
    await due_triggers(rig, "b", PAGE // 2 - 1)
    process = rig.process()

    counters = await rig.tick(rig.services(process))

    assert counters.due == PAGE - 1
    assert {name: count for name, count in process.reads.items() if name != "overdue_runs"} == {
        "due_count": 0,
        "due_triggers": PAGE - 1,
    }


@pytest.mark.slow
async def test_a_further_tick_shares_its_shard_too(rig: Rig) -> None:
    large = await due_triggers(rig, "large", 700, shard=5)
    small = await due_triggers(rig, "small", 1, shard=5, after=60 * SECOND)
    await due_triggers(rig, "other", 1, shard=4)

    counters = await continued_tick(rig, 5)

    claimed = await claimed_occurrences(rig, "large", "small", "other")
    assert counters.due == len(large) + len(small)
    assert Counter(claimed) == Counter(occurrences(large + small))
    assert [project for project, _, _ in claimed].index("small") < PAGE + PAGE


def _project(trigger: Due) -> str:
    assert isinstance(trigger, Versioned)
    return trigger.value.project


async def test_the_budget_ends_among_projects_that_have_nothing_due(rig: Rig) -> None:
    await due_triggers(rig, "large", PAGE)
    for number in range(70):
        await rig.create_project(f"idle-{number}")
    slow = _Slow(rig)

    counters = await rig.tick(replace(rig.services(), store=slow))

    assert counters.unfinished
    # The first part of the round: a share of the page each.
    assert slow.asked == PAGE // LEAST_SHARE


class _Slow:
    """A store that takes a second for what one project has due."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self.asked = 0

    async def due_triggers(self, *, project: str | None = None, **given: Any) -> DuePage:
        if project is not None:
            self.asked += 1
            self._rig.clock.move(self._rig.clock.present + SECOND)
        return await self._rig.store.due_triggers(project=project, **given)

    def __getattr__(self, method: str) -> Any:
        return getattr(self._rig.store, method)
