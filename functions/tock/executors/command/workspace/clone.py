"""The cached bare clone of a repository: what is fetched once serves every run of this process."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tock.executors.command.remote import Remote
from tock.executors.command.workspace.git import GitFailed, git

#: Where the remote keeps what runs left.
RUNS = "refs/tock/runs"


@dataclass(slots=True)
class Clone:
    """A bare repository that only Tock uses: no agent's git reads or writes its configuration."""

    folder: Path
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def fetched(self, wanted: Sequence[str], *, remote: Remote) -> tuple[str, str] | None:
        """Fetch the first of the refs that the remote has; return it and the commit it stands for, or None.

        One fetch of a clone is under way at a time. Raises GitFailed.
        """
        async with self._turn:
            if not (self.folder / "HEAD").exists():
                self.folder.mkdir(parents=True, exist_ok=True)
                await git("init", "--quiet", "--bare", "--template=", folder=self.folder)
            url = remote.repository.url
            listed = await git("ls-remote", "--refs", "--", url, *wanted, folder=self.folder, remote=remote)
            there = {ref: oid for oid, _, ref in (line.partition("\t") for line in listed.decode().splitlines())}
            ref = next((each for each in wanted if each in there), None)
            if ref is None:
                return None
            options = ("--quiet", "--force", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
            await git("fetch", *options, "--", url, f"{ref}:{ref}", folder=self.folder, remote=remote)
            commit = await git("rev-parse", "--verify", f"{ref}^{{commit}}", folder=self.folder)
            return ref, commit.decode().strip()

    async def has(self, commit: str, *, remote: Remote) -> bool:
        """Whether there is this commit, which is fetched if no ref that was fetched leads to it. Raises GitFailed."""
        async with self._turn:
            if await self._holds(commit):
                return True
            options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
            with contextlib.suppress(GitFailed):
                await git("fetch", *options, "--", remote.repository.url, commit, folder=self.folder, remote=remote)
            return await self._holds(commit)

    async def _holds(self, commit: str) -> bool:
        try:
            await git("cat-file", "-e", f"{commit}^{{commit}}", folder=self.folder)
        except GitFailed:
            return False
        return True
