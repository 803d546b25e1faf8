"""What a model's tokens cost, as the deployment sets it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tock.core.run.outcome import MAX_MODEL

#: The highest price that is taken: a dollar for each token.
MAX_PRICE = 1_000_000
#: How many models can have a price of their own.
MAX_PRICES = 1_000
_MILLION = 1_000_000
_EXAMPLE = '{"openai:gpt-5": {"input": 1.25, "output": 10}}'


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens of each kind."""

    input: float
    output: float

    def of(self, *, input_tokens: int, output_tokens: int) -> float:
        """Return what so many tokens cost, in US dollars."""
        return (input_tokens * self.input + output_tokens * self.output) / _MILLION


def prices_of(given: Any) -> dict[str, Price]:
    """Return the price of each model by its name.

    Raises:
        ValueError: it is no object of prices; the message names the model and the field, the value and a remedy.
    """
    if not isinstance(given, Mapping) or len(given) > MAX_PRICES:
        raise ValueError(f"is no object of at most {MAX_PRICES} models: write one such as {_EXAMPLE}")
    return {name: _price(name, price) for name, price in given.items()}


def _price(name: Any, given: Any) -> Price:
    if not isinstance(name, str) or not 1 <= len(name) <= MAX_MODEL:
        raise ValueError(f"{_quoted(name)} is no name of a model: write 1 to {MAX_MODEL} characters")
    if isinstance(given, Price):
        return given
    if not isinstance(given, Mapping) or given.keys() != {"input", "output"}:
        remedy = "write dollars for a million tokens of both kinds and nothing else"
        raise ValueError(f"the price of {_quoted(name)} is {_quoted(given)}: {remedy}, such as {_EXAMPLE}")
    for kind, dollars in given.items():
        number = isinstance(dollars, int | float) and not isinstance(dollars, bool)
        if not number or not math.isfinite(dollars) or not 0 <= dollars <= MAX_PRICE:
            remedy = f"write dollars for a million tokens, from 0 to {MAX_PRICE}"
            raise ValueError(f"{kind} of {_quoted(name)} is {_quoted(dollars)}: {remedy}")
    return Price(input=float(given["input"]), output=float(given["output"]))


def _quoted(value: Any) -> str:
    return repr(value)[:200]
