"""How a result is held against a schema, and which schemas are refused."""

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
