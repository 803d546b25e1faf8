"""Names and texts: which are accepted, and which are refused."""

import json
import re
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tock.core.fields.types import LARGEST_OBJECT, Identifier, JsonObject, Label, Text, Title, WholeNumber

IDENTIFIER: TypeAdapter[str] = TypeAdapter(Identifier)
OBJECT: TypeAdapter[dict[str, Any]] = TypeAdapter(JsonObject)


@pytest.mark.parametrize("given", ["a", "7", "morning-digest", "Morning_Digest.v2", "...", "__a", "a__", "x" * 255])
def test_an_id_is_accepted(given: str) -> None:
    assert IDENTIFIER.validate_python(given) == given


@pytest.mark.parametrize(
    "given",
    [
        "",
        "x" * 256,
        "a b",
        "a/b",
        "a:run",
        "größe",
        "a\n",
        "a\x00",
        ".",
        "..",
        "__a__",
        "____",
        "new",
        "preview",
        "run",
    ],
)
def test_an_id_is_refused(given: str) -> None:
    with pytest.raises(ValidationError):
        IDENTIFIER.validate_python(given)


def test_a_reserved_id_says_so() -> None:
    with pytest.raises(ValidationError, match="'new' is reserved: choose another id"):
        IDENTIFIER.validate_python("new")


BOUNDS: dict[str, tuple[Any, str, str | None]] = {
    "a title is trimmed": (Title, "  Morning digest ", "Morning digest"),
    "the longest title": (Title, "x" * 256, "x" * 256),
    "a title that is too long": (Title, "x" * 257, None),
    "a title of nothing": (Title, "   ", None),
    "a text may be empty": (Text, "", ""),
    "a text keeps its spaces": (Text, " a\n", " a\n"),
    "the longest text": (Text, "x" * 8000, "x" * 8000),
    "a text that is too long": (Text, "x" * 8001, None),
    "a text that cannot be written": (Text, "\ud800", None),
    "a label is trimmed": (Label, " small ", "small"),
    "a label of nothing": (Label, " ", None),
}


@pytest.mark.parametrize(("kind", "given", "kept"), BOUNDS.values(), ids=BOUNDS)
def test_bounds_of_texts(kind: Any, given: str, kept: str | None) -> None:
    adapter: TypeAdapter[str] = TypeAdapter(kind)

    if kept is None:
        with pytest.raises(ValidationError):
            adapter.validate_python(given)
    else:
        assert adapter.validate_python(given) == kept


SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
FILLED = st.tuples(
    st.sampled_from(["", "a", "x" * 254, "x" * 255, "x" * 256]), st.text(SPACES + "a\x1c\u200b", max_size=3)
)


@drawn(st.text(SPACES, max_size=2), FILLED)
def test_pattern_of_a_label_accepts_what_is_accepted(before: str, filled: tuple[str, str]) -> None:
    adapter: TypeAdapter[str] = TypeAdapter(Label)
    text = before + "".join(filled)
    try:
        adapter.validate_python(text)
        is_accepted = True
    except ValidationError:
        is_accepted = False

    # A `$` of Python, other than that of JSON Schema, also matches before a line break at the end.
    pattern = adapter.json_schema()["pattern"].removesuffix("$") + r"\Z"
    assert (re.search(pattern, text) is not None) == is_accepted


@pytest.mark.parametrize("given", [7, 7.0, 0, -0.0])
def test_a_whole_number_is_accepted_as_json_writes_it(given: float) -> None:
    found = TypeAdapter(WholeNumber).validate_python(given)

    assert (found, type(found)) == (given, int)


@pytest.mark.parametrize("given", ["7", True, 7.5, None, float("inf"), [7]], ids=str)
def test_anything_else_is_no_whole_number(given: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(WholeNumber).validate_python(given)


def of_size(size: int) -> dict[str, Any]:
    return {"a": "x" * (size - len(json.dumps({"a": ""})))}


@pytest.mark.parametrize(
    "given", [{}, {"a": [1, {"b": None}]}, {"ü": "ü"}, of_size(LARGEST_OBJECT)], ids=["empty", "nested", "ü", "largest"]
)
def test_an_object_is_accepted(given: dict[str, Any]) -> None:
    assert OBJECT.validate_python(given) == given


REFUSED: dict[str, tuple[Any, str]] = {
    "too large": (of_size(LARGEST_OBJECT + 1), "holds 65537 bytes of JSON: at most 65536 are accepted"),
    "not a number": ({"a": float("nan")}, "must be JSON"),
    "without end": ({"a": float("inf")}, "must be JSON"),
    "no JSON": ({"a": {1, 2}}, "must be JSON"),
    "a list": ([1], "valid dictionary"),
    "a text": ("{}", "valid dictionary"),
}


@pytest.mark.parametrize(("given", "because"), REFUSED.values(), ids=REFUSED)
def test_an_object_is_refused(given: Any, because: str) -> None:
    with pytest.raises(ValidationError, match=because):
        OBJECT.validate_python(given)
