"""The packages and modules of a person's own agents, as they go into the archive beside Tock."""

import keyword
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import packages_distributions
from pathlib import Path

from tock.deploy.errors import CannotInclude
from tock.deploy.requirements import canonical, pinned
from tock.deploy.source_files import content_of, files_below

_MODULE = ".py"
#: What the archive holds itself, by the name that Python imports it with.
_OWN = frozenset({"tock", "main"})
_RENAME = "Give it another name: Python would import only one of the two."


def included(paths: Sequence[Path], *, output: Path, pins: str) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of every file of these packages and modules, each at the top of the archive.

    `output` is the archive itself, which may not lie in one of them; `pins` are the requirements beside them.

    Raises:
        CannotInclude: it is not there, is no package or module, or its name is taken.
        CannotHold: something in it is no plain file.
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
                path, reason=f"the archive {output} lies in it and would hold itself", remedy="Write it elsewhere."
            )
        yield from _module(path) if path.is_file() else _package(path)


def _name(path: Path) -> str:
    if not path.exists():
        raise CannotInclude(path, reason="there is nothing", remedy="Name a package's folder or a module's file.")
    whole = path.resolve()
    if whole.is_file() and whole.suffix != _MODULE:
        raise CannotInclude(path, reason="it is no Python module", remedy=f"A module's file ends with {_MODULE}.")
    name = whole.stem if whole.is_file() else whole.name
    if not name.isidentifier() or keyword.iskeyword(name):
        raise CannotInclude(
            path, reason=f"Python cannot import a {name!r}", remedy="Name it with letters, digits and underscores."
        )
    return name


def _taken(pins: str) -> Mapping[str, str]:
    names = {requirement.name for requirement in pinned(pins)}
    # One that is not installed on this machine is imported by its own name, as far as anybody here can tell.
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
        raise CannotInclude(path, reason="there is no Python in it", remedy="Name a package's folder.")
    for file in files:
        yield (Path(path.resolve().name) / file.relative_to(path)).as_posix(), content_of(file)
