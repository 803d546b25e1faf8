"""A file that is read at the start only: whoever edits it later is told so."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tock.executors.python.edited_modules import Stamp, stamp_of
from tock.local.sources.edits import file_edit

#: The name of these lines in the log.
_NAME = "tock"


@dataclass(frozen=True, slots=True)
class Unread:
    """A file, which may be absent, and what it was like before the start read it."""

    file: Path
    stamp: Stamp | None

    @classmethod
    def now(cls, file: Path) -> Self:
        """Return the file as it is now, before it is read."""
        return cls(file, stamp_of(file))

    async def tell_of_edits(self, log: Callable[[str, str], None]) -> None:
        """Say after each edit that it is not taken up, until this is cancelled."""
        stamp = self.stamp
        while True:
            stamp = await file_edit(self.file, before=stamp)
            log(_NAME, f"{self.file.name} was edited: start `tock dev` anew, which reads it at its start only")
