"""The Terraform of `infra/` as written: its blocks, parsed by python-hcl2."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import hcl2

INFRA = Path(__file__).parents[2] / "infra"
#: The keys that python-hcl2 adds for blocks and comments.
_ADDED = ("__is_block__", "__comments__", "__inline_comments__")
#: The meta-arguments, which every resource takes.
META = frozenset({"count", "for_each", "depends_on", "lifecycle", "provider"})


@dataclass(frozen=True, slots=True)
class Item:
    """A resource, data source, variable or output, with its body."""

    kind: str
    type: str
    name: str
    body: Mapping[str, Any]

    @property
    def address(self) -> str:
        """The address by which expressions refer to it."""
        prefix = {"resource": "", "data": "data.", "variable": "var.", "output": "output."}[self.kind]
        return f"{prefix}{self.type}.{self.name}" if self.type else f"{prefix}{self.name}"


@dataclass(frozen=True, slots=True)
class Dynamic:
    """A `dynamic` block, which makes one block per member of its collection."""

    collection: Any
    content: Mapping[str, Any]


def files() -> tuple[Path, ...]:
    """Return all Terraform files, in order."""
    return tuple(sorted(INFRA.glob("*.tf")))


@cache
def documents() -> Mapping[str, Mapping[str, Any]]:
    """Return the parsed files by name."""
    return {file.name: hcl2.loads(file.read_text()) for file in files()}


@cache
def items() -> tuple[Item, ...]:
    """Return every resource, data source, variable and output."""
    return tuple(
        item
        for document in documents().values()
        for holder in (document, *_checks(document))
        for kind in ("resource", "data", "variable", "output")
        for labelled in holder.get(kind, [])
        for item in _items(kind, labelled)
    )


@cache
def local_values() -> Mapping[str, Any]:
    """Return the expression of every local value, by name."""
    return {
        name: value
        for document in documents().values()
        for block in document.get("locals", [])
        for name, value in arguments(block).items()
    }


def of_kind(*kinds: str) -> tuple[Item, ...]:
    """Return the items of these kinds."""
    return tuple(item for item in items() if item.kind in kinds)


def of_type(*types: str) -> tuple[Item, ...]:
    """Return the resources of these types."""
    return tuple(item for item in items() if item.kind == "resource" and item.type in types)


def arguments(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments and blocks of a body, a `dynamic` block under the name of the blocks that it makes."""
    written = {name: value for name, value in body.items() if name not in _ADDED and name != "dynamic"}
    for labelled in body.get("dynamic", []):
        for label, block in labelled.items():
            if label not in _ADDED:
                written[text(label)] = Dynamic(block["for_each"], block["content"][0])
    return written


def is_block(value: Any) -> bool:
    """Whether the value is a block, not an argument."""
    return isinstance(value, list) and any(isinstance(each, dict) and "__is_block__" in each for each in value)


def text(value: str) -> str:
    """Return a quoted text or label without the quotes."""
    return value[1:-1] if value.startswith('"') else value


def references() -> Iterator[tuple[str, str]]:
    """Yield each file's name with each address that it refers to: `var.x`, `local.x`, `type.name`, `data.type.name`."""
    pattern = re.compile(r"(?<![\w.])(?:(?:var|local)\.[a-z_]+|(?:data\.)?google_[a-z0-9_]+\.[a-z_]+)")
    for file in files():
        code = re.sub(r"^\s*#.*$", "", file.read_text(), flags=re.MULTILINE)
        yield from ((file.name, address) for address in pattern.findall(code))


def _checks(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the `check` blocks of a file, which may contain data sources."""
    for labelled in document.get("check", []):
        yield from (body for label, body in labelled.items() if label not in _ADDED)


def _items(kind: str, labelled: Mapping[str, Any]) -> Iterator[Item]:
    for label, body in labelled.items():
        if label in _ADDED:
            continue
        if kind in {"variable", "output"}:
            yield Item(kind, "", text(label), body)
        else:
            yield from (Item(kind, text(label), text(name), each) for name, each in body.items() if name not in _ADDED)
