"""Prices that a deployment sets."""

from typing import Any

import pytest

from tock.core.run.price import MAX_PRICES, Price, prices_of


def test_a_price_is_for_a_million_tokens_of_each_kind() -> None:
    price = prices_of({"m": {"input": 2, "output": 10.0}})["m"]

    assert price == Price(input=2.0, output=10.0)
    assert price.of(input_tokens=500_000, output_tokens=100_000) == 2.0
    assert price.of(input_tokens=0, output_tokens=0) == 0.0


WRONG: dict[str, tuple[Any, str]] = {
    "a list": ([], "is no object of at most"),
    "too many": ({f"m{number}": {"input": 1, "output": 1} for number in range(MAX_PRICES + 1)}, "of at most 1000"),
    "no name": ({"": {"input": 1, "output": 1}}, "'' is no name of a model: write 1 to 200 characters"),
    "a number": ({"m": 3}, "the price of 'm' is 3: write dollars for a million tokens of both kinds"),
    "one kind": ({"m": {"input": 3}}, "the price of 'm' is {'input': 3}: write dollars"),
    "another kind": ({"m": {"input": 3, "output": 1, "cache": 1}}, "the price of 'm' is"),
    "a text": ({"m": {"input": "3", "output": 1}}, "input of 'm' is '3': write dollars for a million tokens, from 0"),
    "negative": ({"m": {"input": 3, "output": -1}}, "output of 'm' is -1: write dollars"),
    "not a number": ({"m": {"input": 3, "output": float("nan")}}, "output of 'm' is nan"),
    "endless": ({"m": {"input": float("inf"), "output": 1}}, "input of 'm' is inf"),
    "true": ({"m": {"input": True, "output": 1}}, "input of 'm' is True"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_price_is_refused_with_its_model_its_value_and_a_remedy(case: str) -> None:
    given, says = WRONG[case]

    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the message is looked at
        prices_of(given)

    assert says in str(refused.value)
