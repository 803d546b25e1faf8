"""One snapshot: a folder with an export of each project, and a list of its files by which damage is found."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tock.local.durable_file import replace_file, sync
from tock.local.firestore.export_api import metadata_of

#: The list, which is written last: {"files": {path: {"size": bytes, "sha256": hex}}}. Tock 0.1.0 wrote none.
_LIST = "files.json"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot in its folder, whose name is its number."""

    folder: Path

    @property
    def number(self) -> int:
        """The number; a later snapshot has a higher one."""
        return int(self.folder.name)

    @property
    def is_finished(self) -> bool:
        """Whether the list was written, even if it is damaged: everything was saved before it."""
        return self._list.is_file()

    @property
    def time(self) -> str:
        """When it was saved, in the machine's time zone, such as 2027-03-01 12:00:00 +0100."""
        written = self._list if self.is_finished else self.folder
        return datetime.fromtimestamp(written.stat().st_mtime, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")

    def projects(self) -> tuple[str, ...]:
        """Return the projects that have an export in it."""
        return tuple(sorted(path.name for path in self.folder.iterdir() if metadata_of(path).is_file()))

    def finish(self) -> None:
        """Return when the disk has every file and the list of them. Raises OSError."""
        listed = {}
        for path in self._files():
            sync(path)
            listed[path.relative_to(self.folder).as_posix()] = _fingerprint(path)
        for folder, _, _ in os.walk(self.folder):
            sync(Path(folder))
        replace_file(self._list, text=json.dumps({"files": listed}, indent=1))
        sync(self.folder.parent)

    def damage(self) -> str | None:
        """Return what is damaged and how, or None if there is an export and, if there is a list, all is as it says.

        Raises OSError.
        """
        if not self.projects():
            return f"snapshot {self.number} has no export"
        if not self.is_finished:
            return None
        try:
            listed = _entries(self._list.read_text(encoding="utf-8"))
        except (ValueError, TypeError, KeyError, AttributeError):
            return f"{self._shown(self._list)} is not the list of its files"
        return next(filter(None, (self._difference(name, *entry) for name, entry in listed.items())), None)

    @property
    def _list(self) -> Path:
        return self.folder / _LIST

    def _files(self) -> Iterator[Path]:
        return (path for path in sorted(self.folder.rglob("*")) if path.is_file() and path != self._list)

    def _difference(self, name: str, size: int, digest: str) -> str | None:
        """Return how the file differs from its entry in the list, or None."""
        path = self.folder / name
        if not path.is_file():
            return f"{self._shown(path)} is missing"
        found = _fingerprint(path)
        if found["size"] != size:
            return f"{self._shown(path)} has {found['size']} bytes, not {size}"
        return None if found["sha256"] == digest else f"{self._shown(path)} has other bytes than were saved"

    def _shown(self, path: Path) -> str:
        return path.relative_to(self.folder.parent).as_posix()


def _fingerprint(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {"size": file.tell(), "sha256": digest}


def _entries(text: str) -> dict[str, tuple[int, str]]:
    return {name: (entry["size"], entry["sha256"]) for name, entry in json.loads(text)["files"].items()}
