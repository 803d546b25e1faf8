"""A clock that can be moved, for the local stack and for tests; no deployment can have one (`settings.clock`)."""

import asyncio
import mmap
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tock.bootstrap.system_clock import SystemClock

#: How soon a sleeper notices that the clock was moved, in seconds.
LOOK_EVERY = 0.05
#: Native, so that the processor writes and reads the number at once: no process sees half of one.
_NUMBER = struct.Struct("@q")
#: Where a clock's memory has how far it was moved, and the time of the newest tick.
_MOVED, _TICKED = 0, _NUMBER.size
SIZE = 2 * _NUMBER.size
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class MovedClock:
    """Tells the time that its memory says, which several processes may share as a file.

    The clock goes on with the machine's, ahead or behind by a length, or it stands still until somebody moves it.
    """

    def __init__(self, memory: bytearray | mmap.mmap) -> None:
        self._memory = memory
        self._machine = SystemClock()

    @classmethod
    def shared(cls, file: Path) -> "MovedClock":
        """Return the clock that a file of SIZE bytes keeps, for every process that opens it. Raises OSError."""
        with file.open("r+b") as opened:
            return cls(mmap.mmap(opened.fileno(), SIZE))

    def now(self) -> datetime:
        """Return the time, aware and UTC."""
        base, moved = self._setting()
        return base + moved

    @property
    def stands(self) -> bool:
        """Whether it stands still."""
        return bool(self._read(_MOVED) & 1)

    @property
    def ticked_until(self) -> datetime:
        """The time of the newest tick, up to which nobody ticks again; 1970 before the first."""
        return _EPOCH + self._read(_TICKED) * _MICROSECOND

    def stand_at(self, instant: datetime) -> None:
        """Stand still at this instant."""
        self._write(_MOVED, ((instant - _EPOCH) // _MICROSECOND) << 1 | 1)

    def go_on_from(self, instant: datetime) -> None:
        """Go on from this instant, as fast as the machine's clock."""
        self._write(_MOVED, ((instant - self._machine.now()) // _MICROSECOND) << 1)

    def move_to(self, instant: datetime) -> None:
        """Be at this instant, and then stand or go on as before; an instant that has passed changes nothing."""
        if instant > self.now():
            (self.stand_at if self.stands else self.go_on_from)(instant)

    def note_ticked(self, until: datetime) -> None:
        """Note that this is the time of the newest tick."""
        self._write(_TICKED, (until - _EPOCH) // _MICROSECOND)

    async def sleep(self, length: timedelta) -> None:
        """Return after this length of time, on this clock or on the machine's, whichever comes first.

        What paces work in this process, such as the wait before another try, must end on a clock that stands.
        """
        loop = asyncio.get_running_loop()
        until, at_the_latest = self.now() + length, loop.time() + length.total_seconds()
        while (left := min((until - self.now()).total_seconds(), at_the_latest - loop.time())) > 0:
            await asyncio.sleep(min(left, LOOK_EVERY))

    def _setting(self) -> tuple[datetime, timedelta]:
        number = self._read(_MOVED)
        return (_EPOCH if number & 1 else self._machine.now()), (number >> 1) * _MICROSECOND

    def _read(self, place: int) -> int:
        (number,) = _NUMBER.unpack_from(self._memory, place)
        return int(number)

    def _write(self, place: int, number: int) -> None:
        _NUMBER.pack_into(self._memory, place, number)
