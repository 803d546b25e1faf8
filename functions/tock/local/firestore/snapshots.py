"""Saves and restores the Firestore emulator's documents, which the emulator itself keeps only in memory."""

import asyncio
import contextlib
import shutil
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import anyio
import httpx

_NAME = "documents"
_TIMEOUT_SECONDS = 300.0
#: The largest share of the time that snapshots may take, to limit the emulator's load.
_MAX_SHARE = 0.2


class Snapshots:
    """Exports and imports the given Google Cloud projects through the HTTP endpoints that the Firebase tools use.

    Each snapshot is a directory `{directory}/{number}`, and the file `current` names the last complete one; a process
    that is killed while it writes a snapshot leaves the previous one. The emulator's own options cannot be used:
    `--export-on-exit` writes nothing in native mode, and `--import-data` gives every project the same documents.
    """

    def __init__(self, directory: Path, *, host: str, projects: Sequence[str]) -> None:
        self._directory = directory.absolute()
        self._host = host
        self._projects = tuple(projects)

    async def restore(self) -> int:
        """Import the last snapshot, and return how many projects it contained: 0 if there is no snapshot.

        Raises:
            httpx.HTTPError: the emulator refused it or did not answer.
        """
        current = self._current()
        if current is None:
            return 0
        restored = 0
        for project in self._projects:
            metadata = current / project / _NAME / f"{_NAME}.overall_export_metadata"
            if await anyio.Path(metadata).exists():
                await self._call(project, verb="import", body={"export_directory": str(metadata)})
                restored += 1
        return restored

    async def save(self) -> None:
        """Export all projects into a new snapshot, make it the current one, and remove the older ones.

        Raises:
            httpx.HTTPError: the emulator refused it or did not answer; the previous snapshot stays current.
            OSError: the directory cannot be written.
        """
        current = self._current()
        number = 1 if current is None else int(current.name) + 1
        fresh = self._directory / str(number)
        await asyncio.to_thread(shutil.rmtree, fresh, ignore_errors=True)
        for project in self._projects:
            await anyio.Path(fresh / project).mkdir(parents=True)
            body = {"export_directory": str(fresh / project), "export_name": _NAME}
            await self._call(project, verb="export", body=body)
        draft = self._directory / ".current"
        draft.write_text(str(number))
        draft.replace(self._directory / "current")
        await asyncio.to_thread(self._delete_all_but, fresh)

    async def save_periodically(self, *, every: timedelta, log: Callable[[str], None]) -> None:
        """Save for ever, with at least this pause in between; `log` gets a line for a snapshot that failed."""
        loop = asyncio.get_running_loop()
        pause, warm = every.total_seconds(), False
        while True:
            await asyncio.sleep(pause)
            started = loop.time()
            try:
                await self.save()
            except (httpx.HTTPError, OSError) as exc:
                log(f"could not save its documents: {exc or type(exc).__name__}")
            # The first export takes a second or two longer, because the emulator loads code: do not pause for that.
            pause = max(every.total_seconds(), (loop.time() - started) / _MAX_SHARE if warm else 0.0)
            warm = True

    def _delete_all_but(self, kept: Path) -> None:
        for snapshot in self._directory.iterdir():
            if snapshot.is_dir() and snapshot != kept:
                shutil.rmtree(snapshot, ignore_errors=True)

    def _current(self) -> Path | None:
        with contextlib.suppress(FileNotFoundError):
            return self._directory / (self._directory / "current").read_text().strip()
        return None

    async def _call(self, project: str, *, verb: str, body: dict[str, str]) -> None:
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False) as client:
            answer = await client.post(
                f"http://{self._host}/emulator/v1/projects/{project}:{verb}",
                json={"database": f"projects/{project}/databases/(default)", **body},
            )
        answer.raise_for_status()
