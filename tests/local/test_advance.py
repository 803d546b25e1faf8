"""Who moves the clock of a running stack: it stands meanwhile, and goes on afterwards."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.responses import Response

from local.cloud_tasks.target import Delivery, Target, serving
from tock.bootstrap.moved_clock import MovedClock
from tock.local.clock.advance import MovableStack, advance
from tock.local.clock.clock_file import CLOCK_FILE, clock_of_start, go_on
from tock.local.errors import TickFailed
from waiting import until

pytestmark = pytest.mark.anyio

NIGHT = datetime(2027, 3, 28, 0, 50, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@asynccontextmanager
async def _stack(folder: Path) -> AsyncIterator[tuple[MovableStack, MovedClock, Target]]:
    """Give a stack that only ticks, whose clock goes on."""
    file = folder / CLOCK_FILE
    clock = clock_of_start(file, at=NIGHT, has_data=False)
    assert clock is not None
    going_on = asyncio.create_task(go_on(file, clock))
    try:
        await until(lambda: not clock.stands)
        async with serving() as target:
            yield (
                MovableStack(
                    clock=str(file),
                    identity=str(folder / "identity"),
                    tick_url=target.url,
                    service_account="tock@tock-local.iam.gserviceaccount.com",
                    cloud_tasks="127.0.0.1:1",
                    queues=(),
                ),
                clock,
                target,
            )
    finally:
        going_on.cancel()


async def test_the_clock_of_a_stack_that_goes_on_stands_while_it_is_moved(tmp_path: Path) -> None:
    async with _stack(tmp_path) as (stack, clock, target):
        seen: list[tuple[bool, datetime]] = []

        async def answer(_: Delivery) -> Response:
            seen.append((clock.stands, clock.now()))
            return Response("{}")

        target.answer = answer

        done = await advance(stack, by=3 * MINUTE)
        await until(lambda: not clock.stands)

        assert seen == [(True, NIGHT + number * MINUTE) for number in (1, 2, 3)]
        assert (done.end - done.start, done.ticks) == (3 * MINUTE, 3)
        assert done.end <= clock.now() < done.end + MINUTE


async def test_a_move_that_ends_on_the_way_lets_the_clock_go_on_from_there(tmp_path: Path) -> None:
    async with _stack(tmp_path) as (stack, clock, target):
        target.answers(200, 500)

        with pytest.raises(TickFailed, match="status 500"):
            await advance(stack, by=3 * MINUTE)
        await until(lambda: not clock.stands)

        assert NIGHT + 2 * MINUTE <= clock.now() < NIGHT + 3 * MINUTE
