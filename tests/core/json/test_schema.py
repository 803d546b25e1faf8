"""How a result is held against a schema, and which schemas are refused."""

import tracemalloc
from typing import Any

import pytest

from tock.core.json.schema import MAX_VALUES, misfits, written_out

SCHEMA = {
    "type": "object",
    "$defs": {"name": {"type": "string", "pattern": "^(a+)+$"}},
    "properties": {"names": {"type": "array", "items": {"$ref": "#/$defs/name", "maxLength": 40}}},
    "required": ["names"],
}


@pytest.mark.parametrize(
    ("result", "problems"),
    [
        ({"names": ["aaa"]}, []),
        ({}, ["$: 'names' is a required property"]),
        ({"names": ["b"]}, ["$.names[0]: does not match '^(a+)+$'"]),
        ({"names": ["a" * 41]}, [f"$.names[0]: '{'a' * 41}' is too long"]),
        # A backtracking engine would take longer than the universe has existed.
        ({"names": ["a" * 39 + "!"]}, ["$.names[0]: does not match '^(a+)+$'"]),
    ],
    ids=["fits", "absent", "other text", "too long", "catastrophe"],
)
def test_each_problem_is_named(result: Any, problems: list[str]) -> None:
    assert misfits(result, written_out(SCHEMA)) == problems


@pytest.mark.parametrize(
    ("items", "unique"),
    [([], True), ([1, 2], True), ([1, 1.0], False), ([{"a": 1, "b": 2}, {"b": 2, "a": 1}], False), ([0, False], True)],
)
def test_items_that_must_be_unique_are_compared_as_json_does(items: list[Any], *, unique: bool) -> None:
    # The library's own words quote the list, which it compares item by item.
    assert misfits(items, written_out({"uniqueItems": True})) == ([] if unique else ["$: has items that are equal"])
    assert misfits(items, written_out({"uniqueItems": False})) == []


BRANCHES = [{"type": "integer"}, {"type": "string", "maxLength": 3}, {"const": "abc"}]
NONE, TWO = "$: is valid under 0 of the given schemas", "$: is valid under 2 of the given schemas"


@pytest.mark.parametrize(
    ("keyword", "value", "problems"),
    [
        ("anyOf", 7, []),
        ("anyOf", "abc", []),
        ("anyOf", None, ["$: is not valid under any of the given schemas"]),
        ("oneOf", 7, []),
        ("oneOf", "abc", [f"{TWO}, and must be under one"]),
        ("oneOf", None, [f"{NONE}, and must be under one"]),
    ],
)
def test_a_choice_of_schemas_says_how_many_fit(keyword: str, value: Any, problems: list[str]) -> None:
    assert misfits(value, written_out({keyword: BRANCHES})) == problems


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
def test_a_choice_that_a_large_value_does_not_fit_keeps_no_copies_of_it(keyword: str) -> None:
    value = "x" * 256 * 1024
    schema = written_out({keyword: [{"maxLength": length} for length in range(400)]})
    misfits(value, schema)

    tracemalloc.start()
    try:
        [problem] = misfits(value, schema)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(problem) < 250
    assert most < 10 * len(value)


def test_only_some_problems_are_told_and_each_is_short() -> None:
    problems = misfits(["x" * 1000] * 9, written_out({"items": {"type": "integer"}}), most=3)

    assert [problem.partition(":")[0] for problem in problems] == ["$[0]", "$[1]", "$[2]"]
    assert max(map(len, problems)) < 250


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no schema": ({"type": "text"}, "is no JSON Schema at $.type: 'text' is not"),
    "another document": ({"$ref": "https://example.com/schema"}, "must be #/$defs/NAME"),
    "a file": ({"$ref": "file:///etc/passwd"}, "must be #/$defs/NAME"),
    "an absent definition": ({"$ref": "#/$defs/x"}, "with NAME in the schema's own $defs"),
    "itself": ({"$defs": {"x": {"items": {"$ref": "#/$defs/x"}}}, "$ref": "#/$defs/x"}, "refers to itself"),
    "a dynamic reference": ({"$dynamicRef": "#x"}, "leave $dynamicRef out"),
    "a name of its own": ({"$id": "https://example.com/"}, "leave $id out"),
    "patterns of names": ({"patternProperties": {"a": {}}}, "leave patternProperties out"),
    # The library applies each level twice, and those below it twice again.
    "what is left of an object": ({"unevaluatedProperties": False}, "leave unevaluatedProperties out"),
    "what is left of a list": ({"items": {"unevaluatedItems": False}}, "leave unevaluatedItems out"),
    "look-around": ({"pattern": "(?=a)"}, "has look-around or back-references"),
    "too much": (
        {"$defs": {"x": {"enum": list(range(900))}}, "anyOf": [{"$ref": "#/$defs/x"}] * 9},
        f"has more than {MAX_VALUES} values",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_schema_that_would_fetch_or_take_too_long_is_refused(case: str) -> None:
    schema, says = REFUSED[case]

    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the message is looked at
        written_out(schema)

    assert says in str(refused.value)
