"""Reads the user's packages and modules with agents for the source archive."""

import keyword
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import packages_distributions
from pathlib import Path

from tock.deploy.errors import CannotInclude
from tock.deploy.requirements import canonical, pinned
from tock.deploy.source_files import content_of, files_below

_MODULE = ".py"
#: The import names of Tock's own package and module in the archive.
_OWN = frozenset({"tock", "main"})
_RENAME = "Rename it: of two modules with the same name, Python imports only one."


def included(paths: Sequence[Path], *, output: Path, pins: str) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of every file; each package and module goes to the top level of the archive.

    `output` is the archive, which must not lie in one of the packages. `pins` is the text of all requirements, whose
    import names are taken.

    Raises:
        CannotInclude: a path does not exist, is not a package or module, or its name is taken.
        CannotHold: a package contains something other than files and folders.
    """
    if not paths:
        return
    taken = _taken(pins)
    for path in paths:
        name = _name(path)
        if name in taken:
            raise CannotInclude(path, reason=f"the name {name!r} is taken by {taken[name]}", remedy=_RENAME)
        taken = {**taken, name: f"--include {path}"}
        if output.resolve().is_relative_to(path.resolve()):
            raise CannotInclude(
                path,
                reason=f"it contains the archive {output}, which would contain itself",
                remedy="Write the archive to another folder: --output.",
            )
        yield from _module(path) if path.is_file() else _package(path)


def _name(path: Path) -> str:
    if not path.exists():
        raise CannotInclude(path, reason="it does not exist", remedy="Give a package's folder or a module's file.")
    whole = path.resolve()
    if whole.is_file() and whole.suffix != _MODULE:
        raise CannotInclude(path, reason="it is not a Python module", remedy=f"A module's file ends with {_MODULE}.")
    name = whole.stem if whole.is_file() else whole.name
    if not name.isidentifier() or keyword.iskeyword(name):
        raise CannotInclude(
            path,
            reason=f"Python cannot import a module named {name!r}",
            remedy="Use letters, digits and underscores, and no keyword.",
        )
    return name


def _taken(pins: str) -> Mapping[str, str]:
    names = {requirement.name for requirement in pinned(pins)}
    # For a library that is not installed on this machine, assume that it is imported by its own name.
    libraries = {name.replace("-", "_"): f"the library {name}" for name in names} | {
        module: f"the library {distribution}"
        for module, distributions in packages_distributions().items()
        for distribution in distributions
        if canonical(distribution) in names
    }
    return libraries | dict.fromkeys(sys.stdlib_module_names, "Python itself") | dict.fromkeys(_OWN, "Tock itself")


def _module(path: Path) -> Iterator[tuple[str, bytes]]:
    yield path.resolve().name, content_of(path)


def _package(path: Path) -> Iterator[tuple[str, bytes]]:
    files = tuple(files_below(path))
    if not any(file.suffix == _MODULE for file in files):
        raise CannotInclude(path, reason="it contains no Python file", remedy="Give a package's folder.")
    for file in files:
        yield (Path(path.resolve().name) / file.relative_to(path)).as_posix(), content_of(file)
