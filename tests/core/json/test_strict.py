"""JSON from outside: what two readers could understand differently, or nobody can store, is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tock.core.json.strict import NotStrictJson, strict_json

REFUSED = {
    "nothing": (b"", "line 1, column 1"),
    "a repeated member": (b'{"a": 1, "a": 1}', "member 'a' occurs twice"),
    "a repeated member inside": (b'[{"x": {"b": 1, "c": 2, "b": 3}}]', "member 'b' occurs twice"),
    "a member repeated with an escape": (b'{"a": 1, "\\u0061": 2}', "member 'a' occurs twice"),
    "a number that is none": (b"[NaN]", "NaN is not a JSON value"),
    "infinity": (b"-Infinity", "-Infinity is not a JSON value"),
    "beyond a float": (b"1e999", "JSON"),
    "endless digits": (b"9" * 5000, "digits"),
    "half a character": (b'"\\ud800"', "Unicode"),
    "half a character as a name": (b'{"\\ud800": 1}', "Unicode"),
    "not UTF-8": (b'"\xff"', "Unicode"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "Unicode"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "BOM"),
    "two values": (b"{} {}", "line 1, column 4"),
    "65 levels": (b"[" * 65 + b"]" * 65, "nested deeper than 64 levels"),
    "65 levels of objects": (b'{"a":' * 65 + b"1" + b"}" * 65, "nested deeper than 64 levels"),
    "a deep hole": (b"[" * 100_000, "nested deeper than 64 levels"),
}


@pytest.mark.parametrize(("text", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_relied_on_is_refused(text: bytes, says: str) -> None:
    with pytest.raises(NotStrictJson) as refused:
        strict_json(text)

    assert says in str(refused.value)
    assert len(str(refused.value)) < 200


def test_the_same_name_in_two_objects_and_64_levels_are_accepted() -> None:
    assert strict_json(b'[{"a": {"a": 1}}, {"a": 2}]') == [{"a": {"a": 1}}, {"a": 2}]
    assert strict_json(b"[" * 64 + b"]" * 64) == json.loads("[" * 64 + "]" * 64)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    )
)
def test_every_other_value_is_returned_as_it_is(value: Any) -> None:
    assert strict_json(json.dumps(value).encode()) == value


@given(st.binary())
def test_bytes_are_a_value_or_refused(text: bytes) -> None:
    try:
        value = strict_json(text)
    except NotStrictJson:
        return
    assert json.loads(text) == value
