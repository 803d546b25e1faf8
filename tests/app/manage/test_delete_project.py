"""Deletions of a project: nothing of it is left at work, and its id is free once nothing of it can be read."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from app.faults import Crash, Fault, Kind
from app.rig import AGENT, AUTHOR, Rig
from app.scripted_executor import Behaviour
from app.single_trigger import one_due_run
from ports.documents import a_usage
from tock.app.manage.agents import create_agent, delete_agent
from tock.app.manage.projects.api_keys import issue_key
from tock.app.manage.projects.delete_project import delete_project
from tock.app.manage.projects.projects import create_project, edit_project
from tock.app.manage.proof.prove import prove_trigger
from tock.app.manage.triggers.create_trigger import create_trigger
from tock.app.manage.triggers.delete_trigger import delete_trigger
from tock.app.services import Services
from tock.app.start.run_now import RunOptions, run_agent
from tock.core.agent.agent import AgentSpec
from tock.core.errors import BeingDeleted, IdRetained, InUse, NotFound, StoreUnavailable
from tock.core.project import Project, ProjectSpec
from tock.core.run.status import RunStatus
from tock.core.trigger.trigger import TriggerSpec
from tock.ports.store import Add, RunFilter

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


async def empty(rig: Rig, *, trigger: bool = True) -> None:
    """Delete what a project must not have when it is deleted."""
    if trigger:
        await delete_trigger(rig.services(), project="p", trigger="t", by=AUTHOR)
    await delete_agent(rig.services(), project="p", agent=AGENT, by=AUTHOR)


async def delete(rig: Rig, services: Services | None = None) -> None:
    await delete_project(services or rig.services(), project="p", by=AUTHOR)


async def create(rig: Rig) -> Project:
    return await create_project(rig.services(), identifier="p", spec=ProjectSpec(), by=AUTHOR)


async def expire(rig: Rig) -> None:
    """Delete the runs whose time has come, as Firestore's TTL policy does."""
    async for run in rig.firestore.collection("projects", "p", "runs").stream():
        expire_at = run.get("expire_at")
        if expire_at is not None and expire_at <= rig.clock.present:
            await run.reference.delete()


async def test_a_project_that_never_had_a_run_can_be_created_again_at_once(rig: Rig) -> None:
    await rig.create_project("p")
    await empty(rig, trigger=False)
    await delete(rig)

    made = await create(rig)

    assert (made.revision, made.deleting) == (1, None)
    assert await rig.store.deleted_project("p") is None
    assert await rig.store.remains("p") == frozenset()


async def test_the_id_is_refused_while_runs_are_stored_and_a_proof_could_read_its_triggers(rig: Rig) -> None:
    await one_due_run(rig)
    await rig.recover()
    await empty(rig)
    await delete(rig)
    deleted = rig.clock.present

    with pytest.raises(IdRetained, match="choose another id") as refused:
        await create(rig)
    assert refused.value.expires is not None
    assert refused.value.expires.startswith((deleted + rig.timing.retention).date().isoformat())

    await rig.advance(rig.timing.retention - MINUTE)
    await expire(rig)
    with pytest.raises(IdRetained):
        await create(rig)
    await rig.advance(2 * MINUTE)
    await expire(rig)

    await create(rig)

    assert (await rig.store.runs("p", matching=RunFilter(), limit=9, token=None)).found == ()
    assert (await rig.store.triggers("p", limit=9, token=None)).found == ()


async def test_the_id_is_refused_while_a_run_is_stored_longer_than_expected(rig: Rig) -> None:
    await one_due_run(rig)
    await rig.recover()
    await empty(rig)
    await delete(rig)
    await rig.advance(rig.timing.retention + DAY)

    with pytest.raises(IdRetained, match="its records stay stored until they expire") as refused:
        await create(rig)
    assert refused.value.expires is None


async def test_a_deletion_counts_anew_for_each_project_of_an_id(rig: Rig) -> None:
    for _ in range(2):
        await rig.create_project("p")
        await rig.create_trigger("p", lasts=MINUTE, enabled=False)
        await empty(rig)
        await delete(rig)
        with pytest.raises(IdRetained):
            await create(rig)
        await rig.advance(rig.timing.retention + MINUTE)


