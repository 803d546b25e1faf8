"""Reads definitions from a YAML or JSON file: an object with lists of `agents` and `triggers`."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tock.manifest.document import LARGEST_FILE, Document, DocumentRefused, read_json, read_yaml
from tock.manifest.problem import DefinitionsRefused, Problem
from tock.manifest.written import Kind, Written

#: How each suffix is read.
READERS: dict[str, Callable[[str], Document]] = {".yaml": read_yaml, ".yml": read_yaml, ".json": read_json}
#: The lists of a file, by the kind of their resources. `$schema` is for editors.
LISTS = {"agents": Kind.AGENT, "triggers": Kind.TRIGGER}
_SCHEMA = "$schema"


def read_file(path: Path) -> tuple[Written, ...]:
    """Return the resources of a file, in its order. Raises DefinitionsRefused."""
    document = _document(path)
    match document.value:
        case None:
            raise _refused(path, "holds nothing: write a list of agents or triggers")
        case dict():
            problems = tuple(_problems(path, document))
            if problems:
                raise DefinitionsRefused(problems)
            return tuple(_resources(path, document))
        case _:
            raise _refused(path, "is no object: write the lists as members agents and triggers", line=1)


def _document(path: Path) -> Document:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise _refused(path, f"is larger than {LARGEST_FILE} bytes: split it")
        # An editor may have put a byte order mark before the text.
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as exc:
        raise _refused(path, f"is not UTF-8: {exc}") from exc
    except OSError as exc:
        raise _refused(path, f"cannot be read: {exc.strerror or exc}") from exc
    try:
        return READERS[path.suffix.lower()](text)
    except DocumentRefused as exc:
        raise _refused(path, exc.problem, line=exc.line) from exc


def _problems(path: Path, document: Document) -> Iterator[Problem]:
    for name, value in document.value.items():
        if name == _SCHEMA:
            continue
        place = _place(path, document.line((name,)))
        if name not in LISTS:
            remedy = f"is not known here: a file has the lists {' and '.join(LISTS)}"
            yield Problem(place=place, resource="", field=name, value=None, remedy=remedy)
        elif not isinstance(value, list | None):
            yield Problem(place=place, resource="", field=name, value=None, remedy="must be a list")
        for index, each in enumerate(value if isinstance(value, list) else ()):
            if not isinstance(each, dict):
                place = _place(path, document.line((name, index)))
                yield Problem(place, "", f"{name}.{index}", each, f"must be an object with the fields of {name[:-1]}s")


def _resources(path: Path, document: Document) -> Iterator[Written]:
    for name, kind in LISTS.items():
        for index, fields in enumerate(document.value.get(name) or ()):
            yield Written(kind, fields, place=_places(path, document, name, index))


def _places(path: Path, document: Document, name: str, index: int) -> Callable[[str], str]:
    def place(field: str) -> str:
        steps: list[str | int] = [int(step) if step.isdecimal() else step for step in field.split(".") if field]
        return _place(path, document.line((name, index, *steps)))

    return place


def _place(path: Path, line: int | None) -> str:
    return str(path) if line is None else f"{path}:{line}"


def _refused(path: Path, remedy: str, *, line: int | None = None) -> DefinitionsRefused:
    problem: Any = Problem(place=_place(path, line), resource="", field="", value=None, remedy=remedy)
    return DefinitionsRefused([problem])
