"""Finds the packages and files of the agents' modules that `tock deploy` was given."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tock.deploy.errors import ModuleUnknown
from tock.manifest.code.import_folders import import_folders


def paths_of(modules: Sequence[str], *, here: Path) -> tuple[Path, ...]:
    """Return the package's folder or the file that each module is in at the top level, each once.

    Nothing is imported. Raises ModuleUnknown.
    """
    return tuple(dict.fromkeys(_path(module, folders=import_folders(here)) for module in modules))


def allowed(modules: Sequence[str]) -> tuple[str, ...]:
    """Return the entries of the allow-list: each module, and those below it."""
    return tuple(dict.fromkeys(entry for module in modules for entry in (module, f"{module}.*")))


def _path(module: str, *, folders: Sequence[Path]) -> Path:
    found = next((place for folder in folders for place in _places(folder, module)), None)
    if found is None:
        raise ModuleUnknown(module, folders=folders)
    return found


def _places(folder: Path, module: str) -> Iterator[Path]:
    """Yield what the module is in at the top level of the folder, if it is there."""
    top, *below = module.split(".")
    whole = folder.joinpath(top, *below)
    if module and (whole.is_dir() or whole.with_name(f"{whole.name}.py").is_file()):
        yield folder / top if below or whole.is_dir() else folder / f"{top}.py"