@pytest.mark.parametrize("status", [RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.HELD])
async def test_a_project_with_active_runs_is_not_deleted(rig: Rig, status: RunStatus) -> None:
    rig.executor.behaviour = lambda _: Behaviour(works=timedelta(hours=1))
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=25 * SECOND, overlap="queue", timeout="20m")
    first, second, *_ = await rig.runs("p")
    if status is not RunStatus.QUEUED:
        await rig.advance(first.due_at - rig.clock.present + SECOND)
        await rig.deliver()
    if status is RunStatus.HELD:
        await rig.advance(10 * SECOND)
        await rig.deliver()
        await rig.firestore.document("projects", "p", "runs", first.id).delete()
        assert (await rig.run(second)).status is RunStatus.HELD
    else:
        await rig.firestore.document("projects", "p", "runs", second.id).delete()
    await rig.firestore.document("projects", "p", "triggers", "t").delete()
    await delete_agent(rig.services(), project="p", agent=AGENT, by=AUTHOR)

    with pytest.raises(InUse, match=f"which is {status}: cancel it, or wait until it has ended"):
        await delete(rig)

    project = await rig.store.project("p")
    assert project is not None
    assert project.value.deleting is None


async def test_a_project_with_a_damaged_trigger_that_no_list_shows_is_not_deleted(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=MINUTE, enabled=False)
    await rig.firestore.document("projects", "p", "triggers", "t").update({"created": "once"})
    await delete_agent_document(rig)

    with pytest.raises(InUse, match="a damaged trigger that no list shows: read it by its id, and delete it"):
        await delete(rig)


async def delete_agent_document(rig: Rig) -> None:
    await rig.firestore.document("projects", "p", "agents", AGENT).delete()


async def agent_created(services: Services) -> object:
    return await create_agent(services, project="p", identifier="other", spec=AgentSpec(kind="scripted"), by=AUTHOR)


async def trigger_created(services: Services) -> object:
    spec = TriggerSpec.model_validate({"agent": AGENT, "schedule": {"every": "1h"}})
    return await create_trigger(services, project="p", identifier="other", spec=spec, by=AUTHOR)


async def key_issued(services: Services) -> object:
    return await issue_key(services, project="p", name="ci", by=AUTHOR)


CREATIONS: dict[str, Callable[[Services], Awaitable[object]]] = {
    "an agent": agent_created,
    "a key": key_issued,
    "a trigger": trigger_created,
}


@dataclass
class Meeting:
    """A creation that happens right before one effect of a deletion, and how each of the two ended."""

    rig: Rig
    creation: Callable[[Services], Awaitable[object]]
    before: int
    effects: int = 0
    created: object = None
    deleted: object = None

    async def happen(self) -> None:
        services = self.rig.services(self.rig.process(before_effect=self._before_effect))
        [self.deleted] = await asyncio.gather(delete(self.rig, services), return_exceptions=True)

    async def _before_effect(self, _: str) -> None:
        self.effects += 1
        if self.effects == self.before:
            [self.created] = await asyncio.gather(self.creation(self.rig.services()), return_exceptions=True)


@pytest.mark.parametrize("creation", [agent_created, key_issued], ids=["an agent", "a key"])
async def test_what_is_created_while_the_project_is_deleted_stops_the_deletion_or_is_refused(
    rig: Rig, creation: Callable[[Services], Awaitable[object]]
) -> None:
    for before in range(1, 9):
        await rig.create_project("p")
        await delete_agent_document(rig)

        meeting = Meeting(rig, creation, before=before)
        await meeting.happen()

        remains = await rig.store.remains("p")
        if await rig.store.project("p") is None:
            assert (meeting.deleted, remains) == (None, frozenset())
            # A key that was issued before the mark is deleted with the project.
            refused = isinstance(meeting.created, BeingDeleted | NotFound | StoreUnavailable)
            assert refused or meeting.created is None or creation is key_issued
        else:
            assert isinstance(meeting.deleted, InUse | StoreUnavailable)
            assert not isinstance(meeting.created, Exception)
            assert remains
            await wipe(rig)
        if meeting.created is None:
            assert meeting.effects >= 2
            return
    raise AssertionError("a deletion has fewer effects than that")


