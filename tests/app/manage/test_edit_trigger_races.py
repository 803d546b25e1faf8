"""Races of edits with ticks, with starts of claimed runs, and with each other."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.checks import checked_runs
from app.rig import AGENT, AUTHOR, Rig, delivery_of
from app.single_trigger import edit, stored
from tock.app.manage.triggers.create_trigger import create_trigger
from tock.app.manage.triggers.delete_trigger import delete_trigger
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.core.errors import AlreadyExists, CommitConflict, RevisionMismatch
from tock.core.run.status import RunStatus
from tock.core.trigger.trigger import TriggerSpec
from tock.ports.store import Create, Delete

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


async def test_an_edit_and_a_tick_at_once_give_each_fire_time_to_one_version(rig: Rig) -> None:
    await rig.create_project("p")
    trigger = await rig.create_trigger("p", lasts=4 * MINUTE, overlap="parallel")
    await rig.advance(50 * SECOND)

    edited, *_ = await asyncio.gather(edit(rig, input={"message": "new"}), rig.tick(), rig.tick())
    await rig.recover()

    runs = await checked_runs(rig, trigger)
    new = [run for run in runs if run.scheduled_for > edited.updated.at]
    assert {(run.input.message, run.status) for run in new} == {("new", RunStatus.SUCCEEDED)}


@pytest.mark.parametrize("wins", ["edit", "tick"])
async def test_whoever_of_an_edit_and_a_tick_comes_second_sees_the_first(rig: Rig, wins: str) -> None:
    await rig.create_project("p")
    trigger = await rig.create_trigger("p", lasts=4 * MINUTE, overlap="parallel")
    await rig.advance(MINUTE)
    others: list[object] = []

    async def before_effect(text: str) -> None:
        if text.startswith("commit change Trigger") and not others:
            others.append(text)
            others.append(await (edit(rig, input={"message": "new"}) if wins == "edit" else rig.tick()))

    services = rig.services(rig.process(before_effect=before_effect))
    if wins == "edit":
        await rig.tick(services)
    else:
        await edit_trigger(services, project="p", trigger="t", changes={"input": {"message": "new"}}, by=AUTHOR)
    at = (await stored(rig)).updated.at
    await rig.recover()

    assert len(others) == 2
    runs = await checked_runs(rig, trigger)
    assert {run.input.message for run in runs if run.scheduled_for > at} == {"new"}


async def test_an_edit_and_the_start_of_a_claimed_run_at_once_give_its_fire_time_to_one(rig: Rig) -> None:
    await rig.create_project("p")
    trigger = await rig.create_trigger("p", lasts=35 * SECOND, overlap="parallel")
    first, *_ = await rig.runs("p")
    await rig.advance(first.due_at - rig.clock.present - SECOND)
    began: list[object] = []

    async def before_effect(text: str) -> None:
        if "Trigger" in text and not began:
            began.append(text)
            await rig.execute(delivery_of(first))

    services = rig.services(rig.process(before_effect=before_effect))
    await edit_trigger(services, project="p", trigger="t", changes={"input": {"message": "new"}}, by=AUTHOR)
    await rig.recover()

    assert began
    runs = await checked_runs(rig, trigger)
    assert [(run.status, run.input.message) for run in runs] == [
        (RunStatus.SUCCEEDED, None),
        (RunStatus.SUCCEEDED, "new"),
        (RunStatus.SUCCEEDED, "new"),
    ]


async def test_of_two_edits_at_once_with_a_revision_one_is_told(rig: Rig) -> None:
    await rig.create_project("p")
    trigger = await rig.create_trigger("p", lasts=2 * MINUTE, overlap="parallel")

    ended = await asyncio.gather(
        *(rig.attempt(edit(rig, revision=trigger.revision, input={"message": text})) for text in ("one", "two"))
    )
    await rig.recover()

    assert sorted(type(each).__name__ for each in ended) == ["RevisionMismatch", "Trigger"]
    assert any(isinstance(each, RevisionMismatch) for each in ended)
    await checked_runs(rig, trigger)


async def test_of_ten_edits_at_once_without_a_revision_none_is_lost(rig: Rig) -> None:
    await rig.create_project("p")
    trigger = await rig.create_trigger("p", lasts=2 * MINUTE, overlap="parallel")
    changes: list[dict[str, Any]] = [{"name": "Named"}, {"timeout": "7s"}, {"queue_depth": 3}, {"overlap": "queue"}]

    await asyncio.gather(*(edit(rig, **change) for change in changes))
    await rig.recover()

    edited = await stored(rig)
    assert (edited.name, edited.timeout, edited.queue_depth, edited.overlap) == ("Named", 7 * SECOND, 3, "queue")
    assert edited.revision == trigger.revision + 4
    await checked_runs(rig, trigger)


async def test_two_edits_by_one_person_in_one_instant_are_both_kept(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=2 * MINUTE, overlap="parallel")
    stopped = rig.clock.present
    rig.clock.stand_still()

    await asyncio.gather(edit(rig, name="Named"), edit(rig, timeout="7s"))

    edited = await stored(rig)
    assert rig.clock.present == stopped
    assert (edited.name, edited.timeout) == ("Named", 7 * SECOND)


async def test_of_two_that_create_one_trigger_in_one_instant_one_is_told(rig: Rig) -> None:
    await rig.create_project("p")
    rig.clock.stand_still()

    def spec(message: str) -> TriggerSpec:
        given = {"agent": AGENT, "schedule": {"every": "1m"}, "input": {"message": message}}
        return TriggerSpec.model_validate(given)

    ended = await asyncio.gather(
        *(
            rig.attempt(create_trigger(rig.services(), project="p", identifier="t", spec=spec(text), by=AUTHOR))
            for text in ("one", "two")
        )
    )

    assert sorted(type(each).__name__ for each in ended) == ["AlreadyExists", "Trigger"]
    assert any(isinstance(each, AlreadyExists) for each in ended)


async def test_edit_upon_edit_under_ticks_keeps_the_proof_intact(rig: Rig) -> None:
    await rig.create_project("p")
    trigger = await rig.create_trigger("p", lasts=6 * MINUTE, overlap="parallel")
    schedules: list[str | None] = ["15s", None, "20s", "10s", None, "30s"]

    for every in schedules:
        await rig.advance(35 * SECOND)
        change: dict[str, Any] = (
            {"enabled": False} if every is None else {"enabled": True, "schedule": {"every": every}}
        )
        await asyncio.gather(rig.tick(), edit(rig, **change))
        await rig.deliver()
    await rig.recover()

    await checked_runs(rig, trigger)


async def test_an_edit_that_was_not_acknowledged_starts_its_runs_although_another_came_since(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=4 * MINUTE, schedule={"every": "1m"})
    store = _Unacknowledged(rig, then=lambda: edit(rig, name="Renamed meanwhile"))
    changes = {"schedule": {"every": "20s"}}

    await edit_trigger(replace(rig.services(), store=store), project="p", trigger="t", changes=changes, by=AUTHOR)

    queued = [run for run in await rig.runs("p") if run.status is RunStatus.QUEUED]
    tasks = [json.loads(task.http_request.body)["run"] for task in await rig.waiting()]
    assert {run.id for run in queued} <= set(tasks)
    assert len(queued) >= 4
    assert (await stored(rig)).revision == 3


async def test_a_deletion_that_was_not_acknowledged_spares_the_trigger_that_bears_the_name_by_then(rig: Rig) -> None:
    async def created_again() -> None:
        await rig.advance(SECOND)
        spec = TriggerSpec.model_validate({"agent": AGENT, "schedule": {"every": "20s"}})
        await create_trigger(rig.services(), project="p", identifier="t", spec=spec, by="somebody else")

    await rig.create_project("p")
    await rig.create_trigger("p", lasts=4 * MINUTE)
    store = _Unacknowledged(rig, then=created_again, kind=Delete)

    await delete_trigger(replace(rig.services(), store=store), project="p", trigger="t", by=AUTHOR)

    assert (await stored(rig)).created.by == "somebody else"
    assert RunStatus.QUEUED in {run.status for run in await rig.runs("p")}


class _Unacknowledged:
    """A store whose client repeats its first Commit of a kind; it conflicts, and something happens between."""

    def __init__(
        self, rig: Rig, *, then: Callable[[], Awaitable[object]], kind: type[Create] | type[Delete] = Create
    ) -> None:
        self._rig = rig
        self._kind = kind
        self._then: Callable[[], Awaitable[object]] | None = then

    async def commit(self, writes: Any) -> Any:
        version = await self._rig.store.commit(writes)
        if self._then is not None and any(isinstance(write, self._kind) for write in writes):
            then, self._then = self._then, None
            await then()
            raise CommitConflict("repeated")
        return version

    def __getattr__(self, method: str) -> Any:
        return getattr(self._rig.store, method)
