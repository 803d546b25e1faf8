"""JSON values that can be stored and shown: what is refused, what is replaced, and that nothing else changes."""

import json
from collections import OrderedDict, UserDict
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, field_serializer

from tock.core.json.value import (
    MAX_DEPTH,
    NotJsonError,
    TooLargeError,
    cut_text,
    json_size,
    replace_by_json,
    require_json,
    text_of,
    whole_characters,
)

LIMIT = 16 * 1024


class Colour(StrEnum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class Shouting(str):
    __slots__ = ()

    def __str__(self) -> str:
        raise ZeroDivisionError

    def encode(self, *_: Any) -> bytes:
        raise ZeroDivisionError


@dataclass
class Point:
    x: Any


class Report(BaseModel):
    points: list[Point] = []


class Broken(BaseModel):
    x: int = 1

    @field_serializer("x")
    def refuse(self, _: int) -> int:
        raise GeneratorExit("not now")


class Unreadable:
    def __str__(self) -> str:
        raise GeneratorExit

    __repr__ = __str__


def nested(levels: int) -> Any:
    value: Any = "deep"
    for _ in range(levels):
        value = [value]
    return value


def endless() -> Any:
    value: list[Any] = []
    value.extend([value] * 10)
    return value


KEPT: dict[str, tuple[Any, Any]] = {
    "a text": ("ü😀", "ü😀"),
    "a tuple": ((1, None), [1, None]),
    "a mapping": (UserDict({"a": 1}), {"a": 1}),
    "an ordered dict": (OrderedDict(a=1), {"a": 1}),
    "an enum of texts": (Colour.RED, "red"),
    "an enum of numbers": (Level.HIGH, 3),
    "a text with methods of its own": (Shouting("hey"), "hey"),
    "a dataclass": (Point(x=1), {"x": 1}),
    "a model in a list": ([Report(points=[Point(x=True)])], [{"points": [{"x": True}]}]),
    "64 levels": (nested(MAX_DEPTH), nested(MAX_DEPTH)),
    "a large number": (10**300, 10**300),
}


@pytest.mark.parametrize("case", KEPT)
def test_what_is_json_becomes_a_plain_copy(case: str) -> None:
    value, plain = KEPT[case]

    kept = require_json(value, max_bytes=LIMIT)

    assert kept == plain
    assert type(kept) is type(plain)
    assert replace_by_json(value, max_bytes=LIMIT) == (plain, False)


REFUSED: dict[str, tuple[Any, str, Any]] = {
    "not a number": ({"a": [float("nan")]}, "a[0] is nan, not a finite number", {"a": ["nan"]}),
    "infinite": (float("-inf"), "is -inf, not a finite number", "-inf"),
    "half a pair": ({"a": "x\ud800"}, "a holds half of a surrogate pair, which is no character", {"a": "x\ufffd"}),
    "half a pair in a key": ({"\udc80": 1}, "holds half of a surrogate pair, which is no character", {"\ufffd": 1}),
    "a number as a key": ({"a": {1: 2}}, "a has the key 1 of type int; JSON keys are texts", {"a": {"1": 2}}),
    "a decimal": (
        [Decimal("1.5")],
        "[0] is of type Decimal, not JSON: give its str()",
        ["1.5"],
    ),
    "a set": ({1}, "is of type set, not JSON: give a list", "{1}"),
    "bytes": (b"a", "is of type bytes, not JSON: give a text, such as its decode()", "b'a'"),
    "65 levels": (nested(MAX_DEPTH + 1), "is nested deeper than 64 levels", None),
    "a model that cannot be written": (
        Broken(),
        "cannot be written as JSON: Error calling function `refuse`: GeneratorExit: not now",
        None,
    ),
    "a dataclass that holds nan": (Point(x=float("nan")), "x is nan, not a finite number", {"x": "nan"}),
    "a number of 5000 digits": (10**5000, "is too large", None),
    "an object without a text": (
        Unreadable(),
        "is of type Unreadable, not JSON: give a text, number, list or dict, a pydantic model or a dataclass",
        "<Unreadable, whose text cannot be read: GeneratorExit>",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_json_is_refused_or_replaced(case: str) -> None:
    value, problem, instead = REFUSED[case]

    with pytest.raises(NotJsonError) as refused:
        require_json(value, max_bytes=LIMIT)
    replaced, changed = replace_by_json(value, max_bytes=LIMIT)

    assert str(refused.value).endswith(problem)
    assert changed
    if instead is not None:
        assert replaced == instead
    json.dumps(replaced, allow_nan=False, ensure_ascii=False).encode()


@pytest.mark.parametrize("value", [endless(), {"a": endless()}, "x" * 2**25, ["x"] * 100_000])
def test_what_is_too_large_is_refused_or_cut_and_never_takes_long(value: Any) -> None:
    with pytest.raises((TooLargeError, NotJsonError)):
        require_json(value, max_bytes=LIMIT)
    beginning, changed = replace_by_json(value, max_bytes=LIMIT)

    assert isinstance(beginning, str)
    assert changed
    assert json_size(beginning) <= LIMIT


@given(st.text(st.characters(), max_size=200), st.integers(2, 100))
def test_the_beginning_of_a_text_keeps_to_its_bytes(text: str, limit: int) -> None:
    beginning = cut_text(whole_characters(text), max_bytes=limit)

    assert whole_characters(text).startswith(beginning)
    assert json_size(beginning) <= limit


def test_two_halves_of_a_pair_become_their_character() -> None:
    assert whole_characters("\ud83d\ude00 \ude00") == "😀 \ufffd"


def test_a_text_that_cannot_be_read_says_so() -> None:
    assert text_of(Unreadable()) == "<Unreadable, whose text cannot be read: GeneratorExit>"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values)
def test_json_stays_as_it_is(value: Any) -> None:
    text = json.dumps(value)

    assert json.dumps(require_json(value, max_bytes=10**6)) == text
    assert json.dumps(replace_by_json(value, max_bytes=10**6)[0]) == text
