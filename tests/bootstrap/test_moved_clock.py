"""The clock of a local stack: it stands, goes on, is moved forward, and is the same for all processes."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from tock.bootstrap.moved_clock import SIZE, MovedClock
from tock.bootstrap.system_clock import SystemClock
from waiting import TIMEOUT

NIGHT = datetime(2027, 3, 28, 0, 50, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_clock_that_stands_moves_only_when_it_is_moved() -> None:
    clock = MovedClock(bytearray(SIZE))
    clock.stand_at(NIGHT)

    assert (clock.stands, clock.now(), clock.now()) == (True, NIGHT, NIGHT)
    clock.move_to(NIGHT + HOUR)
    assert (clock.stands, clock.now()) == (True, NIGHT + HOUR)


def test_a_clock_that_goes_on_keeps_its_distance_to_the_machines() -> None:
    clock, machine = MovedClock(bytearray(SIZE)), SystemClock()
    before = machine.now()
    clock.go_on_from(NIGHT)
    after = machine.now()

    distance = clock.now() - machine.now()

    assert not clock.stands
    assert NIGHT - after <= distance + timedelta(seconds=1)
    assert distance <= NIGHT - before
    clock.move_to(NIGHT + HOUR)
    assert not clock.stands
    assert clock.now() >= NIGHT + HOUR


@pytest.mark.parametrize("begin", [MovedClock.stand_at, MovedClock.go_on_from])
def test_a_clock_never_goes_back(begin: Callable[[MovedClock, datetime], None]) -> None:
    clock = MovedClock(bytearray(SIZE))
    begin(clock, NIGHT)

    clock.move_to(NIGHT - HOUR)

    assert clock.now() >= NIGHT


@pytest.mark.parametrize(
    "instant", [NIGHT, datetime(1950, 1, 1, 0, 0, 0, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
)
def test_it_is_exact_to_the_microsecond_at_any_time(instant: datetime) -> None:
    clock = MovedClock(bytearray(SIZE))

    clock.stand_at(instant)

    assert clock.now() == instant


def test_processes_share_it_by_its_file(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_bytes(bytes(SIZE))
    mine, program = (
        MovedClock.shared(file),
        "from pathlib import Path; from tock.bootstrap.moved_clock import MovedClock;",
    )
    mine.stand_at(NIGHT)
    mine.note_ticked(NIGHT)

    opened = f"{program} c = MovedClock.shared(Path({str(file)!r}));"
    other = f"{opened} print(c.now(), c.ticked_until); c.move_to(c.now().replace(hour=3))"
    told = subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, check=True).stdout

    assert told.strip() == f"{NIGHT} {NIGHT}"
    assert mine.now() == NIGHT.replace(hour=3)


@pytest.mark.anyio
async def test_a_sleep_ends_with_the_machines_time_or_the_clocks_own() -> None:
    clock = MovedClock(bytearray(SIZE))
    clock.stand_at(NIGHT)

    await clock.sleep(timedelta(milliseconds=20))
    assert clock.now() == NIGHT

    with anyio.fail_after(TIMEOUT):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(clock.sleep, HOUR)
            await anyio.lowlevel.checkpoint()
            clock.move_to(NIGHT + HOUR)
