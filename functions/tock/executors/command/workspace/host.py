"""The workspaces of this process: a bounded number and a bounded size, the oldest removed first, none in use."""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

from tock.executors.command.limits import WorkspaceLimits
from tock.executors.command.remote import Remote
from tock.executors.command.workspace.clone import Clone
from tock.executors.command.workspace.git import GitFailed
from tock.executors.command.workspace.process_folder import ProcessFolder
from tock.executors.command.workspace.working_copy import (
    WorkingCopy,
    is_kept_by,
    kept_state,
    left_copy,
    restore,
    working_copy,
)
from tock.executors.shield import shielded
from tock.ports.executor import RunContext


class WorkspaceHost:
    """Makes the workspaces of attempts, and removes them when there is no room.

    A workspace stays after its attempt, to be looked at and for commands in it, until the limits are reached; clones
    go last. What a later run needs is at the remote, so nothing is lost with them.
    """

    def __init__(self, limits: WorkspaceLimits) -> None:
        self._folder = ProcessFolder(limits.folder or Path(tempfile.gettempdir()) / "tock-workspaces")
        self._count = limits.count
        self._size = limits.size
        self._clones: dict[tuple[str, str], Clone] = {}
        self._made = 0
        #: For how many attempts each clone is in use; those of none are in the order of their last use.
        self._clones_in_use: Counter[tuple[str, str]] = Counter()
        #: The bytes of each clone when it was used last.
        self._clone_sizes: dict[tuple[str, str], int] = {}
        #: Workspaces with an attempt at work, with their bytes at its beginning.
        self._in_use: dict[Path, int] = {}
        #: Workspaces whose attempt has ended, with their bytes, the oldest first.
        self._ended: dict[Path, int] = {}

    @contextlib.asynccontextmanager
    async def opened(self, *, repository: str, remote: Remote, context: RunContext) -> AsyncIterator[WorkingCopy]:
        """Yield a working copy of its own for an attempt. Raises GitFailed, RefMissing."""
        root = self._folder.path()
        async with (
            self._clone(root, repository, remote) as clone,
            self._used(root / "runs" / f"{context.run}.{context.attempt}") as folder,
        ):
            folder.mkdir(parents=True, mode=0o700)
            copy = await working_copy(folder, clone=clone, remote=remote, repository=repository, context=context)
            await self._measure(folder)
            yield copy

    @contextlib.asynccontextmanager
    async def opened_again(
        self, *, repository: str, remote: Remote, context: RunContext, run: str
    ) -> AsyncIterator[WorkingCopy]:
        """Yield the working copy that a settled run has left, for a command in it.

        It is the one on this instance, with what earlier commands left there, or else one that is restored from what
        the remote keeps of the run. Raises GitFailed, RefMissing.
        """
        root = self._folder.path()
        async with self._clone(root, repository, remote) as clone:
            state = await kept_state(clone, remote=remote, repository=repository, run=run)
            there = next(
                (each for each in reversed(self._ended) if _is_of(each, run) and is_kept_by(each, state)), None
            )
            folder = there or root / "runs" / f"{run}.{context.run}.{context.attempt}"
            copy = left_copy(folder, clone=clone, remote=remote, repository=repository, run=run, state=state)
            async with self._used(folder, anew=there is None):
                if there is None:
                    folder.mkdir(parents=True, mode=0o700)
                    await restore(copy, agent=context.agent)
                await self._measure(folder)
                yield copy

    @contextlib.asynccontextmanager
    async def _clone(self, root: Path, repository: str, remote: Remote) -> AsyncIterator[Clone]:
        """Yield the clone of a repository, which is not removed meanwhile."""
        key = (repository, remote.repository.url)
        clone = self._clones.pop(key, None)
        if clone is None:
            clone = Clone(root / "clones" / f"{self._made}.git")
            self._made += 1
        self._clones[key] = clone
        self._clones_in_use[key] += 1
        try:
            yield clone
        finally:
            self._clones_in_use[key] -= 1
            await shielded(self._end_use(key))

    async def _end_use(self, key: tuple[str, str]) -> None:
        size = await asyncio.to_thread(size_of, self._clones[key].folder) if key in self._clones else 0
        if key in self._clones:
            self._clone_sizes[key] = size
        await self._make_room()

    @contextlib.asynccontextmanager
    async def _used(self, folder: Path, *, anew: bool = True) -> AsyncIterator[Path]:
        """Count the folder as in use, and make room for it; what is in it already goes if it begins `anew`."""
        if folder in self._in_use:
            raise GitFailed("Another delivery of this attempt works in its workspace.")
        if len(self._in_use) >= self._count:
            raise GitFailed(f"This instance has {self._count} workspaces in use, which is the most it may have.")
        self._in_use[folder] = 0
        try:
            if self._ended.pop(folder, None) is not None and anew:
                await asyncio.to_thread(removed, folder)
            await self._make_room()
            yield folder
        finally:
            await shielded(self._end(folder))

    async def _measure(self, folder: Path) -> None:
        self._in_use[folder] = await asyncio.to_thread(size_of, folder)
        await self._make_room()

    async def _end(self, folder: Path) -> None:
        size = await asyncio.to_thread(size_of, folder)
        del self._in_use[folder]
        self._ended[folder] = size
        await self._make_room()

    async def _make_room(self) -> None:
        """Remove what is not in use, the oldest first, until the limits are kept: workspaces, and then clones."""
        while self._ended and (len(self._in_use) + len(self._ended) > self._count or self._bytes > self._size):
            oldest = next(iter(self._ended))
            del self._ended[oldest]
            await asyncio.to_thread(removed, oldest)
        while self._bytes > self._size:
            idle = next((key for key in self._clones if not self._clones_in_use[key]), None)
            if idle is None:
                break
            self._clone_sizes.pop(idle, None)
            await asyncio.to_thread(removed, self._clones.pop(idle).folder)

    @property
    def _bytes(self) -> int:
        return sum((*self._in_use.values(), *self._ended.values(), *self._clone_sizes.values()))


def size_of(folder: Path) -> int:
    """Return the bytes of the files below a folder; links are not followed."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += Path(place, name).lstat().st_size
    return total


def removed(folder: Path) -> None:
    """Remove the folder, also where the agent has made folders that cannot be written, as some caches are."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        for place, names, _ in os.walk(folder):
            for path in (Path(place), *(Path(place, name) for name in names)):
                if not path.is_symlink():
                    with contextlib.suppress(OSError):
                        path.chmod(0o700)
        shutil.rmtree(folder, ignore_errors=True)


def _is_of(folder: Path, run: str) -> bool:
    return folder.name.split(".")[0] == run
