"""The file of a stack's clock, and the right to move it or to tick, which one process has at a time."""

import asyncio
import fcntl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from io import BufferedRandom
from pathlib import Path

from tock.bootstrap.moved_clock import LOOK_EVERY, SIZE, MovedClock
from tock.bootstrap.system_clock import SystemClock
from tock.local.durable_file import replace_file
from tock.local.errors import ClockBackwards, ClockDamaged

#: Its name in the folder for stored data.
CLOCK_FILE = "clock"


def clock_of_start(file: Path, *, at: datetime | None, has_data: bool) -> MovedClock | None:
    """Return the clock of a stack that starts, or None for the machine's.

    With `at` the clock stands there. Without, it is the one that the data of earlier starts was made with, if they had
    one: a schedule that has seen a time cannot go back behind it. A clock without data has shown its time to nobody.

    Raises ClockBackwards, ClockDamaged, OSError.
    """
    if not has_data:
        file.unlink(missing_ok=True)
    known = clock_of(file) if file.exists() else None
    if at is None:
        return known
    reached = known.now() if known is not None else SystemClock().now()
    if has_data and at < reached:
        raise ClockBackwards(at=at, reached=reached, data=file.parent)
    if known is None:
        replace_file(file, text="\0" * SIZE)
    clock = known or clock_of(file)
    clock.stand_at(at)
    clock.note_ticked(at)
    return clock


def clock_of(file: Path) -> MovedClock:
    """Return the clock that this file keeps. Raises ClockDamaged, OSError."""
    if file.stat().st_size != SIZE:
        raise ClockDamaged(file)
    return MovedClock.shared(file)


async def go_on(file: Path, clock: MovedClock) -> None:
    """Let the clock go on whenever it stands and no process moves it, until this is cancelled.

    It stands at the start of a stack, and after a process has moved it, also if that was killed on the way.
    """
    while True:
        if clock.stands:
            with file.open("r+b") as opened:
                if _locked(opened):
                    clock.go_on_from(clock.now())
        await asyncio.sleep(LOOK_EVERY)


@asynccontextmanager
async def alone(file: Path) -> AsyncIterator[None]:
    """Enter once no other process moves this clock or ticks by it; until the end of the block none does.

    The operating system gives the right back when the process ends, however it ends.
    """
    with file.open("r+b") as opened:
        while not _locked(opened):
            await asyncio.sleep(LOOK_EVERY)
        yield


@contextmanager
def turn_to_tick(file: Path, clock: MovedClock, *, scheduled: datetime) -> Iterator[bool]:
    """Enter with whether to tick for this time: not while another process moves the clock, or if it has ticked.

    Nobody else ticks until the end of the block, and then for no time up to this one.
    """
    with file.open("r+b") as opened:
        is_mine = _locked(opened) and clock.ticked_until < scheduled
        yield is_mine
        if is_mine:
            clock.note_ticked(scheduled)


def _locked(opened: BufferedRandom) -> bool:
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
