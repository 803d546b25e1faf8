"""Saves and restores the Firestore emulator's documents, which the emulator itself keeps only in memory."""

import asyncio
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from tock.local.durable_file import replace_file
from tock.local.errors import DataDamaged
from tock.local.firestore.export_api import (
    ExportFailed,
    Refused,
    delete_documents,
    export_documents,
    import_documents,
)
from tock.local.firestore.snapshot import Snapshot

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
#: How many finished snapshots are kept: if the last is damaged, the one before it takes its place.
_KEPT = 2
#: How many bytes are written to find out whether the disk is full.
_PROBE = 1 << 16


class NotSaved(Exception):
    """The documents could not be saved; the last snapshot stays. The message says why."""


class Snapshots:
    """Saves the documents of some Google Cloud projects in a folder, and restores them.

    Each snapshot is a folder `{folder}/{number}`, and the file `current` names the last one. The emulator's own options
    cannot be used: `--export-on-exit` writes nothing in native mode, and `--import-data` gives every project the same
    documents.

    `log` is called with a sentence about damage.
    """

    def __init__(
        self,
        folder: Path,
        *,
        host: str,
        projects: Sequence[str],
        log: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self._folder = folder.absolute()
        self._host = host
        self._projects = tuple(projects)
        self._log = log
        #: The last snapshot, which was saved or restored.
        self._last: Snapshot | None = None

    @property
    def last_time(self) -> str:
        """When the documents were saved last, in words."""
        return "the start" if self._last is None else self._last.time

    async def restore(self) -> int:
        """Import the newest whole snapshot, and return how many projects it contained: 0 if nothing was ever saved.

        1. Find the snapshots that were finished: they have a list of their files, or `current` names them.
        2. Try them, newest first. One whose files differ from its list, or that the emulator refuses, is damaged.
        3. Set the damaged ones aside, and say what happened.

        Raises:
            DataDamaged: something was saved, but no snapshot is whole; nothing was changed.
            ExportFailed: the emulator does not answer.
            OSError: the folder cannot be read, or a damaged snapshot cannot be set aside.
        """
        current, problem = await asyncio.to_thread(self._current)
        damaged: dict[Snapshot, str] = {}
        for snapshot in await asyncio.to_thread(self._candidates, current, problem):
            damage = await asyncio.to_thread(snapshot.damage) or await self._import(snapshot)
            if damage is None:
                self._last = snapshot
                self._projects = tuple(dict.fromkeys((*self._projects, *snapshot.projects())))
                await asyncio.to_thread(self._set_aside, damaged)
                self._tell(problem, damaged=damaged, restored=snapshot)
                return len(snapshot.projects())
            damaged[snapshot] = damage
        if damaged or problem:
            raise DataDamaged(self._folder, problems=[*filter(None, [problem]), *damaged.values()])
        return 0

    async def save(self) -> None:
        """Export all projects into a new snapshot, and remove all older ones but one.

        Raises NotSaved; the last snapshot stays.
        """
        fresh: Snapshot | None = None
        try:
            fresh = await asyncio.to_thread(self._new)
            for project in self._projects:
                await export_documents(self._host, project=project, folder=fresh.folder / project)
            await asyncio.to_thread(fresh.finish)
            await asyncio.to_thread(replace_file, self._folder / "current", text=str(fresh.number))
        except (ExportFailed, OSError) as exc:
            reason = await asyncio.to_thread(self._reason, exc)
            if fresh is not None:
                await asyncio.to_thread(shutil.rmtree, fresh.folder, ignore_errors=True)
            raise NotSaved(reason) from exc
        await asyncio.to_thread(self._delete_old)
        self._last = fresh

    def _current(self) -> tuple[int | None, str | None]:
        """Return the number in `current`, and what is wrong with the file, if anything is."""
        file = self._folder / "current"
        try:
            text = file.read_text(encoding="ascii", errors="replace").strip()
        except FileNotFoundError:
            return None, f"{file} is missing" if any(each.is_finished for each in self._snapshots()) else None
        if not _NUMBER.fullmatch(text):
            return None, f"{file} is damaged ({text[:20]!r} is not the number of a snapshot)"
        if not (self._folder / text).is_dir():
            return None, f"{file} names snapshot {text}, which is missing"
        return int(text), None

    def _candidates(self, current: int | None, problem: str | None) -> list[Snapshot]:
        """Return the finished snapshots, newest first.

        If `current` is damaged and no snapshot has a list, Tock 0.1.0 wrote them, and any may be the finished one.
        """
        snapshots = self._snapshots()
        finished = [snapshot for snapshot in snapshots if snapshot.is_finished or snapshot.number == current]
        return snapshots if problem and not finished else finished

    def _snapshots(self) -> list[Snapshot]:
        """Return every snapshot, newest first."""
        if not self._folder.is_dir():
            return []
        folders = (path for path in self._folder.iterdir() if _NUMBER.fullmatch(path.name) and path.is_dir())
        return sorted(map(Snapshot, folders), key=lambda snapshot: snapshot.number, reverse=True)

    async def _import(self, snapshot: Snapshot) -> str | None:
        """Import the snapshot; return None, or why the emulator refused it. Then the emulator has no documents."""
        try:
            for project in snapshot.projects():
                await import_documents(self._host, project=project, folder=snapshot.folder / project)
        except Refused as exc:
            for project in snapshot.projects():
                await delete_documents(self._host, project=project)
            return f"snapshot {snapshot.number} cannot be read: {exc}"
        return None

    def _set_aside(self, damaged: Iterable[Snapshot]) -> None:
        for snapshot in damaged:
            snapshot.folder.rename(self._aside(snapshot))

    def _aside(self, snapshot: Snapshot) -> Path:
        return snapshot.folder.with_name(f"{snapshot.number}.damaged")

    def _tell(self, problem: str | None, *, damaged: Mapping[Snapshot, str], restored: Snapshot) -> None:
        found = [*filter(None, [problem])]
        found += [f"{damage} (set aside as {self._aside(snapshot)})" for snapshot, damage in damaged.items()]
        if found:
            self._log(
                f"{', '.join(found)}: snapshot {restored.number} of {restored.time} was restored; "
                "later changes, if there were any, are lost"
            )

    def _new(self) -> Snapshot:
        """Create the folders of a new snapshot. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        used = (re.match(r"[0-9]{1,18}", path.name) for path in self._folder.iterdir())
        number = 1 + max((int(match[0]) for match in used if match), default=0)
        snapshot = Snapshot(self._folder / str(number))
        for project in self._projects:
            (snapshot.folder / project).mkdir(parents=True)
        return snapshot

    def _reason(self, error: ExportFailed | OSError) -> str:
        """Return why saving failed. The emulator does not say what the disk refused, so this writes a file itself."""
        if isinstance(error, OSError):
            return error.strerror or str(error)
        probe = self._folder / "probe"
        try:
            replace_file(probe, text="0" * _PROBE)
            probe.unlink()
        except OSError as exc:
            return f"{exc.strerror or exc}; {error}"
        return str(error)

    def _delete_old(self) -> None:
        snapshots = self._snapshots()
        kept = [snapshot for snapshot in snapshots if snapshot.is_finished or snapshot == self._last][:_KEPT]
        for snapshot in snapshots:
            if snapshot not in kept:
                shutil.rmtree(snapshot.folder, ignore_errors=True)
