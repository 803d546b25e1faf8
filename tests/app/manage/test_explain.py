"""Why a trigger ran or did not run at one time, read from what is stored."""

from datetime import datetime, timedelta

import pytest

from app.rig import Rig
from app.single_trigger import edit
from tock.app.manage.proof.explain import explain
from tock.core.proof.why import Verdict, Why
from tock.core.trigger.claim import disable
from tock.ports.store import Change, Create

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)


async def _why(rig: Rig, time: datetime) -> Why:
    return await explain(rig.services(), project="p", trigger="t", time=time)


def _this_minute(rig: Rig) -> datetime:
    return rig.clock.present.replace(second=0, microsecond=0)


async def _minutely(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=180 * MINUTE, schedule={"every": "1m"})
    await rig.advance(5 * MINUTE)


async def test_a_pause_is_by_whoever_paused_it_not_by_who_named_it_later(rig: Rig) -> None:
    await _minutely(rig)
    paused = await edit(rig, by="bob", enabled=False)
    for name in ("One", "Two"):
        await rig.advance(5 * MINUTE)
        await edit(rig, by="eve", name=name)
    await rig.advance(5 * MINUTE)

    found = await _why(rig, _this_minute(rig))

    assert (found.verdict, "eve" in found.sentence) == (Verdict.PAUSED, False)
    assert f"version {paused.revision}, in force since " in found.sentence
    assert ", by bob." in found.sentence


async def test_a_time_that_an_edit_took_away_was_changed_by_whoever_did_it(rig: Rig) -> None:
    await _minutely(rig)
    await edit(rig, by="bob", schedule={"every": "1h"})
    await rig.advance(5 * MINUTE)
    await edit(rig, by="eve", name="Named")
    await rig.advance(5 * MINUTE)

    found = await _why(rig, _this_minute(rig))

    assert (found.verdict, "eve" in found.sentence) == (Verdict.CHANGED, False)
    assert ", by bob, does not have this time; version 1, in force until " in found.sentence


async def test_what_no_tick_can_claim_says_so_although_the_records_are_right(rig: Rig) -> None:
    await _minutely(rig)
    first, *_ = await rig.runs("p")
    await rig.firestore.document("projects", "p", "triggers", "t").update({"overlap": "perhaps"})

    claimed, unclaimed = await _why(rig, first.scheduled_for), await _why(rig, _this_minute(rig) + 60 * MINUTE)

    assert (claimed.verdict, unclaimed.verdict) == (Verdict.IN_FLIGHT, Verdict.UNREADABLE)
    assert unclaimed.sentence.startswith("No tick can claim it: the trigger 't' cannot be read: overlap")


async def test_a_trigger_that_a_tick_had_to_disable_says_what_was_wrong(rig: Rig) -> None:
    await _minutely(rig)
    found = await rig.store.trigger("p", "t")
    assert found is not None
    disabled, revision = disable(found.value, problem="writes: 5 MiB", now=rig.clock.present)
    await rig.store.commit([Change(before=found, after=disabled), Create(revision)])

    explained = await _why(rig, _this_minute(rig) + 60 * MINUTE)

    assert explained.verdict is Verdict.PAUSED
    assert ", because a tick could not claim it: writes: 5 MiB." in explained.sentence
