"""The folders from which a test's process imports what is no installed package: a stack imports from them too."""

import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from tock.executors.python.edited_modules import is_installed


def folders_of(modules: Iterable[ModuleType]) -> tuple[Path, ...]:
    """Return the folders of `sys.path` in its order, then those that have these modules otherwise, each once.

    A tool that imports tests by their files, such as pytest, need not have the latter on `sys.path`.
    """
    entries = [Path(entry).absolute() for entry in sys.path]
    found = [entry for entry in entries if entry.is_dir() and not is_installed(entry.resolve(), sources=[Path.cwd()])]
    return tuple(dict.fromkeys((*found, *map(_root, modules))))


def _root(module: ModuleType) -> Path:
    """Return the folder from which Python imports this module."""
    file = Path(module.__file__ or sys.modules["__main__"].__file__ or ".").absolute()
    depth = module.__name__.count(".") + (file.name == "__init__.py")
    return file.parents[depth]
