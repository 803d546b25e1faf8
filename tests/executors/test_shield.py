"""Shielded work ends although its caller is cancelled."""

import asyncio

import anyio
import pytest

from tock.executors.shield import shielded

pytestmark = pytest.mark.anyio


async def _work(done: list[str], *, seconds: float) -> str:
    await asyncio.sleep(seconds)
    done.append("done")
    return "result"


async def test_the_work_gives_its_result() -> None:
    assert await shielded(_work([], seconds=0)) == "result"


async def test_every_cancellation_is_outlasted_and_then_goes_on() -> None:
    done: list[str] = []
    task = asyncio.create_task(shielded(_work(done, seconds=0.3)))
    for _ in range(3):
        await asyncio.sleep(0.02)
        task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task

    assert done == ["done"]


async def test_a_task_group_that_repeats_its_cancellation_does_not_spin() -> None:
    done: list[str] = []
    cancellations: list[int] = []

    async def cleaning_up() -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            await asyncio.sleep(60)
        finally:
            await shielded(_work(done, seconds=0.5))
            cancellations.append(task.cancelling())

    async with anyio.create_task_group() as group:
        group.start_soon(cleaning_up)
        await asyncio.sleep(0)
        group.cancel_scope.cancel()

    assert done == ["done"]
    assert cancellations[0] < 20
