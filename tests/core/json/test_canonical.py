"""The canonical form of a JSON value does not depend on how its text was written."""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tock.core.json.canonical import canonical

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a": 1, "b": {"c": 2, "d": 3}}', '{"b":{"d":3,"c":2},"a":1}'),
        ("[1.0, 100, -0.0]", "[1, 1e2, 0]"),
        ('{"\\u0061": "\\u00fc"}', '{"a": "ü"}'),
    ],
)
def test_texts_of_one_value_are_the_same(one: str, other: str) -> None:
    assert json.dumps(canonical(json.loads(one))) == json.dumps(canonical(json.loads(other)))


@pytest.mark.parametrize(
    ("one", "other"), [("[1, 2]", "[2, 1]"), ("1", "true"), ("1", '"1"'), ("{}", "null"), ("1.5", "1"), ("0", "false")]
)
def test_texts_of_two_values_differ(one: str, other: str) -> None:
    assert json.dumps(canonical(json.loads(one))) != json.dumps(canonical(json.loads(other)))


@given(VALUES, st.randoms(use_true_random=False))
def test_the_order_of_members_does_not_matter_and_the_value_stays(value: Any, order: random.Random) -> None:
    def shuffled(inner: Any) -> Any:
        if isinstance(inner, dict):
            names = list(inner)
            order.shuffle(names)
            return {name: shuffled(inner[name]) for name in names}
        return [shuffled(each) for each in inner] if isinstance(inner, list) else inner

    form = canonical(value)

    assert json.dumps(form) == json.dumps(canonical(shuffled(value)))
    assert form == value
