"""Imports modules anew once their source was edited: on the local stack, never in a deployment."""

import importlib
import sys
import threading
from collections.abc import Iterable, Mapping
from importlib.abc import PathEntryFinder
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from pathlib import Path
from types import CodeType

import tock
from tock.definitions.registry import forget

#: What tells a file from what it was before: its inode, its modification time in nanoseconds, and its size in bytes.
Stamp = tuple[int, int, int]
#: Folders of installed packages, which nobody edits.
_INSTALLED = frozenset({"site-packages", "dist-packages"})
_OWN = Path(tock.__file__).resolve().parent


class EditedModules:
    """The modules that this process imports from some folders; made once, before the first of them is imported.

    `renew` forgets all of them if the source of one was edited, so the next import reads them again. What was imported
    before goes on: functions keep the modules that they were defined in. Bytecode is neither read nor written, because
    Python tells it from its source by whole seconds. Installed packages and Tock itself are imported as always.
    """

    def __init__(self, folders: Iterable[str | Path]) -> None:
        self._folders = tuple(Path(folder).resolve() for folder in folders)
        #: By module: its file, and what that was before it was read; None if it cannot be looked at.
        self._read: dict[str, tuple[str, Stamp | None]] = {}
        self._lock = threading.Lock()
        self._finder_of = FileFinder.path_hook(
            (ExtensionFileLoader, EXTENSION_SUFFIXES),
            (self._loader, SOURCE_SUFFIXES),  # type: ignore[arg-type] # it calls what it is given
            (SourcelessFileLoader, BYTECODE_SUFFIXES),
        )
        sys.path_hooks.insert(0, self._finder)
        sys.path_importer_cache.clear()

    @property
    def files(self) -> Mapping[str, tuple[str, Stamp | None]]:
        """By module that was read: its file, and what that was before."""
        return dict(self._read)

    def renew(self) -> None:
        """Forget the modules if one was edited, deleted or replaced since it was read; any thread may call this."""
        with self._lock:
            # A finder remembers the files of its folder, and a new one may be younger than the folder's time tells.
            importlib.invalidate_caches()
            if all(stamp_of(file) == stamp for file, stamp in self._read.values()):
                return
            for name in self._read:
                _forget(name)
            self._read.clear()

    def _finder(self, folder: str) -> PathEntryFinder:
        path = Path(folder).resolve()
        if path.is_relative_to(_OWN) or not _INSTALLED.isdisjoint(path.parts) or not self._hold(path):
            raise ImportError(f"{folder} is none of the folders", path=folder)
        return self._finder_of(folder)

    def _hold(self, path: Path) -> bool:
        return any(path.is_relative_to(folder) for folder in self._folders)

    def _loader(self, name: str, path: str) -> SourceFileLoader:
        return _SourceLoader(name, path, read=self._read)


class _SourceLoader(SourceFileLoader):
    """Compiles a module's source, and notes what the file was like before."""

    def __init__(self, fullname: str, path: str, *, read: dict[str, tuple[str, Stamp | None]]) -> None:
        super().__init__(fullname, path)
        self._read = read

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        self._read[fullname] = (path, stamp_of(path))
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


def stamp_of(file: str | Path) -> Stamp | None:
    """Return what a file is like now; None if it cannot be looked at."""
    try:
        found = Path(file).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _forget(name: str) -> None:
    module = sys.modules.pop(name, None)
    forget(name)
    parent, _, child = name.rpartition(".")
    # A namespace package has no source: it stays, and would go on naming the module as it was.
    holder = sys.modules.get(parent)
    if module is not None and holder is not None and vars(holder).get(child) is module:
        delattr(holder, child)
