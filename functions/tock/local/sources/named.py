"""What the command line of `tock dev` names: modules, and files that name further ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tock.manifest.code.import_folders import import_folders
from tock.manifest.files import read_file
from tock.manifest.read import is_file, require_source


@dataclass(frozen=True, slots=True)
class Sources:
    """The names as they were given, the folders from which modules are imported, and what agents may name."""

    names: tuple[str, ...]
    folders: tuple[Path, ...]
    #: Entries of TOCK_PYTHON_MODULES, as the files were when they were named.
    allowed: tuple[str, ...]

    @classmethod
    def named(cls, names: Sequence[str], *, here: Path) -> "Sources":
        """Return the sources of these names, each once.

        Agents may name the modules, those below them, and those that the files name. Raises DefinitionsRefused for a
        name of neither, and for a file that cannot be read.
        """
        for name in names:
            require_source(name)
        allowed = (entry for name in names for entry in _allowed(name))
        return cls(
            names=tuple(dict.fromkeys(names)), folders=import_folders(here), allowed=tuple(dict.fromkeys(allowed))
        )

    @property
    def files(self) -> tuple[Path, ...]:
        """The files among them."""
        return tuple(Path(name) for name in self.names if is_file(name))

    @property
    def modules(self) -> tuple[str, ...]:
        """The modules among them."""
        return tuple(name for name in self.names if not is_file(name))

    @property
    def places(self) -> tuple[Path, ...]:
        """The folders where these modules and files may be, and those around them."""
        packages = (module.split(".") for module in self.modules)
        places = [
            folder.joinpath(*parts[:depth])
            for parts in packages
            for folder in self.folders
            for depth in range(len(parts) + 1)
        ]
        return (*self.folders, *places, *(file.parent for file in self.files))


def _allowed(name: str) -> Iterator[str]:
    if not is_file(name):
        yield from (name, f"{name}.*")
        return
    for written in read_file(Path(name)):
        match written.fields:
            case {"config": {"callable": str() as target}}:
                module = target.partition(":")[0]
                # What is no module's name is refused when the definition is read.
                if all(part.isidentifier() for part in module.split(".")):
                    yield module
