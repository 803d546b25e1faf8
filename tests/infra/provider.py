"""The arguments and attributes of resources and data sources in the provider's documentation, stored as data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FACTS = Path(__file__).with_name("provider_facts.json")


@dataclass(frozen=True, slots=True)
class Documented:
    """The arguments and attributes of one type."""

    arguments: Mapping[str, Any]
    attributes: tuple[str, ...]
    beta_only: bool


@cache
def facts() -> Mapping[str, Any]:
    """Return the stored data, with the version of the provider."""
    read: Mapping[str, Any] = json.loads(_FACTS.read_text())
    return read


def documented(kind: str, type_name: str) -> Documented | None:
    """Return the documentation of a `resource` or `data` type, or None."""
    found = facts()[{"resource": "resources", "data": "data_sources"}[kind]].get(type_name)
    if found is None:
        return None
    return Documented(found["arguments"], tuple(found["attributes"]), beta_only=found.get("beta_only", False))
