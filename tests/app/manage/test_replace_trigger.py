"""A trigger whose stored document cannot be read: replaced or deleted, with every occurrence accounted for."""

from datetime import timedelta
from typing import Any

import pytest

from app.checks import nothing_is_stuck
from app.rig import AGENT, AUTHOR, Rig
from app.scripted_executor import Behaviour
from app.single_trigger import edit, stored
from tock.app.manage.proof.prove import prove_trigger
from tock.app.manage.triggers.create_trigger import create_trigger
from tock.app.manage.triggers.replace_trigger import remove_trigger, replace_trigger
from tock.core.errors import DocumentUnreadable, NotFound, RevisionMismatch
from tock.core.proof.occurrence import OccurrenceStatus
from tock.core.proof.proof import Proof
from tock.core.run.status import RunStatus
from tock.core.trigger.trigger import PauseReason, Trigger, TriggerSpec

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


async def damage(rig: Rig, **fields: Any) -> None:
    await rig.firestore.document("projects", "p", "triggers", "t").update(fields or {"overlap": "sometimes"})


async def damage_newest_revision(rig: Rig) -> None:
    revisions = await rig.firestore.collection("projects", "p", "triggers", "t", "revisions").get()
    await revisions[-1].reference.update({"spec": "no JSON"})


def spec(rig: Rig, *, lasts: timedelta, **fields: Any) -> TriggerSpec:
    given = {"agent": AGENT, "schedule": {"every": "10s"}, "end": rig.clock.present + lasts, "overlap": "parallel"}
    return TriggerSpec.model_validate(given | fields)


async def replace(rig: Rig, *, lasts: timedelta = MINUTE, revision: int | str | None = None, **fields: Any) -> Trigger:
    return await replace_trigger(
        rig.services(), project="p", trigger="t", spec=spec(rig, lasts=lasts, **fields), by="ada", revision=revision
    )


async def proof(rig: Rig) -> Proof:
    return await prove_trigger(rig.services(), project="p", trigger="t", since=None)


async def minutes(rig: Rig, count: int) -> None:
    for _ in range(count):
        await rig.tick()
        for _ in range(6):
            await rig.advance(10 * SECOND)
            await rig.deliver()


async def test_a_trigger_that_was_disabled_for_what_is_stored_is_mended_and_nothing_is_lost(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=120 * MINUTE, overlap="parallel")
    await minutes(rig, 2)
    await damage(rig)
    await minutes(rig, 5)
    broken = await proof(rig)

    mended = await replace(rig, lasts=3 * MINUTE, schedule={"every": "20s"})
    await rig.recover()

    assert (mended.revision, mended.generation, mended.paused, mended.enabled) == (2, 2, None, True)
    assert (mended.created, mended.updated.by) == ((await stored(rig)).created, "ada")
    whole = await proof(rig)
    assert whole.faults == ()
    assert whole.counts.keys() == {OccurrenceStatus.FIRED, OccurrenceStatus.MISSED}
    # What tick and claim had ahead ran; the rest up to the mending is missed but for its newest, which catch-up ran.
    assert broken.counts[OccurrenceStatus.DUE] == whole.counts[OccurrenceStatus.MISSED] + 1 >= 20
    assert [finding.problem for finding in broken.faults if "overlap" in finding.problem]
    await nothing_is_stuck(rig, project="p")


async def test_what_was_claimed_ahead_of_the_damage_runs_once_by_the_new_version(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=5 * MINUTE, overlap="parallel")
    before = await rig.runs("p")
    await damage(rig)
    await rig.advance(5 * SECOND)

    mended = await replace(rig, lasts=2 * MINUTE)
    await rig.recover()

    cancelled = [run for run in await rig.runs("p") if run.status is RunStatus.CANCELLED]
    assert {run.id for run in cancelled} <= {run.id for run in before}
    assert {run.reason for run in cancelled} == {"the trigger was edited"}
    fired = [run.scheduled_for for run in await rig.runs("p") if run.status is RunStatus.SUCCEEDED]
    assert len(fired) == len(set(fired)) == 12
    assert (await proof(rig)).faults == ()
    assert mended.revision == 2


