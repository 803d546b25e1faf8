"""Every reference leads somewhere, nothing is declared in vain, and nothing waits for itself."""

import re
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter

from infra.configuration import Dynamic, files, items, local_values, of_kind, references
from infra.provider import documented

_ATTRIBUTE = re.compile(
    r"(?<![\w.])(?P<data>data\.)?(?P<type>google_[a-z0-9_]+)\.(?P<name>[a-z_]+)(?:\[[^\]]*\])?\.(?P<attribute>[a-z_]+)"
)


def test_every_reference_resolves() -> None:
    known = {item.address for item in items()} | {f"local.{name}" for name in local_values()}

    assert [(file, address) for file, address in references() if address not in known] == []


def test_every_attribute_that_is_asked_for_is_documented() -> None:
    unknown = []
    for file in files():
        for found in _ATTRIBUTE.finditer(file.read_text()):
            known = documented("data" if found["data"] else "resource", found["type"])
            if known is None or found["attribute"] not in {*known.arguments, *known.attributes}:
                unknown.append((file.name, found[0]))

    assert unknown == []


def test_every_variable_local_value_and_data_source_is_used() -> None:
    used = {address for _, address in references()}
    declared = {item.address for item in of_kind("variable", "data")} | {f"local.{name}" for name in local_values()}

    assert declared - used == set()


def test_nothing_depends_on_itself() -> None:
    order = list(TopologicalSorter(dict(_dependencies())).static_order())

    assert {item.address for item in of_kind("resource")} <= set(order)


def _dependencies() -> Iterator[tuple[str, set[str]]]:
    """What each item and local value refers to; `depends_on` too."""
    for item in of_kind("resource", "data", "output"):
        yield item.address, set(_addresses(item.body))
    for name, value in local_values().items():
        yield f"local.{name}", set(_addresses(value))


def _addresses(value: object) -> Iterator[str]:
    match value:
        case Mapping():
            for each in value.values():
                yield from _addresses(each)
        case list():
            for each in value:
                yield from _addresses(each)
        case str():
            yield from re.findall(r"(?<![\w.])(?:local\.[a-z_]+|(?:data\.)?google_[a-z0-9_]+\.[a-z_]+)", value)
        case Dynamic(collection=collection, content=content):
            yield from _addresses(collection)
            yield from _addresses(content)
