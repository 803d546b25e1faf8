"""The workspaces of this process: a bounded number and a bounded size, the oldest removed first, none in use."""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from tock.executors.command.limits import WorkspaceLimits
from tock.executors.command.remote import Remote
from tock.executors.command.workspace.clone import Clone
from tock.executors.command.workspace.git import GitFailed
from tock.executors.command.workspace.process_folder import ProcessFolder
from tock.executors.command.workspace.working_copy import WorkingCopy, working_copy
from tock.executors.shield import shielded
from tock.ports.executor import RunContext


class WorkspaceHost:
    """Makes the workspaces of attempts, and removes them when there is no room.

    A workspace stays after its attempt, to be looked at, until the limits are reached. What a later run needs is at the
    remote, so nothing is lost with it.
    """

    def __init__(self, limits: WorkspaceLimits) -> None:
        self._folder = ProcessFolder(limits.folder or Path(tempfile.gettempdir()) / "tock-workspaces")
        self._count = limits.count
        self._size = limits.size
        self._clones: dict[tuple[str, str], Clone] = {}
        self._in_use: set[Path] = set()
        #: Workspaces whose attempt has ended, with their bytes, the oldest first.
        self._ended: dict[Path, int] = {}

    @contextlib.asynccontextmanager
    async def opened(self, *, repository: str, remote: Remote, context: RunContext) -> AsyncIterator[WorkingCopy]:
        """Yield a working copy for an attempt. Raises GitFailed, RefMissing."""
        root = self._folder.path()
        folder = root / "runs" / f"{context.run}.{context.attempt}"
        await self._make_room(folder)
        try:
            folder.mkdir(parents=True, mode=0o700)
            clone = self._clone(root, repository, remote)
            yield await working_copy(folder, clone=clone, remote=remote, repository=repository, context=context)
        finally:
            await shielded(self._end(folder))

    async def _end(self, folder: Path) -> None:
        size = await asyncio.to_thread(size_of, folder)
        self._in_use.discard(folder)
        self._ended[folder] = size
        await self._remove_oldest()

    def _clone(self, root: Path, repository: str, remote: Remote) -> Clone:
        key = (repository, remote.repository.url)
        if key not in self._clones:
            self._clones[key] = Clone(root / "clones" / f"{len(self._clones)}.git")
        return self._clones[key]

    async def _make_room(self, folder: Path) -> None:
        if folder in self._in_use:
            raise GitFailed("Another delivery of this attempt works in its workspace.")
        if len(self._in_use) >= self._count:
            raise GitFailed(f"This instance has {self._count} workspaces in use, which is the most it may have.")
        self._in_use.add(folder)
        if self._ended.pop(folder, None) is not None:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        await self._remove_oldest()

    async def _remove_oldest(self) -> None:
        while self._ended and (
            len(self._in_use) + len(self._ended) > self._count or sum(self._ended.values()) > self._size
        ):
            oldest = next(iter(self._ended))
            del self._ended[oldest]
            await asyncio.to_thread(shutil.rmtree, oldest, ignore_errors=True)


def size_of(folder: Path) -> int:
    """Return the bytes of the files below a folder; links are not followed."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += Path(place, name).lstat().st_size
    return total
