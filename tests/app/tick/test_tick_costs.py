"""Triggers that are not due cost a tick nothing."""

from datetime import timedelta

import pytest

from app.rig import Rig

pytestmark = pytest.mark.anyio


async def test_a_tick_with_nothing_due_reads_no_document_and_asks_for_no_trigger(rig: Rig) -> None:
    await rig.create_project("p")
    for number in range(20):
        later = rig.clock.present + timedelta(hours=1)
        await rig.create_trigger("p", f"t{number}", lasts=timedelta(hours=2), start=later)
    process = rig.process()

    counters = await rig.tick(rig.services(process))

    assert (counters.due, process.reads.total(), process.effects) == (0, 0, ["record_tick"])
    assert set(process.reads) == {"due_count", "overdue_runs"}
