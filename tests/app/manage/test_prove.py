"""Proofs of stored records: after edits and deletions, with clocks that differ, and during edits."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from google.cloud.firestore import DELETE_FIELD

from app.clocks import SkewedClock
from app.rig import AUTHOR, Rig
from app.single_trigger import edit, stored
from tock.app.manage.proof.prove import prove_trigger
from tock.app.manage.triggers.delete_trigger import delete_trigger
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.app.services import Services
from tock.core.errors import NotFound, StoreUnavailable
from tock.core.proof.occurrence import OccurrenceStatus
from tock.core.proof.proof import Proof
from tock.core.run.status import RunStatus
from tock.ports.store import Create, Delete

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


async def proof(rig: Rig, *, services: Services | None = None, **interval: datetime) -> Proof:
    return await prove_trigger(services or rig.services(), project="p", trigger="t", **interval)


async def _minutes(rig: Rig, count: int) -> None:
    """Tick each minute and deliver what is due."""
    for _ in range(count):
        await rig.tick()
        for _ in range(6):
            await rig.advance(10 * SECOND)
            await rig.deliver()


async def test_everything_that_may_happen_to_a_trigger_is_accounted_for(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=90 * MINUTE, overlap="parallel")
    begun = rig.clock.present
    await _minutes(rig, 2)
    await edit(rig, name="Named")
    await edit(rig, schedule={"every": "15s"})
    await _minutes(rig, 2)
    await edit(rig, enabled=False)
    await _minutes(rig, 2)
    await edit(rig, enabled=True)
    await rig.advance(10 * MINUTE)
    await edit(rig, schedule={"every": "20s"})
    await _minutes(rig, 1)
    await delete_trigger(rig.services(), project="p", trigger="t", by=AUTHOR)
    deleted = await proof(rig)
    await _minutes(rig, 1)
    await rig.create_trigger("p", lasts=5 * MINUTE, schedule={"every": "30s"}, overlap="parallel")
    await rig.recover()

    whole = await proof(rig)

    assert (deleted.faults, whole.faults) == ((), ())
    assert (deleted.since <= begun, whole.since) == (True, deleted.since)
    assert deleted.occurrences == whole.occurrences[: len(deleted.occurrences)]
    # Late runs that waited for their turn are cancelled.
    assert deleted.counts.keys() - {OccurrenceStatus.CANCELLED} == {OccurrenceStatus.FIRED, OccurrenceStatus.MISSED}
    assert whole.counts[OccurrenceStatus.FIRED] == sum(run.status is RunStatus.SUCCEEDED for run in await rig.runs("p"))
    assert whole.counts[OccurrenceStatus.FIRED] >= 30
    assert whole.counts[OccurrenceStatus.MISSED] > 30


async def test_two_instances_whose_clocks_differ_may_edit_one_after_the_other(rig: Rig) -> None:
    await _edited_by_two_clocks(rig)

    assert (await proof(rig)).faults == ()


async def test_without_the_time_of_the_last_decision_the_second_would_run_a_fire_time_again(rig: Rig) -> None:
    await _edited_by_two_clocks(rig, stored={"decided_at": DELETE_FIELD})

    shown = await proof(rig)

    [twice] = [each.scheduled_for for each in await rig.runs("p") if each.id == shown.faults[0].run]
    assert [run.status for run in await rig.runs("p") if run.scheduled_for == twice].count(RunStatus.SUCCEEDED) == 2
    assert (shown.holds, len(shown.extra), shown.faults) == (False, 1, shown.extra)


async def _edited_by_two_clocks(rig: Rig, *, stored: dict[str, Any] | None = None) -> None:
    """Two edits, 1.5 s before a fire time and 1 s before it, the first by a clock that is 3 s ahead."""
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=MINUTE, overlap="parallel")
    first, *_ = await rig.runs("p")
    await rig.advance(first.due_at - rig.clock.present - 1.5 * SECOND)
    services = rig.services()
    ahead = replace(services, clock=SkewedClock(rig.clock, skew=3 * SECOND))
    await edit_trigger(ahead, project="p", trigger="t", changes={"input": {"message": "ahead"}}, by=AUTHOR)
    if stored is not None:
        await rig.firestore.document("projects", "p", "triggers", "t").update(stored)
    await rig.advance(0.5 * SECOND)
    await edit(rig, input={"message": "in time"})
    await rig.recover()


async def test_a_fire_time_at_the_instant_of_an_edit_is_proved_by_the_version_before(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=MINUTE, overlap="parallel")
    first, *_ = await rig.runs("p")
    await rig.advance(first.scheduled_for - rig.clock.present - timedelta(microseconds=1))
    edited = await edit(rig, input={"message": "new"})
    await rig.recover()

    shown = await proof(rig, since=first.scheduled_for)

    assert edited.updated.at == first.scheduled_for
    assert (shown.faults, shown.occurrences[0].run) == ((), first.id)


@pytest.mark.parametrize("change", ["edit", "delete", "create"])
async def test_a_proof_begins_again_when_the_trigger_changes_under_it(rig: Rig, change: str) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=20 * MINUTE, overlap="parallel")
    await _minutes(rig, 3)
    await rig.advance(3 * MINUTE)
    until = rig.clock.present
    if change == "create":
        await delete_trigger(rig.services(), project="p", trigger="t", by=AUTHOR)
    store = _Changed(rig, change)

    shown = await proof(rig, services=replace(rig.services(), store=store), until=until)

    assert store.changes == 1
    assert shown.faults == ()
    assert (shown.since, shown.occurrences) == ((again := await proof(rig, until=until)).since, again.occurrences)


async def test_a_proof_under_which_the_trigger_never_rests_gives_up(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=20 * MINUTE)

    with pytest.raises(StoreUnavailable, match="keeps changing"):
        await proof(rig, services=replace(rig.services(), store=_Changed(rig, "label", most=99)))


class _Changed:
    """A store in which the trigger is changed, so many times, right after its runs were listed."""

    def __init__(self, rig: Rig, change: str, *, most: int = 1) -> None:
        self._rig = rig
        self._change = change
        self._most = most
        self.changes = 0

    async def runs(self, *listing: Any, **given: Any) -> Any:
        page = await self._rig.store.runs(*listing, **given)
        if self.changes < self._most and not given["matching"].statuses:
            self.changes += 1
            match self._change:
                case "edit":
                    await edit(self._rig, schedule={"every": "30s"})
                case "label":
                    await edit(self._rig, name=f"Named {self.changes} times")
                case "delete":
                    await delete_trigger(self._rig.services(), project="p", trigger="t", by=AUTHOR)
                case "create":
                    await self._rig.create_trigger("p", lasts=20 * MINUTE)
        return page

    def __getattr__(self, method: str) -> Any:
        return getattr(self._rig.store, method)


async def test_a_record_that_is_taken_away_or_written_beside_is_found(rig: Rig) -> None:
    await rig.create_project("p")
    trigger = await rig.create_trigger("p", lasts=3 * MINUTE, overlap="parallel")
    await rig.recover()
    await _minutes(rig, 1)
    whole = await proof(rig)
    first, second, *_ = await rig.runs("p")

    await rig.store.commit([Delete(first), Create(second.model_copy(update={"id": "again"}))])
    shown = await proof(rig)

    assert whole.holds
    assert [each.fire_time for each in shown.lost] == [first.scheduled_for]
    assert [each.fire_time for each in shown.doubled] == [second.scheduled_for]
    assert (shown.extra, shown.unexplained) == ((), ())
    assert (await stored(rig)).id == trigger.id


async def test_ranges_that_reach_into_the_interval_are_read_however_many_began_before(rig: Rig) -> None:
    await rig.create_project("p")
    begun = rig.clock.present
    await rig.create_trigger("p", lasts=120 * MINUTE, overlap="parallel", catch_up={"mode": "none"})
    for _ in range(25):
        await rig.advance(4 * MINUTE)
        await rig.tick()

    proofs = [await proof(rig, since=begun + at * MINUTE, until=begun + (at + 5) * MINUTE) for at in range(0, 95, 7)]

    assert [shown.faults for shown in proofs] == [()] * len(proofs)
    assert {len(shown.occurrences) for shown in proofs} == {30}
    assert all(shown.counts[OccurrenceStatus.MISSED] for shown in proofs)


async def test_a_range_is_counted_by_the_version_in_force_where_it_begins_whatever_was_renamed_since(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=120 * MINUTE, overlap="parallel", catch_up={"mode": "none"})
    await _minutes(rig, 2)
    await rig.advance(30 * MINUTE)
    await edit(rig, name="Renamed before the next tick")
    await rig.advance(30 * MINUTE)
    await rig.tick()

    shown = await proof(rig, since=rig.clock.present - 10 * MINUTE)

    assert (shown.faults, OccurrenceStatus.MISSED in shown.counts) == ((), True)


async def test_a_revision_that_cannot_be_read_is_all_that_a_proof_can_say(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=3 * MINUTE)
    await edit(rig, schedule={"every": "30s"})
    revisions = await rig.firestore.collection("projects", "p", "triggers", "t", "revisions").get()
    await revisions[-1].reference.update({"spec": "no JSON"})

    shown = await proof(rig)

    assert (shown.holds, shown.occurrences, shown.faults) == (False, (), shown.unreadable)
    [finding] = shown.unreadable
    assert (finding.fire_time, finding.run) == (None, None)
    assert finding.problem == "the revision '2' cannot be read: spec: holds no JSON text"


async def test_a_record_that_cannot_be_read_is_a_fault_and_the_others_are_proved(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=35 * SECOND, overlap="parallel")
    first, second, third = await rig.runs("p")
    await rig.recover()
    await rig.firestore.document("projects", "p", "runs", second.id).update({"result": "[" * 90 + "]" * 90})

    shown = await proof(rig)

    assert [(each.status, each.run) for each in shown.occurrences] == [
        (OccurrenceStatus.FIRED, first.id),
        (OccurrenceStatus.UNREADABLE, second.id),
        (OccurrenceStatus.FIRED, third.id),
    ]
    assert (shown.holds, shown.faults) == (False, shown.unreadable)
    [finding] = shown.unreadable
    assert (finding.fire_time, finding.run) == (second.scheduled_for, second.id)
    assert "64 levels" in finding.problem


async def test_a_missed_range_that_cannot_be_read_is_a_fault_where_it_may_reach_into_the_interval(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=300 * MINUTE, overlap="parallel", catch_up={"mode": "none"})
    await rig.advance(30 * MINUTE)
    await rig.tick()
    [missed] = [run for run in await rig.runs("p") if run.missed is not None and run.missed.count > 1]
    assert missed.missed is not None
    await rig.firestore.document("projects", "p", "runs", missed.id).update({"missed.count": "many"})

    within = await proof(rig, since=missed.missed.first + 5 * MINUTE)
    await rig.advance(30 * MINUTE)
    await rig.tick()
    await rig.advance(MINUTE)
    after = await proof(rig, since=rig.clock.present - 30 * SECOND)

    assert [finding.run for finding in within.unreadable] == [missed.id]
    assert after.unreadable == ()


async def test_a_trigger_that_cannot_be_read_is_a_fault_and_its_records_are_proved(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=60 * MINUTE, overlap="parallel")
    await _minutes(rig, 2)
    await rig.firestore.document("projects", "p", "triggers", "t").update({"overlap": "sometimes"})
    await _minutes(rig, 3)

    shown = await proof(rig)

    assert shown.counts.keys() == {OccurrenceStatus.FIRED, OccurrenceStatus.DUE}
    assert shown.counts[OccurrenceStatus.DUE] > 5
    [finding] = shown.faults
    assert finding.problem.startswith("the trigger 't' cannot be read: overlap")


async def test_a_trigger_that_never_was_cannot_be_proved(rig: Rig) -> None:
    await rig.create_project("p")

    with pytest.raises(NotFound):
        await proof(rig)
