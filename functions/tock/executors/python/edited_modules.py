"""Imports modules anew once their source was edited: on the local stack, never in a deployment."""

import importlib
import os
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
_STANDARD_LIBRARY = Path(os.__file__).resolve().parent
#: Where Python is installed, and the virtual environment.
_PREFIXES = tuple(Path(prefix).resolve() for prefix in (sys.base_prefix, sys.prefix))
#: How long to wait, in seconds, before a module that cannot be imported is imported once more: an editor may be between
#: two writes of one save.
SAVE = 0.1


class EditedModules:
    """The modules that this process imports from some folders; made once, before the first of them is imported.

    `renew` forgets all of them if the source of one was edited, so the next import reads them again. What was imported
    before goes on: functions keep the modules that they were defined in. Bytecode is neither read nor written, because
    Python tells it from its source by whole seconds. Installed packages, Python's own library and Tock itself are
    imported as always.
    """

    def __init__(self, folders: Iterable[str | Path]) -> None:
        self._folders = tuple(Path(folder).resolve() for folder in folders)
        self._read = _Read()
        self._renewing = threading.Lock()
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
        return self._read.files()

    def renew(self) -> None:
        """Forget the modules if one was edited, deleted or replaced since it was read; any thread may call this.

        A module that another thread imports at this moment, and the packages around it, are forgotten the next time.
        """
        with self._renewing:
            # A finder remembers the files of its folder, and a new one may be younger than the folder's time tells.
            importlib.invalidate_caches()
            read = self._read.files()
            if all(stamp_of(file) == stamp for file, stamp in read.values()):
                return
            needed = _being_imported(read)
            for name in read:
                if name not in needed:
                    self._read.remove(name)
                    _forget(name)

    def _finder(self, folder: str) -> PathEntryFinder:
        path = Path(folder).resolve()
        if path.is_relative_to(_OWN) or not self._hold(path) or is_installed(path, sources=self._folders):
            raise ImportError(f"{folder} is none of the folders", path=folder)
        return self._finder_of(folder)

    def _hold(self, path: Path) -> bool:
        return any(path.is_relative_to(folder) for folder in self._folders)

    def _loader(self, name: str, path: str) -> SourceFileLoader:
        return _SourceLoader(name, path, read=self._read)


class _Read:
    """By module that was read: its file, and what that was before; None if it cannot be looked at. For any thread."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[str, Stamp | None]] = {}
        self._lock = threading.Lock()

    def files(self) -> Mapping[str, tuple[str, Stamp | None]]:
        with self._lock:
            return dict(self._files)

    def add(self, name: str, file: str) -> None:
        with self._lock:
            self._files[name] = (file, stamp_of(file))

    def remove(self, name: str) -> None:
        with self._lock:
            self._files.pop(name, None)


class _SourceLoader(SourceFileLoader):
    """Compiles a module's source, and notes what the file was like before."""

    def __init__(self, fullname: str, path: str, *, read: _Read) -> None:
        super().__init__(fullname, path)
        self._read = read

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        self._read.add(fullname, path)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


def is_installed(path: Path, *, sources: Iterable[Path] = ()) -> bool:
    """Whether this folder, as `Path.resolve` gives it, is one of installed packages or of Python's own library.

    The folder in which Python is installed holds nothing that anybody edits, unless one of the `sources` is below it.
    """
    if not _INSTALLED.isdisjoint(path.parts) or path.is_relative_to(_STANDARD_LIBRARY):
        return True
    prefixes = (prefix for prefix in _PREFIXES if not any(source.is_relative_to(prefix) for source in sources))
    return any(path.is_relative_to(prefix) for prefix in prefixes)


def stamp_of(file: str | Path) -> Stamp | None:
    """Return what a file is like now; None if it cannot be looked at."""
    try:
        found = Path(file).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _being_imported(names: Iterable[str]) -> frozenset[str]:
    """Return the modules of these that a thread is just importing, and the packages around them, which it needs."""
    specs = ((name, getattr(sys.modules.get(name), "__spec__", None)) for name in names)
    # importlib's own mark: it has none that is public.
    under_way = [name.split(".") for name, spec in specs if getattr(spec, "_initializing", False)]
    return frozenset(".".join(parts[:depth]) for parts in under_way for depth in range(1, len(parts) + 1))


def _forget(name: str) -> None:
    parent, _, child = name.rpartition(".")
    # A namespace package has no source: it stays, and would go on naming the module as it was. First of all, because
    # whoever imports the module anew sets the attribute again.
    holder, module = sys.modules.get(parent), sys.modules.get(name)
    if module is not None and holder is not None and vars(holder).get(child) is module:
        delattr(holder, child)
    sys.modules.pop(name, None)
    forget(name)
