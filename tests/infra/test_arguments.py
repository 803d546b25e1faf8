"""Every resource says what the provider's documentation knows, and all that it requires."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from infra.configuration import META, Dynamic, Item, arguments, documents, files, is_block, of_kind
from infra.provider import documented, facts

ITEMS = of_kind("resource", "data")


def test_every_file_parses_and_says_something() -> None:
    assert [file.name for file in files() if not set(documents()[file.name]) - {"__comments__"}] == []


def test_the_facts_are_of_a_provider_that_the_configuration_accepts() -> None:
    [wanted] = [
        block["required_providers"][0]["google"]
        for document in documents().values()
        for block in document.get("terraform", [])
    ]
    major, minor = wanted["version"].strip('"').removeprefix("~> ").split(".")
    known_major, known_minor, _ = facts()["version"].split(".")

    assert wanted["source"] == '"hashicorp/google"'
    assert (major, minor) == (known_major, known_minor)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.address)
def test_a_resource_is_documented_and_says_only_what_is(item: Item) -> None:
    known = documented(item.kind, item.type)

    assert known is not None, f"provider_facts.json does not know {item.type}"
    assert not known.beta_only, f"{item.type} is in google-beta only"
    assert list(_problems(item.body, known.arguments, path=item.address)) == []


def _problems(body: Mapping[str, Any], known: Mapping[str, Any], *, path: str) -> Iterator[str]:
    written = {name: value for name, value in arguments(body).items() if name not in META}
    for name, value in written.items():
        here = f"{path}.{name}"
        if name not in known:
            yield f"{here}: there is no such argument"
            continue
        fact = known[name]
        if fact.get("in_ga_schema") is False or fact.get("beta_only"):
            yield f"{here}: in google-beta only"
        blocks = _blocks(value)
        if (blocks is not None) != ("block" in fact):
            yield f"{here}: must be {'a block' if 'block' in fact else 'an argument'}"
        for block in blocks or ():
            yield from _problems(block, fact.get("block", {}), path=here)
    for name, fact in known.items():
        if fact["required"] and name not in written:
            yield f"{path}.{name}: is required"


def _blocks(value: Any) -> list[Mapping[str, Any]] | None:
    """The blocks that a value is made of, or None when it is an argument."""
    if isinstance(value, Dynamic):
        return [value.content]
    return list(value) if is_block(value) else None
