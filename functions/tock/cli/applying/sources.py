"""Which modules and files a command reads: those that it names, or those of the folder's `tock.toml`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tock.cli.errors import CommandError, UsageError

if TYPE_CHECKING:
    # Other commands start faster without it.
    from tock.manifest.project_file import ProjectFile


def project_file() -> "ProjectFile":
    """Return the project of the current folder; an empty one if it has no `tock.toml`. Raises CommandError."""
    from tock.manifest.problem import DefinitionsRefused  # noqa: PLC0415 - other commands start faster
    from tock.manifest.project_file import read_project_file  # noqa: PLC0415 - as above

    try:
        return read_project_file(Path.cwd())
    except DefinitionsRefused as exc:
        sentences = [problem.sentence for problem in exc.problems]
        raise CommandError(sentences[0], details=tuple(sentences[1:])) from exc


def named_sources(given: Sequence[str] | None) -> tuple[str, ...]:
    """Return the modules and files that were given, or else those of the current folder. Raises CommandError."""
    return tuple(given or ()) or project_file().definitions


def named_modules(given: Sequence[str] | None) -> tuple[str, ...]:
    """Return the modules among the named sources. Raises CommandError."""
    from tock.manifest.read import is_file  # noqa: PLC0415 - other commands start faster

    return tuple(source for source in named_sources(given) if not is_file(source))


def sources_of(given: Sequence[str] | None) -> tuple[str, ...]:
    """Return the named sources; with none, raise CommandError."""
    if sources := named_sources(given):
        return sources
    remedy = 'Name one, such as acme.agents, or write them into tock.toml: definitions = ["acme.agents"].'
    raise UsageError("No module and no file with definitions is named.", details=(remedy,))
