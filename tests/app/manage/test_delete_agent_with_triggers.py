"""An agent is deleted with its triggers while somebody edits them."""

import asyncio
from datetime import timedelta

import pytest

from app.rig import AGENT, AUTHOR, Rig
from tock.app.manage.delete_agent_with_triggers import delete_agent_with_triggers
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.core.trigger.trigger import Trigger

pytestmark = pytest.mark.anyio


async def test_a_trigger_that_gets_another_agent_meanwhile_stays_and_one_that_gets_a_name_does_not(rig: Rig) -> None:
    await rig.create_project("p", agents=(AGENT, "other"))
    for trigger in ("moved", "named"):
        await rig.create_trigger("p", trigger, lasts=timedelta(hours=1))
    edited: list[Trigger] = []
    editing = asyncio.Lock()

    async def before_effect(_text: str) -> None:
        async with editing:
            if not edited:
                for trigger, changes in (("moved", {"agent": "other"}), ("named", {"name": "Named"})):
                    edited.append(
                        await edit_trigger(rig.services(), project="p", trigger=trigger, changes=changes, by="eve")
                    )

    services = rig.services(rig.process(before_effect=before_effect))
    await delete_agent_with_triggers(services, project="p", agent=AGENT, by=AUTHOR)

    [left] = await rig.triggers_of("p")
    assert (left.id, left.agent, left.enabled, left.revision) == ("moved", "other", True, edited[0].revision)
    assert [agent.id for agent in (await rig.store.agents("p", limit=9, token=None)).items] == ["other"]
