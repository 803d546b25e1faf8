"""Builds the source archive: one zip file with the five functions exactly as they are deployed."""

import hashlib
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tock.deploy.agent_packages import included
from tock.deploy.bill_of_materials import bill_of_materials
from tock.deploy.errors import CannotWrite, SourceMissing
from tock.deploy.requirements import with_further
from tock.deploy.source_files import content_of, files_below
from tock.version import VERSION

ENTRY = "main.py"
REQUIREMENTS = "requirements.txt"
#: The software bill of materials; scanners know the end of its name.
BILL_OF_MATERIALS = "tock.cdx.json"
PACKAGE = Path("tock")
#: Not deployed: packages and files that only the command line and type checkers use.
LEFT_OUT = frozenset({"cli", "deploy", "local", "manifest", "packaged_files.py", "testing", "_files", "py.typed"})

#: The modification time of every file: the earliest one that the zip format can store.
_TIME = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
#: The mode of every file: a regular file that everybody may read and its owner may write.
_MODE = 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Source:
    """The functions' own files: the entry module, the pinned requirements and the folder of the package `tock`.

    `extras` are the pinned requirements of the kinds of agents that the deployment installs besides.
    """

    entry_module: Path
    requirements: Path
    package: Path
    extras: tuple[Path, ...] = ()

    @classmethod
    def below(cls, folder: Path) -> "Source":
        """Return the files of a checkout or of an unpacked archive in this folder."""
        return cls(entry_module=folder / ENTRY, requirements=folder / REQUIREMENTS, package=folder / PACKAGE)


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that was written: its path, the names of its files, its size in bytes and its SHA-256."""

    path: Path
    names: tuple[str, ...]
    size: int
    sha256: str


def build_archive(
    output: Path, *, source: Source, include: Sequence[Path] = (), requirements: Path | None = None
) -> Archive:
    """Write the functions' source archive to `output`; if that fails, `output` stays as it was.

    The same content gives the same bytes on every machine: names are sorted, all files have the same time and mode, and
    nothing is compressed, because versions of zlib compress differently. `include` are packages and modules with
    agents, `requirements` is the requirements file of those agents.

    Raises:
        SourceMissing, CannotInclude, CannotHold, RequirementsRefused, CannotWrite.
    """
    contents = dict(sorted(_contents(output, source=source, include=include, requirements=requirements)))
    try:
        _write(output, contents)
        archive = output.read_bytes()
    except OSError as exc:
        raise CannotWrite(output, reason=exc.strerror or str(exc)) from exc
    return Archive(path=output, names=tuple(contents), size=len(archive), sha256=hashlib.sha256(archive).hexdigest())


def _contents(
    output: Path, *, source: Source, include: Sequence[Path], requirements: Path | None
) -> Iterator[tuple[str, bytes]]:
    for file in (source.entry_module, source.requirements, source.package / "__init__.py"):
        if not file.is_file():
            raise SourceMissing(file)
    pins = with_further(source.requirements, further=requirements, extras=source.extras)
    yield ENTRY, content_of(source.entry_module)
    yield REQUIREMENTS, pins.encode()
    yield BILL_OF_MATERIALS, bill_of_materials(pins, version=VERSION).encode()
    for file in files_below(source.package):
        place = file.relative_to(source.package)
        if place.parts[0] not in LEFT_OUT:
            yield (PACKAGE / place).as_posix(), content_of(file)
    yield from included(include, output=output, pins=pins)


def _write(output: Path, contents: Mapping[str, bytes]) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    draft = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
            for name, content in contents.items():
                entry = zipfile.ZipInfo(name, _TIME)
                entry.create_system = _UNIX
                entry.external_attr = _MODE
                archive.writestr(entry, content)
        draft.replace(output)
    finally:
        draft.unlink(missing_ok=True)
