"""What lacks what it needs, and what nothing needs, is found with its reason."""

from datetime import timedelta

import pytest

from app.rig import AGENT, Rig
from app.single_trigger import one_due_run
from ports.documents import an_api_key
from tock.app.manage.overview.orphans import find_orphans
from tock.app.tick.stuck_runs import find_stuck
from tock.core.health.orphan import Orphan, OrphanKind, OrphanReason
from tock.core.time.instant import instant_text
from tock.core.time.stamp import Stamp
from tock.ports.store import Change, Create

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)


async def _orphans(rig: Rig, project: str = "p") -> list[Orphan]:
    active = (await find_stuck(rig.services(), project=project)).runs
    return list(await find_orphans(rig.services(), project=project, active=active))


async def _mark(rig: Rig, *, at: timedelta) -> str:
    """Mark the project as being deleted since `at` ago, and return when that was."""
    found = await rig.store.project("p")
    assert found is not None
    since = rig.clock.present - at
    mark = {"deleting": Stamp(at=since, by="ada")}
    await rig.store.commit([Change(before=found, after=found.value.model_copy(update=mark))])
    return instant_text(since)


async def test_what_has_what_it_needs_is_none(rig: Rig) -> None:
    await one_due_run(rig)
    await rig.store.commit([Create(an_api_key("k", project="p"))])
    await rig.advance(MINUTE)

    assert await _orphans(rig) == []


async def test_a_trigger_and_a_run_whose_agent_is_gone(rig: Rig) -> None:
    run = await one_due_run(rig)
    await rig.firestore.document("projects", "p", "agents", AGENT).delete()

    found = await _orphans(rig)

    problem = "needs the agent worker, which does not exist"
    assert found == [
        Orphan(OrphanKind.TRIGGER, "t", OrphanReason.AGENT_MISSING, problem),
        Orphan(OrphanKind.RUN, run.id, OrphanReason.AGENT_MISSING, problem),
    ]


async def test_an_agent_that_cannot_be_read_is_there(rig: Rig) -> None:
    await one_due_run(rig)
    await rig.firestore.document("projects", "p", "agents", AGENT).update({"kind": 7})

    assert await _orphans(rig) == []


async def test_a_queued_run_whose_tasks_nobody_takes(rig: Rig) -> None:
    run = await one_due_run(rig)
    for _ in range(4):
        await rig.advance(MINUTE)
        await rig.tick()

    [found] = await _orphans(rig)

    sent = (await rig.run(run)).dispatch
    assert sent > 1
    assert (found.kind, found.id, found.reason) == ("run", run.id, "undelivered")
    assert found.problem == (
        f"is due since {instant_text(run.due_at)}; {sent} tasks were sent for attempt 1, and none was delivered"
    )


async def test_a_project_whose_deletion_has_not_ended(rig: Rig) -> None:
    await rig.create_project("p")
    await _mark(rig, at=MINUTE)
    under_way = await _orphans(rig)
    since = await _mark(rig, at=3 * MINUTE)

    [found] = await _orphans(rig)

    assert under_way == []
    assert (found.kind, found.id, found.reason) == ("project", "p", "deletion_unfinished")
    assert found.problem == f"is being deleted since {since}, by ada: nothing can be created in it"


async def test_what_is_left_of_a_project_that_does_not_exist(rig: Rig) -> None:
    await one_due_run(rig)
    await rig.store.commit([Create(an_api_key("k", project="p"))])
    await rig.firestore.document("projects", "p").delete()

    found = await _orphans(rig)

    assert [(each.kind, each.id) for each in found] == [("trigger", "t"), ("agent", AGENT), ("api_key", "k")]
    assert {(each.reason, each.problem) for each in found} == {
        ("project_missing", "belongs to the project p, which does not exist")
    }
    assert await _orphans(rig, "never-was") == []
