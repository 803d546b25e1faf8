"""How a result is held against an agent's schema."""

from typing import Any

import pytest

from tock.executors.llm.output_schema import checked_schema, validator

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
        ({}, ["'names' is a required property"]),
        ({"names": ["b"]}, ["does not match '^(a+)+$'"]),
        ({"names": ["a" * 41]}, [f"'{'a' * 41}' is too long"]),
        # A backtracking engine would take longer than the universe has existed.
        ({"names": ["a" * 39 + "!"]}, ["does not match '^(a+)+$'"]),
    ],
    ids=["fits", "absent", "other text", "too long", "catastrophe"],
)
def test_each_problem_is_named(result: Any, problems: list[str]) -> None:
    found = validator(checked_schema(SCHEMA))

    assert [error.message for error in found.iter_errors(result)] == problems
