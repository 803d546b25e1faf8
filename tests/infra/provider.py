"""What the provider's documentation says of resources and data sources: facts kept as data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FACTS = Path(__file__).with_name("provider_facts.json")


@dataclass(frozen=True, slots=True)
class Documented:
    """What one type takes and gives."""

    arguments: Mapping[str, Any]
    attributes: tuple[str, ...]
    beta_only: bool


@cache
def facts() -> Mapping[str, Any]:
    """The facts, with the version of the provider that they are of."""
    read: Mapping[str, Any] = json.loads(_FACTS.read_text())
    return read


def documented(kind: str, type_name: str) -> Documented | None:
    """What is known of a resource (`resource`) or a data source (`data`) of this type, or None."""
    found = facts()[{"resource": "resources", "data": "data_sources"}[kind]].get(type_name)
    if found is None:
        return None
    return Documented(found["arguments"], tuple(found["attributes"]), beta_only=found.get("beta_only", False))
