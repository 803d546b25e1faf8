"""Steps of tests about one trigger, `t` of the project `p`."""

from datetime import timedelta
from typing import Any

from app.rig import AUTHOR, Rig
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.core.run.run import Run
from tock.core.trigger.trigger import Trigger

SECOND = timedelta(seconds=1)


async def one_due_run(rig: Rig, **spec: Any) -> Run:
    """Create the trigger; return its only run, which is due now and whose task is in the queue."""
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=15 * SECOND, **{"overlap": "parallel"} | spec)
    [run] = await rig.runs("p")
    await rig.advance(run.due_at - rig.clock.present)
    return run


async def edit(rig: Rig, *, by: str = AUTHOR, revision: int | None = None, **changes: Any) -> Trigger:
    return await edit_trigger(rig.services(), project="p", trigger="t", changes=changes, by=by, revision=revision)


async def stored(rig: Rig) -> Trigger:
    found = await rig.store.trigger("p", "t")
    assert found is not None
    return found.value