async def test_the_mended_trigger_goes_on_behind_the_run_that_works(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(works=10 * MINUTE)
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=15 * SECOND, overlap="skip", timeout="20m")
    [first] = await rig.runs("p")
    await rig.advance(first.due_at - rig.clock.present + SECOND)
    await rig.deliver()
    await damage(rig)

    mended = await replace(rig, lasts=25 * SECOND, overlap="skip")
    for _ in range(3):
        await rig.advance(10 * SECOND)
        await rig.deliver()

    assert mended.last_run is not None
    later = [run for run in await rig.runs("p") if run.id != first.id]
    assert {(run.status, run.blocked_by) for run in later} == {(RunStatus.SKIPPED, first.id)}
    assert len(later) == 2


async def test_a_replacement_by_the_same_fields_mends_too(rig: Rig) -> None:
    await rig.create_project("p")
    wanted = spec(rig, lasts=5 * MINUTE)
    made = await create_trigger(rig.services(), project="p", identifier="t", spec=wanted, by=AUTHOR)
    await damage(rig)

    mended = await replace_trigger(rig.services(), project="p", trigger="t", spec=wanted, by="ada")

    assert mended == await stored(rig)
    assert (mended.revision, mended.created) == (2, made.created)
    assert all(getattr(mended, field) == getattr(wanted, field) for field in TriggerSpec.model_fields)
    await rig.recover()
    assert (await proof(rig)).faults == ()


async def test_a_disabled_trigger_is_mended_as_a_disabled_one(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=5 * MINUTE, enabled=False)
    await damage(rig)

    mended = await replace(rig, lasts=5 * MINUTE, enabled=False)

    assert (mended.enabled, mended.next_run_at) == (False, None)
    assert mended.paused is not None
    assert mended.paused.reason is PauseReason.DISABLED
    assert await rig.runs("p") == []


async def test_without_a_readable_revision_it_begins_anew_with_numbers_of_its_own(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=15 * SECOND)
    await edit(rig, overlap="queue")
    await damage(rig)
    await damage_newest_revision(rig)
    await rig.advance(MINUTE)

    mended = await replace(rig, lasts=MINUTE)
    await rig.recover()

    assert (mended.revision, mended.generation) == (3, 3)
    fired = [run for run in await rig.runs("p") if run.generation == 3]
    assert {run.status for run in fired} == {RunStatus.SUCCEEDED}
    assert len(fired) == 6


@pytest.mark.parametrize("unreadable", ["the trigger", "its newest revision too"])
async def test_a_trigger_that_cannot_be_read_is_deleted_and_its_id_taken_again(rig: Rig, unreadable: str) -> None:
    revision_too = unreadable != "the trigger"
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=120 * MINUTE, overlap="parallel")
    await minutes(rig, 1)
    await damage(rig)
    if revision_too:
        await damage_newest_revision(rig)
    await minutes(rig, 3)

    await remove_trigger(rig.services(), project="p", trigger="t", by="ada")
    again = await rig.create_trigger("p", lasts=MINUTE, overlap="parallel")
    await rig.recover()

    # A deletion disables the trigger first, if it can be restored.
    assert (again.revision, again.generation) == ((3, 3) if revision_too else (4, 4))
    shown = await proof(rig)
    if revision_too:
        assert [finding.problem.partition(":")[0] for finding in shown.faults] == ["the revision '1' cannot be read"]
    else:
        assert shown.faults == ()
        assert shown.counts[OccurrenceStatus.MISSED] > 10


async def test_only_a_replacement_or_deletion_writes_a_trigger_that_cannot_be_read(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=5 * MINUTE)
    await damage(rig)

    with pytest.raises(DocumentUnreadable, match="The trigger 't' is stored, but cannot be read: overlap"):
        await edit(rig, enabled=False)


async def test_a_replacement_of_another_state_is_refused(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=5 * MINUTE)
    await damage(rig)
    with pytest.raises(DocumentUnreadable) as refused:
        await rig.store.trigger("p", "t")
    etag = refused.value.found.etag
    await damage(rig, overlap="now and then")

    for expected in (1, etag):
        with pytest.raises(RevisionMismatch):
            await replace(rig, revision=expected)
        with pytest.raises(RevisionMismatch):
            await remove_trigger(rig.services(), project="p", trigger="t", by="ada", revision=expected)


async def test_there_is_nothing_to_replace_where_nothing_is_stored(rig: Rig) -> None:
    await rig.create_project("p")

    with pytest.raises(NotFound):
        await replace(rig)
    with pytest.raises(NotFound):
        await remove_trigger(rig.services(), project="p", trigger="t", by="ada")
