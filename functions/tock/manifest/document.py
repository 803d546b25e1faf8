"""Reads a YAML or JSON text as JSON values, with the line of each.

YAML is read by the core schema of YAML 1.2.2 (section 10.3): `no`, `on`, `12:30` and dates are texts, `1e3` is a
number. What two readers could understand differently is refused: members that occur twice, names that are not texts,
numbers that look octal, tags, and aliases.
"""

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from yaml import MappingNode, Node, SafeLoader, ScalarNode, SequenceNode, compose, compose_all
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import AliasEvent

from tock.core.json.strict import NotStrictJson, strict_json
from tock.core.json.value import MAX_DEPTH

#: The steps from the top of a document to a value.
Path = tuple[str | int, ...]
#: The largest file, in bytes.
LARGEST_FILE = 4 * 1024 * 1024
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE, _FALSE = frozenset({"true", "True", "TRUE"}), frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_ODD = re.compile(r"0[xo][0-9a-fA-F]+|[-+]?0[0-9]+", re.ASCII)
_MOST_DIGITS = 4300


class DocumentRefused(Exception):
    """A text cannot be read; `line` is where, or None."""

    def __init__(self, problem: str, *, line: int | None = None) -> None:
        self.problem = problem
        self.line = line
        super().__init__(problem)


@dataclass(frozen=True, slots=True)
class Document:
    """The value of a text, and the line of each part of it, from 1."""

    value: Any
    lines: Mapping[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int | None:
        """Return the line of the part at this path, or that of the nearest part around it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def read_yaml(text: str) -> Document:
    """Return a YAML document. Raises DocumentRefused."""
    root = _composed(text)
    lines: dict[Path, int] = {}
    return Document(None if root is None else _value(root, (), lines), lines)


def read_yaml_stream(text: str) -> tuple[Document, ...]:
    """Return the documents of a YAML text, which `---` separates. Raises DocumentRefused."""
    found: list[Document] = []
    for root in _all_composed(text):
        lines: dict[Path, int] = {}
        found.append(Document(_value(root, (), lines), lines))
    return tuple(found)


def read_json(text: str) -> Document:
    """Return a JSON document. Raises DocumentRefused."""
    try:
        value = strict_json(text.encode())
    except NotStrictJson as exc:
        found = re.search(r"at line (\d+), column", str(exc))
        raise DocumentRefused(f"is not JSON: {exc}", line=int(found[1]) if found else None) from exc
    lines: dict[Path, int] = {}
    try:
        # JSON is YAML but for tabs between its tokens, which stand in no text of valid JSON.
        root = _composed(text.replace("\t", " "))
        if root is not None:
            _value(root, (), lines)
    except DocumentRefused:
        return Document(value)
    return Document(value, lines)


class _PlainLoader(SafeLoader):  # type: ignore[misc] # PyYAML has no types
    """Leaves every plain scalar as text, so that this module decides what it means."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - as the class above has it

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        """Return the next part of the document. Raises DocumentRefused for an alias or a tag."""
        event = self.peek_event()
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent):
            raise DocumentRefused(f"has the alias *{event.anchor}: write the value again instead", line=line)
        if (tag := getattr(event, "tag", None)) is not None:
            raise DocumentRefused(f"has the tag {tag}: write the value without one", line=line)
        found: Node | None = super().compose_node(parent, index)
        return found


def _composed(text: str) -> Node | None:
    with _errors():
        root: Node | None = compose(text, Loader=_PlainLoader)
        return root


def _all_composed(text: str) -> list[Node]:
    with _errors():
        return list(compose_all(text, Loader=_PlainLoader))


@contextmanager
def _errors() -> Iterator[None]:
    """Raise what goes wrong while a text is read as DocumentRefused."""
    try:
        yield
    except MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        problem = " ".join(part for part in (exc.problem, exc.context) if part)
        raise DocumentRefused(f"is not YAML: {problem}", line=mark.line + 1 if mark else None) from exc
    except YAMLError as exc:
        raise DocumentRefused(f"is not YAML: {' '.join(str(exc).split())[:300]}") from exc
    except RecursionError as exc:
        raise DocumentRefused(f"is nested deeper than {MAX_DEPTH} levels") from exc


def _value(node: Node, path: Path, lines: dict[Path, int]) -> Any:
    lines.setdefault(path, _line(node))
    if len(path) > MAX_DEPTH:
        raise DocumentRefused(f"is nested deeper than {MAX_DEPTH} levels", line=_line(node))
    match node:
        case ScalarNode():
            return _scalar(node)
        case SequenceNode():
            return [_value(each, (*path, index), lines) for index, each in enumerate(node.value)]
        case MappingNode():
            return _members(node, path, lines)
    raise DocumentRefused("has a part of an unknown kind", line=_line(node))


def _members(node: MappingNode, path: Path, lines: dict[Path, int]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, inner in node.value:
        name = _scalar(key) if isinstance(key, ScalarNode) else None
        if not isinstance(name, str):
            shown = key.value if isinstance(key, ScalarNode) else "a list or an object"
            raise DocumentRefused(f"has the name {shown!r}, which is no text: quote it", line=_line(key))
        if name in members:
            raise DocumentRefused(f"has {name!r} twice in one object: keep one", line=_line(key))
        lines[*path, name] = _line(key)
        members[name] = _value(inner, (*path, name), lines)
    return members


def _scalar(node: ScalarNode) -> Any:
    text: str = node.value
    if node.style is not None:
        return _whole(text, node)
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _ODD.fullmatch(text):
        raise DocumentRefused(
            f"has {text}, which readers take for different numbers: quote it, or write it in decimal", line=_line(node)
        )
    if _INTEGER.fullmatch(text) and len(text) <= _MOST_DIGITS:
        return int(text)
    if _FLOAT.fullmatch(text) or _SPECIAL.fullmatch(text):
        number = math.inf if _SPECIAL.fullmatch(text) else float(text)
        if not math.isfinite(number):
            raise DocumentRefused(f"has {text[:64]}, which is no finite number", line=_line(node))
        return number
    return _whole(text, node)


def _whole(text: str, node: Node) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as exc:
        raise DocumentRefused("has half of a surrogate pair, which is no character", line=_line(node)) from exc
    return text


def _line(node: Node) -> int:
    line: int = node.start_mark.line
    return line + 1
