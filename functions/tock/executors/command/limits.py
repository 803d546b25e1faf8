"""Where a process keeps workspaces, and how many."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class WorkspaceLimits:
    """The folder of the workspaces (None: one for temporary files), and the most workspaces and bytes in it."""

    folder: Path | None = None
    count: int = 20
    #: The files of a function on Google Cloud are in its memory.
    size: int = 2**28
