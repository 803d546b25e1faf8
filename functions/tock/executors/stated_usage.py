"""Reads what an agent states that it consumed, as JSON in Tock's own words."""

from collections.abc import Mapping
from typing import Any

from tock.core.run.outcome import Usage

#: The members of a JSON object that states usage.
FIELDS = ("input_tokens", "output_tokens", "cost", "model")
REMEDY = 'write {"input_tokens": n, "output_tokens": n, "cost": dollars, "model": name}, each of them optional'


def stated_usage(given: Any) -> Usage | None:
    """Return the usage that an object states, or None if it states none. Its values may be anything: see the gate."""
    if not isinstance(given, Mapping):
        return None
    known = {name: given[name] for name in FIELDS if given.get(name) is not None}
    return Usage(**known) if known else None