@pytest.mark.parametrize("creation", CREATIONS.values(), ids=CREATIONS)
async def test_nothing_is_created_in_a_project_that_was_deleted_since_it_was_looked_at(
    rig: Rig, creation: Callable[[Services], Awaitable[object]]
) -> None:
    await rig.create_project("p")
    began: list[str] = []

    async def before_effect(text: str) -> None:
        if not began:
            began.append(text)
            await delete_agent_document(rig)
            await delete(rig)

    services = rig.services(rig.process(before_effect=before_effect))
    with pytest.raises((NotFound, StoreUnavailable)):
        await creation(services)

    assert began
    assert await rig.store.remains("p") == frozenset()


async def wipe(rig: Rig) -> None:
    for collection in ("agents", "api_keys"):
        async for document in rig.firestore.collection("projects", "p", collection).stream():
            await document.reference.delete()
    await rig.firestore.document("projects", "p").delete()


async def test_all_usage_goes_with_its_project_and_no_other(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tock.app.manage.projects.delete_project.USAGE_AT_ONCE", 2)
    await rig.create_project("p")
    await delete_agent_document(rig)
    days = [
        a_usage(f"u{number}", project="p", shard=number, day=rig.clock.present + number * DAY) for number in range(5)
    ]
    await rig.store.commit([Add(day) for day in (*days, a_usage(project="q"))])

    await delete(rig)

    assert await rig.store.remains("p") == frozenset()
    assert await rig.store.remains("q") == frozenset({"usage"})


@pytest.mark.parametrize("kind", Kind)
async def test_a_deletion_that_is_interrupted_anywhere_can_be_repeated_or_undone(rig: Rig, kind: Kind) -> None:
    for at in range(1, 10):
        await rig.create_project("p")
        await delete_agent_document(rig)
        await key_issued(rig.services())
        await rig.store.commit([Add(a_usage(project="p"))])
        process = rig.process(Fault(at, kind))

        [ended] = await asyncio.gather(delete(rig, rig.services(process)), return_exceptions=True)

        assert ended is None or isinstance(ended, Crash | StoreUnavailable), ended
        if at % 2 and await rig.store.project("p") is not None:
            kept = await edit_project(rig.services(), project="p", changes={"name": "kept"}, by=AUTHOR)
            assert kept.deleting is None
            await agent_created(rig.services())
            await delete_agent(rig.services(), project="p", agent="other", by=AUTHOR)
        await asyncio.gather(delete(rig), return_exceptions=True)
        assert await rig.store.project("p") is None
        assert await rig.store.remains("p") == frozenset()
        await create(rig)
        await wipe(rig)
        if len(process.effects) < at:
            return


async def test_nothing_is_created_in_a_project_that_is_being_deleted_until_it_is_edited(rig: Rig) -> None:
    await rig.create_project("p")
    await delete_agent_document(rig)
    with pytest.raises(Crash):
        await delete(rig, rig.services(rig.process(Fault(2, Kind.CRASH_BEFORE))))

    for creation in (agent_created, trigger_created, key_issued):
        with pytest.raises(BeingDeleted, match="delete it again to finish that, or change it to keep it"):
            await creation(rig.services())

    await edit_project(rig.services(), project="p", changes={}, by=AUTHOR)
    await agent_created(rig.services())


async def test_a_run_that_starts_while_its_project_is_deleted_ends_and_holds_the_id(rig: Rig) -> None:
    await rig.create_project("p")
    began: list[str] = []

    async def before_effect(text: str) -> None:
        if not began:
            began.append(text)
            await delete_agent(rig.services(), project="p", agent=AGENT, by=AUTHOR)
            await delete(rig)

    services = rig.services(rig.process(before_effect=before_effect))
    launched = await run_agent(services, project="p", agent=AGENT, options=RunOptions(), key=None, by=AUTHOR)
    await rig.recover()

    assert began
    run = await rig.run(launched.run)
    assert run.status is RunStatus.FAILED
    assert run.error is not None
    assert run.error.type == "agent_missing"
    with pytest.raises(IdRetained):
        await create(rig)


async def test_a_trigger_of_a_former_project_cannot_be_proved_in_its_successor(rig: Rig) -> None:
    await one_due_run(rig)
    await rig.recover()
    await empty(rig)
    await delete(rig)
    await rig.advance(rig.timing.retention + MINUTE)
    await expire(rig)
    await create(rig)

    proof = await prove_trigger(rig.services(), project="p", trigger="t", since=None)

    assert (proof.occurrences, proof.faults) == ((), ())
