"""Reads definitions from modules and files, checks them all, and finds ids that are defined twice."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tock.manifest.code.modules import read_module
from tock.manifest.entry import Entry, checked
from tock.manifest.files import READERS, read_file
from tock.manifest.problem import DefinitionsRefused, Problem
from tock.manifest.written import Written

_FILE_OR_MODULE = "name a module as Python imports it, such as acme.agents, or a file that ends in "


def read_definitions(sources: Sequence[str], *, may_be_empty: bool = False) -> tuple[Entry, ...]:
    """Return what these modules and files define, in their order.

    Modules are imported from `sys.path`; one that defines nothing is a problem, unless it may be empty. Raises
    DefinitionsRefused with the problems of all sources.
    """
    entries: list[Entry] = []
    problems: list[Problem] = []
    for source in dict.fromkeys(sources):
        try:
            written = _written(source, may_be_empty=may_be_empty)
        except DefinitionsRefused as exc:
            problems += exc.problems
            continue
        for each in written:
            found = checked(each)
            if isinstance(found, Entry):
                entries.append(found)
            else:
                problems += found
    problems += _doubled(entries)
    if problems:
        raise DefinitionsRefused(problems)
    return tuple(entries)


def is_file(source: str) -> bool:
    """Whether this names a file, not a module."""
    return Path(source).suffix.lower() in READERS


def require_source(source: str) -> None:
    """Raise DefinitionsRefused for the name of a file that cannot be read, such as a module's."""
    path = Path(source)
    if not is_file(source) and (path.suffix == ".py" or len(path.parts) > 1):
        raise DefinitionsRefused([Problem(source, "", "", None, f"{_FILE_OR_MODULE}{', '.join(READERS)}")])


def _written(source: str, *, may_be_empty: bool) -> tuple[Written, ...]:
    require_source(source)
    if is_file(source):
        return read_file(Path(source))
    return read_module(source, may_be_empty=may_be_empty)


def _doubled(entries: Sequence[Entry]) -> Iterator[Problem]:
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        other = first.setdefault((entry.kind, entry.id), entry)
        if other is not entry:
            remedy = f"is defined at {other.place} already: give one of them another id"
            yield Problem(entry.place, f"{entry.kind} {entry.id}", "id", entry.id, remedy)
