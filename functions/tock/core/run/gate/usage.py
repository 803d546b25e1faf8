"""The part of the gate that what an agent says it consumed passes."""

from typing import Any

from tock.core.json.value import whole_characters
from tock.core.run.gate.text import quoted
from tock.core.run.outcome import MAX_MODEL, Usage

#: The largest whole number that every reader of JSON takes exactly.
_MAX_TOKENS = 2**53 - 1
_MAX_COST = 1e12


def usage_of(given: Any) -> tuple[Usage, str | None]:
    """Return the usage as it can be stored and None, or no usage and what is wrong with it."""
    if not isinstance(given, Usage):
        return Usage(), f"it is of type {type(given).__name__}: give a Usage"
    for name in ("input_tokens", "output_tokens"):
        tokens = getattr(given, name)
        if not isinstance(tokens, int) or isinstance(tokens, bool) or not 0 <= tokens <= _MAX_TOKENS:
            return Usage(), f"its {name} is {quoted(tokens)}: give a whole number from 0"
    cost = given.cost
    if not isinstance(cost, int | float) or isinstance(cost, bool) or not 0 <= cost <= _MAX_COST:
        return Usage(), f"its cost is {quoted(cost)}: give a number of US dollars from 0"
    model: Any = given.model
    if model is not None and (not isinstance(model, str) or not 1 <= len(model) <= MAX_MODEL):
        return Usage(), f"its model is {quoted(model)}: give a name of 1 to {MAX_MODEL} characters, or None"
    named = None if model is None else whole_characters(model)
    return Usage(int(given.input_tokens), int(given.output_tokens), float(cost), named), None
