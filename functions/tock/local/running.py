"""The stack that runs in some folder, as other processes find it."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Self

from tock.client.local_stack import ADDRESS_FILE, DATA, StackFileDamaged, find_data, stack_of
from tock.local.clock.advance import Advance, MovableStack, advance
from tock.local.data_folder import using
from tock.local.errors import NoMovableClock
from tock.local.stack.directory_lock import is_locked


@dataclass(frozen=True, slots=True)
class RunningStack:
    """A running stack whose clock can be moved."""

    data: Path
    #: The API's URL, and the id of the stack's project.
    api: str
    project: str
    movable: MovableStack

    @classmethod
    def found(cls, data: Path | None) -> Self:
        """Return the stack of this folder for stored data or, by default, of the current folder or one above it.

        A stack that was killed has left its address, but holds no lock. Raises NoMovableClock, DataUnusable.
        """
        data = data or find_data() or DATA
        with using(data):
            runs = (data / ADDRESS_FILE).is_file() and is_locked(data)
        if not runs:
            raise NoMovableClock(data, problem="does not run")
        try:
            found = stack_of(data)
            if found.movable is None:
                raise NoMovableClock(data, problem="has the machine's clock, which cannot be moved")
            return cls(data, found.api, found.project, MovableStack.from_json(found.movable))
        except (StackFileDamaged, KeyError, TypeError) as exc:
            raise NoMovableClock(data, problem=f"cannot be used, because {data / ADDRESS_FILE} is damaged") from exc

    async def advance(self, *, by: timedelta, skip: bool, patience: timedelta) -> Advance:
        """Move its clock; see `advance`. Raises StillAtWork, TickFailed, StackSilent, ClockDamaged, DataUnusable."""
        with using(self.data):
            return await advance(self.movable, by=by, skip=skip, patience=patience)
