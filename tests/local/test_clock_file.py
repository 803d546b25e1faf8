"""Who may move a stack's clock, and where the clock of a stack begins."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from tock.bootstrap.moved_clock import MovedClock
from tock.bootstrap.system_clock import SystemClock
from tock.local.clock.clock_file import CLOCK_FILE, alone, clock_of_start, go_on, turn_to_tick
from tock.local.errors import ClockBackwards, ClockDamaged
from waiting import until

NIGHT = datetime(2027, 3, 28, 0, 50, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / CLOCK_FILE


def test_without_a_time_a_stack_has_the_machines_clock_or_that_of_its_data(file: Path) -> None:
    assert clock_of_start(file, at=None, has_data=True) is None

    clock_of_start(file, at=NIGHT, has_data=False)

    again = clock_of_start(file, at=None, has_data=True)
    assert again is not None
    assert again.now() == NIGHT


def test_data_of_a_later_time_refuses_an_earlier_one(file: Path) -> None:
    clock_of_start(file, at=NIGHT, has_data=False)

    with pytest.raises(ClockBackwards, match=r"2027-03-28T00:49:00Z is before 2027-03-28T00:50:00Z.*--fresh"):
        clock_of_start(file, at=NIGHT - MINUTE, has_data=True)
    later = clock_of_start(file, at=NIGHT + MINUTE, has_data=True)

    assert later is not None
    assert later.now() == NIGHT + MINUTE


def test_data_of_the_machines_time_refuses_a_time_that_has_passed(file: Path) -> None:
    passed = SystemClock().now() - MINUTE

    with pytest.raises(ClockBackwards):
        clock_of_start(file, at=passed, has_data=True)
    assert clock_of_start(file, at=passed, has_data=False) is not None


def test_a_clock_without_data_is_none(file: Path) -> None:
    clock_of_start(file, at=NIGHT, has_data=False)

    assert clock_of_start(file, at=None, has_data=False) is None
    assert clock_of_start(file, at=NIGHT - MINUTE, has_data=False) is not None


def test_a_file_that_is_no_clock_is_told(file: Path) -> None:
    file.write_text("noon")

    with pytest.raises(ClockDamaged, match="--fresh"):
        clock_of_start(file, at=None, has_data=True)


@pytest.mark.anyio
async def test_the_ticker_leaves_ticks_to_whoever_moves_the_clock(file: Path) -> None:
    clock = clock_of_start(file, at=NIGHT, has_data=False)
    assert clock is not None

    with turn_to_tick(file, clock, scheduled=NIGHT + MINUTE) as mine:
        assert mine
    async with alone(file):
        with turn_to_tick(file, clock, scheduled=NIGHT + 2 * MINUTE) as mine:
            assert not mine
        clock.note_ticked(NIGHT + 2 * MINUTE)
    with turn_to_tick(file, clock, scheduled=NIGHT + 2 * MINUTE) as mine:
        assert not mine
    with turn_to_tick(file, clock, scheduled=NIGHT + 3 * MINUTE) as mine:
        assert mine


@pytest.mark.anyio
async def test_a_clock_goes_on_once_nobody_moves_it(file: Path) -> None:
    clock = clock_of_start(file, at=NIGHT, has_data=False)
    assert clock is not None

    async with anyio.create_task_group() as tasks:
        async with alone(file):
            tasks.start_soon(go_on, file, clock)
            await anyio.sleep(0.1)
            assert clock.stands
        await until(lambda: not clock.stands)
        tasks.cancel_scope.cancel()

    assert NIGHT <= clock.now() < NIGHT + MINUTE


@pytest.mark.anyio
async def test_one_process_at_a_time_moves_the_clock(file: Path) -> None:
    clock_of_start(file, at=NIGHT, has_data=False)
    order: list[str] = []

    async def second() -> None:
        async with alone(file):
            order.append("second")

    async with anyio.create_task_group() as tasks, alone(file):
        tasks.start_soon(second)
        await anyio.sleep(0.1)
        order.append("first")

    assert order == ["first", "second"]
    assert MovedClock.shared(file).now() == NIGHT
