"""Many tasks at once: all delivered, each once."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from local.cloud_tasks.rig import START, assembled
from tock.local.cloud_tasks.clock import SystemClock

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("kept", [False, True], ids=["in memory", "in a file"])
async def test_500_tasks_created_at_once_are_each_delivered_once(tmp_path: Path, *, kept: bool) -> None:
    async with assembled(clock=SystemClock(), data=tmp_path / "tasks.db" if kept else None) as rig:
        names = [f"t{n}" for n in range(500)]

        await asyncio.gather(*(rig.create(name) for name in names))
        await rig.delivered(500)

        await rig.emptied()
        assert Counter(rig.target.tasks()) == Counter(names)


@pytest.mark.slow
async def test_500_tasks_due_at_the_same_instant_are_each_delivered_once_after_it() -> None:
    async with assembled(clock=SystemClock()) as rig:
        names = [f"t{n}" for n in range(500)]
        due = SystemClock().now() + timedelta(seconds=2)

        await asyncio.gather(*(rig.create(name, schedule_time=due) for name in names))
        deliveries = await rig.delivered(500)
        await rig.emptied()

        assert min(delivery.arrived for delivery in deliveries) >= due
        assert Counter(rig.target.tasks()) == Counter(names)


async def test_what_waits_costs_no_coroutine() -> None:
    async with assembled() as rig:
        await rig.create(schedule_time=START + timedelta(hours=1))
        before = len(asyncio.all_tasks())

        for hour in range(1, 200):
            await rig.create(schedule_time=START + timedelta(hours=hour))

        assert len(asyncio.all_tasks()) <= before + 2
